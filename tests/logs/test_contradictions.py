"""Where log and ledger differ of a row, that is told, and no sum is changed by it."""

import csv
from collections.abc import Callable
from pathlib import Path

import pytest
import recorded_logs as logged

from settle_core.audit.audit import Audit

Rows = list[dict[str, str]]
RULE = "log_contradiction"


def audited(folder: Path, change: Callable[[Rows], object], log: str) -> Audit:
    export = logged.export(folder / "export", "sidekiq_fixed")
    with (export / "ledgers.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    change(rows)
    with (export / "ledgers.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    lines = logged.lines("sidekiq_fixed", log)
    return logged.run(export, [logged.write(folder / log, lines)])


def counters(rows: Rows) -> Rows:
    return [row for row in rows if row["kind"] == "counter"]


def added(rows: Rows) -> None:
    row = counters(rows)[200]
    rows.append(row | {"id": "99999", "amount": "12.34", "job_id": "", "xmin": ""})


def removed(rows: Rows) -> None:
    rows.remove(counters(rows)[200])


def changed(rows: Rows) -> None:
    row = counters(rows)[200]
    row["amount"] = f"{float(row['amount']) + 1:.2f}"


@pytest.mark.parametrize(
    ("change", "log", "told"),
    [
        (added, "rails.log", "has no INSERT of it"),
        (added, "postgres.jsonl", "has no INSERT of it"),
        (removed, "postgres.jsonl", "the ledger has no such row"),
        (changed, "rails.log", "written with another amount, and changed since"),
    ],
)
def test_what_is_told(
    change: Callable[[Rows], object], log: str, told: str, tmp_path: Path
) -> None:
    result = audited(tmp_path, change, log)
    (each,) = [f for f in result.findings if f.rule == RULE]
    assert told in each.explanation
    assert each.severity == "info"
    assert each.effect == 0
    assert not result.open_cents
    assert not result.violations
    assert any(line["label"].startswith("INSERT") for line in result.logs.kept) == (  # type: ignore[union-attr]
        change is not added
    )


def test_of_a_log_that_lost_lines_nothing_is_told(tmp_path: Path) -> None:
    export = logged.export(tmp_path / "export", "sidekiq_fixed")
    lines = logged.without(logged.lines("sidekiq_fixed", "rails.log"), 0.02, 1)
    result = logged.run(export, [logged.write(tmp_path / "rails.log", lines)])
    assert not [f for f in result.findings if f.rule == RULE]


def test_numbered_lines_that_are_missing_may_hold_it(tmp_path: Path) -> None:
    """By their numbers one line is gone: which, no other tells."""
    log = logged.lines("sidekiq_fixed", "postgres.jsonl")
    places = [k for k, x in enumerate(log) if "INSERT INTO" in x and "execute" in x]
    at = places[len(places) // 2]
    path = logged.write(tmp_path / "postgres.json", log[:at] + log[at + 1 :])
    result = logged.run(logged.export(tmp_path / "export", "sidekiq_fixed"), [path])
    assert not [f for f in result.findings if f.rule == RULE]


def test_lines_of_another_system_are_told_once_and_hide_nothing(tmp_path: Path) -> None:
    export = logged.export(tmp_path / "export", "sidekiq_race")
    head, *rows = (export / "ledgers.csv").read_text("utf-8").splitlines()
    gone = [row for row in rows if ",counter," in row][200]
    text = "".join(f"{row}\n" for row in (head, *rows) if row != gone)
    (export / "ledgers.csv").write_text(text, "utf-8")
    mine = logged.lines("sidekiq_race", "rails.log")
    other = [logged.later(x, -31.9) for x in logged.lines("sidekiq_race_locked", "rails.log")]
    result = logged.run(export, [logged.write(tmp_path / "rails.log", sorted(mine + other))])
    told = [f.explanation for f in result.findings if f.rule == RULE]
    (once,) = [text for text in told if "they are of another system or database" in text]
    (real,) = [text for text in told if text != once]
    assert "committed INSERTs of rows that the ledger has not" in once
    amount = next(iter(csv.DictReader([head, gone])))["amount"]
    assert f"Of {float(amount):.2f} on " in real
