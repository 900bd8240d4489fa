"""Audit, correct, import, audit again: on every export that the repository holds.

Simulated systems go the same way in tests/reconcile/test_systems.py and `make simulate`.
"""

from datetime import date
from decimal import Decimal
from pathlib import Path

import minimal
import pytest
import round_trip
from books import harm
from known_gaps import ROUND_TRIPS
from round_trip import Way

from settle_core import Book, Fault
from settle_core.audit import run, workbook
from settle_core.rules import rule

ROOT = Path(__file__).parents[2]
RAILS = {
    "entry_id": "id",
    "account_id": "user_id",
    "effective_date": "date",
    "recorded_at": "created_at",
}


def recorded() -> dict[str, Way]:
    """Every folder below data/ that holds an export in a form that is known here."""
    found = {}
    for path in sorted((ROOT / "data").rglob("settlements.*")):
        folder = path.parent
        name = str(folder.relative_to(ROOT))
        if (folder / "ledgers.csv").exists():
            found[name] = Way(folder, "rails", "ledgers.csv", tuple(RAILS.items()))
        elif (folder / f"entries{path.suffix}").exists():
            found[name] = Way(folder, "canonical", f"entries{path.suffix}")
    return found


RECORDED = recorded()
EXAMPLES = {f"{r.name}: {e.name}": e for r in rule.catalogue() for e in r.examples}
MINIMAL = [n for n, c in minimal.CASES.items() if "verdict" in c]


@pytest.fixture(autouse=True)
def no_workbook(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run is read back from its other files; test_workbook.py holds the workbook to them."""
    monkeypatch.setattr(workbook, "is_available", lambda: False)


def holds(name: str, faults: list[str]) -> None:
    """Fail where a round trip does not hold that is no known gap, or holds and is one."""
    if name in ROUND_TRIPS:
        assert faults, f"{name} holds: take it from known_gaps"
        pytest.xfail("; ".join(faults))
    assert faults == []


@pytest.mark.parametrize("name", RECORDED)
def test_recorded_export(name: str, tmp_path: Path) -> None:
    way = RECORDED[name]
    holds(name, round_trip.faults(way.audited(), way, tmp_path))


@pytest.mark.parametrize("name", MINIMAL)
def test_smallest_export(name: str, tmp_path: Path) -> None:
    try:
        result = minimal.audited(name)
    except Fault as fault:
        holds(name, [str(fault)])
        return
    holds(name, round_trip.faults(result, minimal.way(name), tmp_path))


@pytest.mark.parametrize("name", EXAMPLES)
def test_example_of_a_rule(name: str, tmp_path: Path) -> None:
    example, export = EXAMPLES[name], tmp_path / "export"
    export.mkdir()
    write_table(export / "entries.csv", example.entry)
    write_table(export / "settlements.csv", example.settlement)
    way = Way(export, "canonical")
    if example.previous:
        way = way._replace(previous=str(tmp_path / "before"))
        Path(way.previous).mkdir()
        write_table(Path(way.previous) / "entries.csv", example.previous)
        write_table(Path(way.previous) / "settlements.csv", example.settlement)
    holds(name, round_trip.faults(way.audited(), way, tmp_path))


def write_table(path: Path, text: str) -> None:
    """Write an example's table as CSV; a dash is an empty field."""
    lines = [line.split() for line in text.strip().splitlines()]
    rows = [",".join("" if value == "-" else value for value in line) for line in lines]
    path.write_text("\n".join(rows) + "\n", "utf-8")


def test_book_answers_a_lost_counter_itself(tmp_path: Path) -> None:
    """It knows what it owes: a correction beside the answer to come would put the week off."""
    url, as_of = str(tmp_path / "book.duckdb"), "2100-01-01T00:00:00Z"
    week, day = date(2026, 8, 3), date(2026, 8, 5)
    with Book.open(url) as book:
        book.post("a", day, Decimal("10.00"))
        book.settle(week)
        book.post("a", day, Decimal("2.50"))
        book.post("a", day, Decimal("1.00"))
    harm(url, "DELETE FROM settle.entry WHERE kind = 'counter' AND amount = -2.50")
    with Book.open(url) as book:
        before = run(book.export(tmp_path / "export"), as_of=as_of)
        assert [c.amount for c in before.corrections] == [Decimal("-2.50")]
        before.write(tmp_path / "run")
        with pytest.raises(Fault, match=r"2\.50 of it unanswered.*balance the book"):
            book.correct(tmp_path / "run")
        assert [c.amount for c in book.balance()] == [Decimal("-2.50")]
        assert run(book.export(tmp_path / "after"), as_of=as_of).verdict == "reconciled"
        with pytest.raises(Fault):
            book.correct(tmp_path / "run")


def test_known_gaps_are_exports() -> None:
    assert set(ROUND_TRIPS) <= {*RECORDED, *MINIMAL, *EXAMPLES}
    assert {"data/sample", "data/sample_parquet", "data/rails/sidekiq_race"} <= set(RECORDED)
