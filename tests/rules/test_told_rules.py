"""What is only told: a week that stood off for long, ids that are missing. No verdict changes."""

import csv
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from uuid import UUID

import pytest
from recorded import RAILS

from settle_core import contract
from settle_core.audit import audit
from settle_core.audit.audit import Audit
from settle_core.report import settled_weeks

CLEAN = ("console", "sidekiq_fixed")
Row = dict[str, str]
with (RAILS / "console" / "settlements.csv").open(encoding="utf-8", newline="") as settlements:
    SETTLED = max(row["settled_at"] for row in csv.DictReader(settlements))


def rows_of(export: Path) -> list[Row]:
    with (export / "ledgers.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def audited(name: str, folder: Path, rows: list[Row]) -> Audit:
    """The audit of a recorded export with other rows."""
    folder.mkdir()
    for path in (RAILS / name).glob("settlements.*"):
        (folder / path.name).write_bytes(path.read_bytes())
    with (folder / "ledgers.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return audit.run(folder, "rails")


def last_answer(rows: list[Row]) -> tuple[Row, Row]:
    """A late entry that has its day for itself, and its counter-entry."""
    counters = [row for row in rows if row["kind"] == "counter"]
    for counter in reversed(counters):
        day = (counter["user_id"], counter["date"])
        late = [
            row
            for row in rows
            if (row["user_id"], row["date"]) == day and row["created_at"] > SETTLED
        ]
        if len(late) == 2:
            return late[0], counter
    raise AssertionError


def later(instant: str, **by: float) -> str:
    moved = datetime.fromisoformat(instant) + timedelta(**by)
    return f"{moved.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


@pytest.mark.parametrize("name", CLEAN)
@pytest.mark.parametrize("hours", [23.9, 24.5, 100])
def test_slow_counter_tells_how_long_and_by_how_much(
    name: str, tmp_path: Path, hours: float
) -> None:
    rows = rows_of(RAILS / name)
    entry, counter = last_answer(rows)
    counter["created_at"] = later(entry["created_at"], hours=hours)
    run = audited(name, tmp_path / "export", rows)
    assert (run.verdict, run.open_cents, run.corrections) == ("reconciled", (), ())
    found = [(f.rule, f.entry_id, f.severity) for f in run.findings]
    assert found == ([("slow_counter", entry["id"], "info")] if hours > 24 else [])
    if hours > 24:
        (f,) = run.findings
        said = f"off its settled amount by {entry['amount']} for {hours:.1f} hours, until 2026-1"
        assert said in f.explanation
        assert f.amount == f.expected_amount
        assert not f.effect
        assert "nothing is left to do" in settled_weeks.headline(run).text
        assert "for long: 1 time." in settled_weeks.told(run).text


def week(row: Row) -> tuple[int, int]:
    """Year and number of the week, which begins on Monday."""
    return date.fromisoformat(row["date"]).isocalendar()[:2]


def without(rows: list[Row], number: int) -> list[Row]:
    """Rows without one of those in time, whose amount another one of its week gets."""
    gone = rows[number]
    place = (gone["user_id"], week(gone))
    heir = next(r for r in rows if (r["user_id"], week(r)) == place and r is not gone)
    cents = sum(int(r["amount"].replace(".", "")) for r in (gone, heir))
    heir["amount"] = f"{'-' if cents < 0 else ''}{abs(cents) // 100}.{abs(cents) % 100:02}"
    return [row for row in rows if row is not gone]


@pytest.mark.parametrize("name", CLEAN)
def test_row_that_is_gone_without_a_cent_leaves_its_id(name: str, tmp_path: Path) -> None:
    rows = rows_of(RAILS / name)
    assert {int(b["id"]) - int(a["id"]) for a, b in pairwise(rows)} == {1}
    kept = without(rows, 2000)
    run = audited(name, tmp_path / "export", kept)
    assert (run.verdict, run.open_cents) == ("reconciled", ())
    (found,) = run.findings
    assert (found.rule, found.severity, found.entry_id) == ("id_gap", "info", "")
    assert found.account_id == rows[1999]["user_id"]
    said = f"Id 2001 missing among {len(kept)} rows of successive ids."
    assert found.explanation == said
    assert not found.effect


def as_text(rows: list[Row]) -> Iterator[Row]:
    for row in rows:
        yield row | {"id": str(UUID(int=int(row["id"])))}


def sparse(rows: list[Row]) -> Iterator[Row]:
    for row in rows:
        yield row | {"id": str(10 * int(row["id"]))}


@pytest.mark.parametrize("change", [as_text, sparse], ids=["text ids", "steps of ten"])
def test_gap_says_nothing_where_ids_are_not_dense(
    change: Callable[[list[Row]], Iterator[Row]], tmp_path: Path
) -> None:
    rows = without(rows_of(RAILS / "console"), 2000)
    run = audited("console", tmp_path / "export", list(change(rows)))
    assert (run.verdict, run.findings) == ("reconciled", ())


def test_gap_says_nothing_where_gaps_are_usual_or_beside_late_rows(tmp_path: Path) -> None:
    rows = rows_of(RAILS / "console")
    many = rows
    for number in range(100, 3100, 200):
        many = without(many, number)
    assert audited("console", tmp_path / "many", many).findings == ()
    rows = rows_of(RAILS / "console")
    entry, _ = last_answer(rows)
    for row in rows:
        row["id"] = str(int(row["id"]) + (int(row["id"]) > int(entry["id"])))
    assert audited("console", tmp_path / "late", rows).findings == ()


def test_gap_that_an_earlier_export_explains_is_told_once(tmp_path: Path) -> None:
    rows = rows_of(RAILS / "console")
    kept = [row for row in rows if row["id"] != "2001"]
    audited("console", tmp_path / "now", kept)
    run = audit.run(tmp_path / "now", "rails", previous=str(RAILS / "console"))
    rules = {f.rule for f in run.findings}
    assert rules == {"missing_history", "settled_amount_mismatch", "unbalanced_week"}
    assert contract.SEVERITIES[-1] == "info"


@pytest.mark.parametrize(("late", "found"), [("00:00:00", []), ("00:00:00.000001", ["1"])])
def test_slow_is_more_than_the_hours_not_just_them(
    late: str, found: list[str], tmp_path: Path
) -> None:
    (tmp_path / "entries.csv").write_text(
        "entry_id,account_id,effective_date,amount,kind,recorded_at\n"
        "1,7,2026-01-06,4.00,entry,2026-01-20T00:00:00Z\n"
        f"2,7,2026-01-06,-4.00,counter,2026-01-21T{late}Z\n"
        "3,7,2026-01-07,1.00,entry,2026-01-25T00:00:00Z\n"
        "4,7,2026-01-07,-1.00,counter,2026-01-25T00:00:01Z\n",
        "utf-8",
    )
    (tmp_path / "settlements.csv").write_text(
        "account_id,week_start,settled_amount,settled_at\n7,2026-01-05,0.00,2026-01-13T00:00:00Z\n",
        "utf-8",
    )
    findings = audit.run(tmp_path, "canonical").findings
    assert [f.entry_id for f in findings if f.rule == "slow_counter"] == found
