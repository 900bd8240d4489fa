"""Where log and ledger differ of a row, that is told, and no sum is changed by it."""

import csv
import json
from collections import Counter
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


@pytest.mark.parametrize("is_first", [True, False])
def test_lines_at_the_edge_of_a_session(tmp_path: Path, *, is_first: bool) -> None:
    """Of the first ones their numbers tell, of the last ones nothing does."""
    log = logged.lines("sidekiq_race_locked", "postgres.jsonl")
    own = [k for k, x in enumerate(log) if '"session_id":"6b07dcb6.789b"' in x]
    gone = own[:40] if is_first else own[-40:]
    assert any("INSERT" in log[k] for k in gone)
    path = logged.write(tmp_path / "a.json", [x for k, x in enumerate(log) if k not in gone])
    result = logged.run(logged.export(tmp_path / "export", "sidekiq_race_locked"), [path])
    told = {f.explanation for f in result.findings if f.rule == RULE}
    assert told
    for each in told:
        assert ("lacks the first lines of a session" in each) == is_first
        assert ("shows no gap" in each) != is_first
        assert "or the log lost the end of a session or a whole one" in each


def test_an_insert_that_was_rolled_back_without_a_begin(tmp_path: Path) -> None:
    """Short statements are not logged, so that no number is missing."""
    numbers: Counter[str] = Counter()
    log = []
    for told in map(json.loads, logged.lines("sidekiq_retry", "postgres.jsonl")):
        if told["message"] != "statement: BEGIN":
            numbers[told["session_id"]] += 1
            log.append(json.dumps({**told, "line_num": numbers[told["session_id"]]}))
    assert any("ROLLBACK" in line for line in log)
    path = logged.write(tmp_path / "a.json", log)
    result = logged.run(logged.export(tmp_path / "export", "sidekiq_retry"), [path])
    assert not [f for f in result.findings if f.rule == RULE]


def test_an_insert_that_may_write_nothing(tmp_path: Path) -> None:
    """Of a row that is there already ON CONFLICT DO NOTHING is committed, and makes none."""
    log = logged.lines("sidekiq_fixed", "postgres.jsonl")
    told: list[int] = []
    for clause in ("", " ON CONFLICT DO NOTHING"):
        change = [x.replace(" RETURNING ", f"{clause} RETURNING ") for x in log]
        export = logged.export(tmp_path / f"export{len(told)}", "sidekiq_fixed")
        with (export / "ledgers.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        rows.remove(counters(rows)[200])
        with (export / "ledgers.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, rows[0], lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
        result = logged.run(export, [logged.write(tmp_path / f"{len(told)}.json", change)])
        told.append(len([f for f in result.findings if f.rule == RULE]))
    assert told == [1, 0]
