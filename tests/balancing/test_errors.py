"""What a book refuses, the same on DuckDB and on PostgreSQL; nothing is written then."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from books import rows

from settle_core.balancing.book import Book
from settle_core.balancing.errors import BadBook, BadPosting, KeyReused, SettledBefore
from settle_core.balancing.postings import Posting
from settle_core.errors import Fault

WEEK = date(2026, 8, 3)
DAY = date(2026, 8, 5)
SUNDAY = date(2026, 8, 9)


@pytest.mark.parametrize(
    "change",
    [
        {"amount": Decimal("1.01")},
        {"account_id": "b"},
        {"effective_date": SUNDAY},
        {"currency": "USD"},
        {"memo": "other"},
    ],
    ids=lambda change: next(iter(change)),
)
def test_key_with_other_contents_is_refused(book: Book, url: str, change: dict[str, Any]) -> None:
    first = Posting("a", DAY, 1, key="k", memo="one")
    book.post_many([first])
    before = rows(url)
    with pytest.raises(
        KeyReused, match=r"in k: found entry 1 of account a on 2026-08-05, 1\.00 EUR"
    ):
        book.post_many([Posting("a", DAY, 5), first._replace(**change)])
    assert rows(url) == before
    with pytest.raises(KeyReused):
        book.post_many([first._replace(key="n"), first._replace(key="n", **change)])
    assert rows(url) == before


@pytest.mark.parametrize(
    "bad",
    [
        {"amount": 1.5},
        {"amount": True},
        {"amount": "1.50"},
        {"amount": Decimal("1.505")},
        {"amount": Decimal("1." + "0" * 40 + "1")},
        {"amount": Decimal("1e16")},
        {"amount": Decimal("NaN")},
        {"amount": Decimal("Infinity")},
        {"effective_date": datetime(2026, 8, 5, tzinfo=UTC)},
        {"effective_date": "2026-08-05"},
        {"effective_date": date(999, 12, 31)},  # which no export is read by
        {"account_id": ""},
        {"account_id": "a\0b"},
        {"account_id": 1.0},
        {"account_id": None},
        {"key": ""},
        {"memo": 5},
        {"colour": "red"},
    ],
    ids=str,
)
def test_bad_posting_is_refused_and_nothing_written(
    book: Book, url: str, bad: dict[str, Any]
) -> None:
    good = {"account_id": "a", "effective_date": DAY, "amount": 1}
    with pytest.raises(BadPosting, match="correct the call"):
        book.post_many([good, good | bad])
    assert rows(url) == rows(url, "account") == []


def test_second_settlement_is_refused_and_nothing_written(book: Book, url: str) -> None:
    book.post_many([Posting(account, DAY, 1) for account in "abc"])
    book.settle(WEEK, ["b"])
    with pytest.raises(SettledBefore, match=r"in account b: found 1\.00 EUR"):
        book.settle(WEEK)
    with pytest.raises(SettledBefore):
        book.settle(WEEK, ["c", "b"])
    assert len(rows(url, "settlement")) == 1
    assert [s.account_id for s in book.settle(WEEK, ["c", "a", "c"])] == ["a", "c"]


def test_settling_from_within_a_week_is_refused(book: Book) -> None:
    with pytest.raises(BadPosting, match="expected the first day, 2026-08-03"):
        book.settle(DAY)


def test_unknown_way_of_balancing_is_refused(book: Book) -> None:
    with pytest.raises(BadPosting, match="'now' or 'later'"):
        book.post("a", DAY, 1, balance="never")  # type: ignore[arg-type]


@pytest.mark.parametrize("bad", [{"scale": 9}, {"currency": ""}, {"week_start": "someday"}])
def test_bad_book_is_refused(bad: dict[str, Any]) -> None:
    with pytest.raises(BadBook):
        Book.open(":memory:", **bad)


def test_refusals_are_faults_of_one_line() -> None:
    fault = KeyReused("entry 1", where="k")
    assert isinstance(fault, Fault)
    assert str(fault) == (
        "the key was used for another entry in k: found entry 1; give each entry a key of its own"
    )


def test_no_database_at_all_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "book.duckdb").write_text("not a database, but long enough to have a header" * 99)
    with pytest.raises(BadBook):
        Book.open(str(tmp_path / "book.duckdb"))
