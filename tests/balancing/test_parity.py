# ruff: noqa: S608  statements around the library are put together here
"""What a book does where things go wrong: the same on DuckDB and on PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import duckdb
import psycopg
import pytest
from books import execute, harm, rows, total

from settle_core.balancing.book import Book
from settle_core.balancing.errors import (
    BadBook,
    BadPosting,
    Busy,
    EntriesInFlight,
    TooLarge,
    Unanswered,
    Unavailable,
)
from settle_core.balancing.postings import Posting

WEEK = date(2026, 8, 3)
DAY = date(2026, 8, 5)
HUGE = Decimal("9999999999999999.99")
LATE = "'a', 'EUR', '2026-08-03', '2026-08-05'"
NAMES = "account_id, currency, week_start, effective_date, amount, kind"


@pytest.fixture
def late(book: Book) -> Book:
    """Three accounts whose settled week owes a counter-entry each."""
    for account in "abc":
        book.post(account, DAY, 1)
    book.settle(WEEK)
    for account in "abc":
        book.post(account, DAY, 5, balance="later")
    return book


def test_one_bad_week_stops_no_other_one(late: Book, url: str) -> None:
    harm(url, "UPDATE settle.settlement SET settled_amount = 2 WHERE account_id = 'b'")
    with pytest.raises(Unanswered) as told:
        late.balance()
    assert [counter.account_id for counter in told.value.counters] == ["a", "c"]
    (line,) = told.value.weeks
    assert line.startswith("account b, week 2026-08-03 (EUR): the week does not hold")
    assert line in str(told.value)
    assert [total(url, account) for account in "abc"] == [1, 6, 1]
    with pytest.raises(Unanswered) as again:  # the bad week alone
        late.balance()
    assert again.value.counters == ()
    assert late.balance(account_id="a") == []


def test_a_sum_that_is_too_large_stops_no_other_one(late: Book, url: str) -> None:
    late.post_many(
        [Posting("b", DAY + timedelta(1), HUGE), Posting("b", DAY + timedelta(1), HUGE)],
        balance="later",
    )
    with pytest.raises(Unanswered) as told:
        late.balance()
    assert [counter.account_id for counter in told.value.counters] == ["a", "c"]
    assert "a sum has more digits than the book holds" in told.value.weeks[0]
    assert total(url, "c") == 1


def test_a_week_too_large_to_be_settled_is_refused(book: Book, url: str) -> None:
    book.post_many([Posting("a", DAY, HUGE), Posting("a", DAY, HUGE)])
    with pytest.raises(TooLarge, match="nothing was written"):
        book.settle(WEEK)
    assert rows(url, "settlement") == []


CALLS: tuple[Callable[[Any], object], ...] = (
    lambda b: b.settle(WEEK, "acc"),
    lambda b: b.settle(WEEK, b"acc"),
    lambda b: b.settle("2026-08-03"),
    lambda b: b.settle(WEEK + timedelta(1)),
    lambda b: b.settle(WEEK, [1.5]),
    lambda b: b.balance(DAY),
    lambda b: b.balance("2026-08-03"),
    lambda b: b.balance(account_id=1.5),
    lambda b: b.balance(attempt="first"),
    lambda b: b.post("a", DAY, 1, attempt=2**31),
    lambda b: b.post("a", DAY, 1, job_id=1.5),
    lambda b: b.post("a", DAY, 1, job_id="a\0b"),
    lambda b: b.post("a", DAY, 1, currency=""),
    lambda b: b.post("a", DAY, 1, key="k" * 2001),
    lambda b: b.post("ä" * 501, DAY, 1),
    lambda b: b.post("a\ud800", DAY, 1),
    lambda b: b.post("a", DAY, 1, memo="\udfff"),
    lambda b: b.post_many("abc"),
    lambda b: b.post_many(Posting("a", DAY, 1)),
    lambda b: b.post_many({"account_id": "a"}),
    lambda b: b.post_many([("a", DAY, 1)]),
    lambda b: b.post_many(7),
    lambda b: b.correct([Posting("a", DAY, 1)]),
    lambda b: b.export("x", format="xlsx"),
)


def test_an_argument_that_means_nothing_is_refused(book: Book, url: str) -> None:
    for call in CALLS:
        with pytest.raises(BadPosting):
            call(book)
    assert rows(url) == rows(url, "account") == rows(url, "settlement") == []


def test_the_longest_key_and_account_go_in(book: Book, url: str) -> None:
    # Text that does not compress, as an index of PostgreSQL would have it.
    account = "".join(chr(0x4E00 + 37 * n % 20000) for n in range(333))
    key = "".join(chr(0x4E00 + 91 * n % 20000) for n in range(666))
    first = book.post(account, DAY, 1, key=key, memo="m" * 100_000)
    assert book.post(account, DAY, 1, key=key, memo="m" * 100_000) == first
    assert [row["account_id"] for row in rows(url)] == [account]


@contextmanager
def held(book: Book, url: str) -> Iterator[None]:
    """Another writer holds the week of account a."""
    if url.startswith("postgresql:"):
        with psycopg.connect(url) as con:
            Book.join(con).post("a", DAY, 9)
            yield
            con.rollback()
    else:
        with book._store._lock:  # type: ignore[attr-defined]  # noqa: SLF001
            yield


def test_no_waiting_is_no_waiting(book: Book, url: str) -> None:
    book.post("a", DAY, 1)
    book.settle(WEEK)
    with Book.open(url, wait_seconds=0) as hasty:
        assert hasty.post("a", DAY, 1).counter_id is not None
        with held(book, url):  # or else these would never return
            with pytest.raises(Busy):
                hasty.post("a", DAY, 2)
            with pytest.raises(EntriesInFlight):
                hasty.settle(WEEK + timedelta(7))
        assert hasty.post("a", DAY, 3).counter_id is not None


def test_a_wait_that_is_none_is_refused(url: str) -> None:
    waits: tuple[Any, ...] = (-1, float("nan"), float("inf"), "1", None, True, 1e9)
    for wait in waits:
        with pytest.raises(BadBook, match="0 to 86400 seconds"):
            Book.open(url, wait_seconds=wait)


def test_a_book_that_means_nothing_is_refused(url: str) -> None:
    bad: tuple[dict[str, Any], ...] = (
        {"scale": True},
        {"scale": 2.0},
        {"currency": None},
        {"currency": "X" * 101},
    )
    for arguments in bad:
        with pytest.raises(BadBook):
            Book.open(url, **arguments)


def test_a_closed_book_says_that_nothing_was_written(url: str) -> None:
    book = Book.open(url)
    book.close()
    for call in (lambda: book.post("a", DAY, 1), lambda: book.settle(WEEK), book.balance):
        with pytest.raises(Unavailable, match="nothing was written"):
            call()
    assert rows(url) == []


AROUND = f"""
UPDATE settle.entry SET memo = 'other';
UPDATE settle.entry SET amount = 0 WHERE kind = 'counter';
DELETE FROM settle.entry WHERE kind = 'counter';
DELETE FROM settle.entry WHERE false;
UPDATE settle.settlement SET settled_at = settled_at;
DELETE FROM settle.settlement;
UPDATE settle.book SET scale = 3;
DELETE FROM settle.book;
INSERT INTO settle.entry ({NAMES}, idempotency_key) VALUES ({LATE}, 1, 'correction', 'c');
INSERT INTO settle.entry ({NAMES}) VALUES ('a', 'EUR', '2026-08-04', '2026-08-05', 1, 'entry');
INSERT INTO settle.entry ({NAMES}) VALUES ('x', 'EUR', '2026-08-03', '2026-08-05', 1, 'entry');
INSERT INTO settle.entry ({NAMES}, answers, observed, last_seen)
VALUES ({LATE}, -1, 'counter', 1, 0, 1);
INSERT INTO settle.entry ({NAMES}, answers, observed, last_seen)
VALUES ({LATE}, -4, 'counter', 4, 0, 4);
INSERT INTO settle.settlement VALUES ('a', 'EUR', '2026-08-10', 9, settle.clock());
INSERT INTO settle.settlement VALUES ('a', 'EUR', '2026-08-11', 0, settle.clock())
"""


def test_statements_around_the_library_are_refused(late: Book, url: str) -> None:
    before = [rows(url, table) for table in ("entry", "settlement")]
    for statement in AROUND.split(";"):
        with pytest.raises((psycopg.Error, duckdb.Error)):
            execute(url, statement)
    assert [rows(url, table) for table in ("entry", "settlement")] == before
    assert len(late.balance()) == 3


def test_a_late_entry_and_its_answer_by_hand_are_let_in(late: Book, url: str) -> None:
    execute(url, f"INSERT INTO settle.entry ({NAMES}) VALUES ({LATE}, 4, 'entry')")
    execute(
        url,
        f"INSERT INTO settle.entry ({NAMES}, answers, observed, last_seen)"
        f" VALUES ({LATE}, -5, 'counter', 4, 10, 7)",
    )
    answered = [counter.amount for counter in late.balance()]
    assert sorted(answered) == [-5, -5, -4]
    assert [total(url, account) for account in "abc"] == [1, 1, 1]
