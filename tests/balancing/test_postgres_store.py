"""What only PostgreSQL can get wrong: isolation, locks, writers in other processes, a restart."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal

import psycopg
import pytest
from books import execute, harm, rows, total
from postgres import meanwhile, transaction, wait_for_a_lock_waiter

from settle_core.balancing.book import Book
from settle_core.balancing.errors import Busy, EntriesInFlight, PinnedSnapshot, Unbalanced
from settle_core.balancing.postings import Posted, Posting
from settle_core.errors import Fault

WEEK = date(2026, 8, 3)
DAY = date(2026, 8, 5)
SET_CLOCK_BACK = """
CREATE OR REPLACE FUNCTION settle.clock() RETURNS timestamptz LANGUAGE sql VOLATILE
RETURN clock_timestamp() - interval '1 hour'
"""
RAW_ENTRY = """
INSERT INTO settle.entry (
    account_id, currency, week_start, effective_date, amount, kind
)
VALUES ('a', 'EUR', '2026-08-03', '2026-08-05', 5, 'entry')
"""


@pytest.fixture
def book(database: str) -> Iterator[Book]:
    with Book.open(database, wait_seconds=30) as opened:
        opened.post("a", DAY, 1)
        yield opened


def test_a_late_post_waits_and_then_reads_what_was_committed(book: Book, database: str) -> None:
    book.settle(WEEK)
    with transaction(database) as con, Book.open(database, wait_seconds=30) as other:
        Book.join(con).post("a", DAY, 10)
        with meanwhile(other.post, "a", DAY, Decimal(20)) as second:
            wait_for_a_lock_waiter(con)
            assert not second.done()
            con.execute("COMMIT")
            assert second.result().counter_id is not None
    counters = [row for row in rows(database) if row["kind"] == "counter"]
    # The second writer saw 1 + 10 - 10 + 20: the first one's rows, committed while it waited.
    assert [c["observed"] for c in counters] == [11, 21]
    assert total(database, "a") == 1


def test_on_time_posts_do_not_wait_for_each_other(book: Book, database: str) -> None:
    with transaction(database) as con:
        Book.join(con).post("a", DAY, 10)
        assert book.post("a", DAY, 20) == Posted(3, None)


def test_a_settlement_waits_for_entries_in_flight_and_counts_them(
    book: Book, database: str
) -> None:
    with transaction(database) as con:
        con.execute(RAW_ENTRY.encode())
        with meanwhile(book.settle, WEEK) as settled:
            wait_for_a_lock_waiter(con)
            con.execute("COMMIT")
            assert [s.settled_amount for s in settled.result()] == [6]


@pytest.mark.usefixtures("book")
def test_a_settlement_does_not_wait_for_ever(database: str) -> None:
    with transaction(database) as con, Book.open(database, wait_seconds=0.1) as hasty:
        con.execute(RAW_ENTRY.encode())
        with pytest.raises(EntriesInFlight, match="settle again when the writers have finished"):
            hasty.settle(WEEK)
        con.execute("COMMIT")
        assert rows(database, "settlement") == []
        assert hasty.settle(WEEK)[0].settled_amount == 6


def test_an_entry_that_waited_for_the_settlement_is_late(book: Book, database: str) -> None:
    with transaction(database) as con, Book.open(database, wait_seconds=30) as other:
        Book.join(con).settle(WEEK)
        with (
            meanwhile(other.post, "a", DAY, Decimal(5)) as posted,
            meanwhile(execute, database, RAW_ENTRY) as around,
        ):
            wait_for_a_lock_waiter(con)
            con.execute("COMMIT")
            assert posted.result().counter_id is not None
            around.result()
    # The one that went around the library is late as well, by the default of its column.
    assert [counter.amount for counter in book.balance()] == [-5]
    assert total(database, "a") == 1


def test_a_post_does_not_wait_for_ever(book: Book, database: str) -> None:
    book.settle(WEEK)
    with transaction(database) as con, Book.open(database, wait_seconds=0.1) as hasty:
        Book.join(con).post("a", DAY, 10)
        with pytest.raises(Busy, match="a lock held for 100 ms"):
            hasty.post("a", DAY, 10)
    assert len(rows(database)) == 1


@pytest.mark.parametrize("isolation", ["REPEATABLE READ", "SERIALIZABLE"])
def test_a_pinned_snapshot_is_refused(book: Book, database: str, isolation: str) -> None:
    book.settle(WEEK)
    book.post("a", DAY, 10, balance="later")

    def post(joined: Book) -> object:
        return joined.post("a", DAY, 10)

    def settle(joined: Book) -> object:
        return joined.settle(WEEK + timedelta(7))

    for call in (post, settle, Book.balance):
        with transaction(database, isolation) as con:
            joined = Book.join(con)
            with pytest.raises(PinnedSnapshot, match=isolation.lower()):
                call(joined)
    assert len(rows(database)) == 2
    assert len(book.balance()) == 1


def test_own_connections_are_read_committed_whatever_the_default(database: str) -> None:
    execute(database, "ALTER ROLE CURRENT_USER SET default_transaction_isolation = 'serializable'")
    try:
        with Book.open(database) as book:
            assert book.post("a", DAY, 1).entry_id == 1
    finally:
        execute(database, "ALTER ROLE CURRENT_USER RESET default_transaction_isolation")


def test_joined_book_is_part_of_the_callers_transaction(book: Book, database: str) -> None:
    book.settle(WEEK)
    execute(database, "CREATE TABLE orders (id integer)")
    with transaction(database) as con:
        con.execute("INSERT INTO orders VALUES (1)")
        assert Book.join(con).post("a", DAY, 10).counter_id is not None
    assert len(rows(database)) == 1
    with psycopg.connect(database) as con:
        con.execute("INSERT INTO orders VALUES (1)")
        with Book.join(con) as joined:
            joined.post("a", DAY, 10)
        assert not con.closed
    assert len(rows(database)) == 3


def test_writers_that_wait_in_a_circle_are_told_apart_and_repeated(
    book: Book, database: str
) -> None:
    book.settle(WEEK, ["a", "b"])
    with transaction(database) as con, Book.open(database, wait_seconds=30) as other:
        joined = Book.join(con)
        joined.post("b", DAY, 1)
        with meanwhile(other.post_many, [Posting("a", DAY, 2), Posting("b", DAY, 2)]) as both:
            wait_for_a_lock_waiter(con)
            try:
                joined.post("a", DAY, 1)
                con.execute("COMMIT")
            except Busy:
                con.execute("ROLLBACK")
            assert len(both.result()) == 2
    for account, amount in (("a", 1), ("b", 0)):
        assert total(database, account) == amount


def test_rows_removed_behind_the_book_are_noticed(book: Book, database: str) -> None:
    book.settle(WEEK)
    book.post("a", DAY, 10)
    harm(
        database,
        "DELETE FROM settle.entry WHERE kind = 'counter'",
        "DELETE FROM settle.entry WHERE amount = 1",
    )
    found = "a sum of 10.00, 10.00 of it unanswered, against a settled amount of 1.00"
    before = rows(database)
    with pytest.raises(Unbalanced, match=f"account a, week 2026-08-03 .EUR.: found {found}"):
        book.post("a", DAY, 5)
    assert rows(database) == before


def test_a_clock_that_was_set_back_does_not_make_a_late_entry_early(
    book: Book, database: str
) -> None:
    execute(database, SET_CLOCK_BACK)
    (settled,) = book.settle(WEEK)
    assert settled.settled_at >= rows(database)[0]["recorded_at"]
    for _ in range(3):
        assert book.post("a", DAY, 5).counter_id is not None
    times = [row["recorded_at"] for row in rows(database)]
    assert times[1:] == sorted(set(times[1:]))
    assert min(times[1:]) == settled.settled_at + timedelta(microseconds=1)


def test_no_server_and_no_password_in_the_fault(database: str) -> None:
    for url in (
        "postgresql://user:hunter2@localhost:1/nowhere?connect_timeout=2",
        database.replace("/postgres?", "/nowhere?password=hunter2&"),
    ):
        with pytest.raises(Fault) as fault:
            Book.open(url)
        assert "hunter2" not in str(fault.value)


def test_books_opened_at_the_same_time_are_one(database: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        books = list(pool.map(lambda _: Book.open(database), range(8)))
        posted = list(pool.map(lambda b: b.post("a", DAY, 1, key="k"), books))
    assert len(set(posted)) == 1
    for book in books:
        book.close()


def test_a_large_batch_is_balanced_as_one(book: Book, database: str) -> None:
    accounts = [f"account {n}" for n in range(400)]
    book.post_many(Posting(account, DAY, 1) for account in accounts)
    book.settle(WEEK)
    late = [Posting(account, DAY + timedelta(n), 3) for account in accounts for n in range(4)]
    assert all(posted.counter_id for posted in book.post_many(late))
    assert len(rows(database)) == 401 + 2 * 1600
    book.post_many(late, balance="later")
    assert len(book.balance()) == 1600
    assert total(database, accounts[0]) == 1


def test_an_entry_after_the_clock_was_set_back_to_before_the_settlement_is_late(
    book: Book, database: str
) -> None:
    (settled,) = book.settle(WEEK, ["no rows"])
    execute(database, SET_CLOCK_BACK)
    assert book.post("no rows", DAY, 5).counter_id is not None
    entry, counter = rows(database)[1:]
    assert settled.settled_at < entry["recorded_at"] < counter["recorded_at"]
