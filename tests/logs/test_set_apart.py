"""A counter-entry that went to another week, in an export that is audited with its logs."""

from collections import Counter
from pathlib import Path

import pytest
import recorded_logs as logged
from recorded_logs import Record

OTHER = {"2026-08": "2026-09", "2026-09": "2026-10", "2026-10": "2026-08"}


def elsewhere(rows: list[Record]) -> Record:
    """A counter-entry that is the only late row of its day beside the entry that it answers."""
    late = [row for row in rows if row["created_at"] > "2026-11"]
    days = Counter((row["user_id"], row["date"]) for row in late)
    amounts = Counter((row["user_id"], row["date"], float(row["amount"])) for row in late)
    return next(
        row
        for row in late
        if row["kind"] == "counter"
        and row["job_id"]
        and days[row["user_id"], row["date"]] == 2
        and amounts[row["user_id"], row["date"], -float(row["amount"])] == 1
        and not days[row["user_id"], _moved(row["date"])]
    )


def _moved(day: str) -> str:
    return f"{OTHER[day[:7]]}-{min(int(day[8:]), 28):02d}"


@pytest.mark.parametrize("names", [logged.APP, logged.SERVER], ids=["workers", "database"])
def test_rows_that_are_set_apart_take_no_cause_from_the_others(
    names: tuple[str, ...], tmp_path: Path
) -> None:
    rows: list[Record] = []

    def noted(row: Record) -> Record:
        rows.append(row)
        return row

    logged.export(tmp_path / "before", "sidekiq_race", noted)
    chosen = elsewhere(rows)
    day = _moved(chosen["date"])
    job, was = chosen["job_id"], chosen["date"]

    def move(row: Record) -> Record:
        return row | {"date": day} if row["id"] == chosen["id"] else row

    def moved(line: str) -> str:
        is_mine = "INSERT" in line and job in line and "counter" in line
        text = line.replace(f'"{was}"', f'"{day}"').replace(f"'{was}'", f"'{day}'")
        return text if is_mine else line

    logs = [
        logged.write(tmp_path / name, map(moved, logged.lines("sidekiq_race", name)))
        for name in names
    ]
    result = logged.run(logged.export(tmp_path / "export", "sidekiq_race", move), logs)
    score = logged.score(result, "sidekiq_race")
    apart = {
        (f.rule, f.entry_id == chosen["id"], f.evidence)
        for f in result.findings
        if f.account_id == chosen["user_id"] and str(f.effective_date) in {day, was}
    }
    assert apart == {
        ("answered_elsewhere", False, "undetermined"),
        ("misplaced_counter", True, "undetermined"),
    }
    assert (score.proved, score.false_proved) == (106, 0)
    assert not result.violations
