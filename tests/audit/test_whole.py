"""From a book to its audit: what it posts is what the audit expects; a cut file is noticed."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from settle_core.audit import audit, owed
from settle_core.balancing.book import Book
from settle_core.exports.profiles import profile

WEEK = date(2026, 1, 5)


@pytest.fixture
def book(tmp_path: Path) -> Book:
    made = Book.open(str(tmp_path / "book.duckdb"))
    made.post("a", WEEK, Decimal("10.00"))
    made.post("b", WEEK + timedelta(days=6), Decimal("-3.10"))
    made.settle(WEEK)
    made.post("a", WEEK, Decimal("2.50"))
    made.post("a", WEEK, Decimal("1.50"), balance="later")
    made.post("b", WEEK + timedelta(days=2), 7, balance="later")
    return made


def test_what_the_book_owes_is_what_the_audit_misses_and_the_plan_plans(
    book: Book, tmp_path: Path
) -> None:
    with book:
        export = book.export(tmp_path / "before")
        before = audit.run(export)
        planned = owed.plan(export, profile.load("canonical"))
        rows = planned.con.execute("SELECT answers, amount FROM plan ORDER BY 1").fetchall()
        posted = book.balance()
        after = audit.run(book.export(tmp_path / "after"))
    assert before.verdict == "pending"
    missing = {f.entry_id for f in before.findings if f.rule == "uncountered_entry"}
    assert missing == {str(counter.answers) for counter in posted}
    assert rows == sorted((str(c.answers), c.amount) for c in posted)
    assert (after.verdict, after.findings) == ("reconciled", ())


def test_a_file_that_lost_a_row_is_incomplete(book: Book, tmp_path: Path) -> None:
    with book:
        book.balance()
        export = book.export(tmp_path / "export")
    assert audit.run(export).verdict == "reconciled"
    entries = export / "entries.parquet"
    rows = duckdb.read_parquet(str(entries)).filter("entry_id <> 1")
    rows.write_parquet(str(tmp_path / "cut.parquet"))
    (tmp_path / "cut.parquet").replace(entries)
    cut = audit.run(export)
    assert cut.verdict == "incomplete"
    off = {each.total: (each.expected, each.found) for each in cut.off_totals}
    assert off["rows"] == ("8", "7")
    assert "amount" in off
