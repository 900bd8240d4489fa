"""What a book does, the same on DuckDB and on PostgreSQL."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from books import execute, rows, total

from settle_core.balancing.book import Book
from settle_core.balancing.errors import BadBook, BadPosting
from settle_core.balancing.postings import Posted, Posting

WEEK = date(2026, 8, 3)
DAY = date(2026, 8, 5)
NOTHING = Decimal(0)
SUNDAY = date(2026, 8, 9)


def test_entry_of_an_open_week_has_no_counter(book: Book, url: str) -> None:
    assert book.post(7, DAY, Decimal("10.25")) == Posted(1, None)
    assert [r["kind"] for r in rows(url)] == ["entry"]


def test_late_entry_is_answered_in_the_same_call(book: Book, url: str) -> None:
    book.post("a", DAY, Decimal("10.00"))
    (settled,) = book.settle(WEEK)
    assert (settled.settled_amount, settled.currency) == (Decimal("10.00"), "EUR")
    assert settled.settled_at.tzinfo is not None
    assert settled.settled_at <= datetime.now(UTC)
    posted = book.post("a", SUNDAY, Decimal("-2.50"), key="k", job_id="job 1", attempt=2)
    entry, counter = rows(url)[1:]
    assert Posted(entry["entry_id"], counter["entry_id"]) == posted
    assert counter["amount"] == Decimal("2.50")
    assert counter["effective_date"] == SUNDAY
    assert (counter["answers"], counter["last_seen"]) == (posted.entry_id, posted.entry_id)
    assert counter["observed"] == Decimal("-2.50")
    assert (counter["job_id"], counter["attempt"]) == ("job 1", 2)
    assert total(url, "a") == settled.settled_amount


def test_late_rows_come_after_the_settlement_and_in_order(book: Book, url: str) -> None:
    book.post("a", DAY, 1)
    book.settle(WEEK)
    for _ in range(5):
        book.post("a", DAY, 1)
    times = [r["recorded_at"] for r in rows(url)]
    (settlement,) = rows(url, "settlement")
    assert times[0] <= settlement["settled_at"] < times[1]
    assert times[1:] == sorted(set(times[1:]))


def test_each_late_entry_of_a_batch_has_a_counter_of_its_own(book: Book, url: str) -> None:
    book.settle(WEEK, ["a"])
    batch = [Posting("a", DAY, Decimal("50.00")) for _ in range(3)]
    posted = book.post_many([*batch, Posting("b", DAY, 4)])
    counters = [p.counter_id for p in posted]
    assert len(set(counters)) == 4
    assert counters[3] is None
    witnesses = [(r["observed"], r["last_seen"]) for r in rows(url) if r["kind"] == "counter"]
    # One writer, one read: all three saw the three entries.
    assert witnesses == [(Decimal("150.00"), posted[2].entry_id)] * 3
    assert total(url, "a") == 0


def test_same_key_gives_the_same_ids(book: Book, url: str) -> None:
    first = book.post("a", DAY, Decimal("1.50"), key="k")
    assert book.post("a", DAY, Decimal("1.5"), key="k") == first
    book.settle(WEEK)
    assert book.post("a", DAY, Decimal("1.50"), key="k") == first
    late = book.post("a", DAY, Decimal("1.50"), key="late")
    assert book.post("a", DAY, Decimal("1.50"), key="late") == late
    assert late.counter_id is not None
    assert len(rows(url)) == 3


def test_key_twice_in_one_batch_is_one_entry(book: Book, url: str) -> None:
    row = Posting("a", DAY, 1, key="k")
    posted = book.post_many([row, Posting("a", DAY, 2), row])
    assert posted[0] == posted[2] != posted[1]
    assert len(rows(url)) == 2


def test_amounts_at_the_limits_are_exact(book: Book, url: str) -> None:
    largest = Decimal("9999999999999999.99")
    for amount in (largest, -largest, Decimal("0.01"), Decimal("1.5000"), Decimal("1E+3"), 0):
        book.post("a", DAY, amount)
    assert [r["amount"] for r in rows(url)][:3] == [largest, -largest, Decimal("0.01")]
    assert book.settle(WEEK)[0].settled_amount == Decimal("1001.51")


def test_account_without_entries_is_settled_at_zero(book: Book) -> None:
    book.post("a", DAY - timedelta(7), 1)
    settled = book.settle(WEEK, ["new", "a"])
    assert {s.account_id: s.settled_amount for s in settled} == {"a": NOTHING, "new": NOTHING}
    assert book.post("new", DAY, 3).counter_id is not None


def test_settlement_is_by_currency(book: Book, url: str) -> None:
    book.post_many([Posting("a", DAY, 1), Posting("a", DAY, 5, currency="USD")])
    book.post("b", DAY, 7, currency="USD")
    settled = {(s.account_id, s.currency): s.settled_amount for s in book.settle(WEEK, ["a", "b"])}
    assert settled == {("a", "EUR"): 1, ("a", "USD"): 5, ("b", "USD"): 7}
    book.post("a", DAY, 9, currency="USD")
    assert rows(url)[-1]["observed"] == 14
    assert rows(url)[-1]["currency"] == "USD"


def test_later_is_answered_by_balance_once(book: Book, url: str) -> None:
    book.settle(WEEK, ["a", "b"])
    posted = book.post_many(
        [Posting("a", DAY, 5), Posting("b", DAY, 6), Posting("a", SUNDAY, 7)], balance="later"
    )
    assert [p.counter_id for p in posted] == [None] * 3
    assert total(url, "a") == 12
    assert [c.amount for c in book.balance(account_id="b", job_id="job")] == [-6]
    assert book.balance(week_start=WEEK + timedelta(7)) == []
    first, second = book.balance(WEEK, "a")
    assert (first.answers, first.amount, first.effective_date) == (
        posted[0].entry_id,
        Decimal(-5),
        DAY,
    )
    assert (second.answers, second.amount, second.effective_date) == (
        posted[2].entry_id,
        Decimal(-7),
        SUNDAY,
    )
    assert book.balance() == []
    assert total(url, "a") == total(url, "b") == NOTHING


def test_posting_a_key_again_now_answers_what_was_left_for_later(book: Book) -> None:
    book.settle(WEEK, ["a"])
    book.post("a", DAY, 5, key="k", balance="later")
    posted = book.post("a", DAY, 5, key="k")
    assert posted.counter_id is not None
    assert book.balance() == []
    assert book.post("a", DAY, 5, key="k", balance="later") == posted


def test_on_time_entry_is_not_owed_after_its_week_is_settled(book: Book) -> None:
    book.post("a", DAY, 5, key="k", balance="later")
    book.settle(WEEK)
    assert book.balance() == []
    assert book.post("a", DAY, 5, key="k").counter_id is None


def test_code_around_the_library_cannot_answer_twice(book: Book, url: str) -> None:
    book.settle(WEEK, ["a"])
    book.post("a", DAY, 5)
    around = (
        "INSERT INTO settle.entry (account_id, currency, week_start, effective_date, amount, kind,"
        " answers, observed, last_seen) SELECT account_id, currency, week_start, effective_date,"
        " amount, kind, answers, observed, last_seen FROM settle.entry WHERE kind = 'counter'"
    )
    with pytest.raises(Exception, match=r"(?i)unique constraint"):
        execute(url, around)
    assert total(url, "a") == 0


def test_week_starts_on_the_day_that_the_book_was_made_with(url: str) -> None:
    saturday = date(2026, 8, 1)
    with Book.open(url, week_start="saturday", scale=0, currency="JPY") as book:
        book.post("a", date(2026, 8, 7), 5)
        (settled,) = book.settle(saturday)
        assert (settled.week_start, settled.currency) == (saturday, "JPY")
        assert settled.settled_amount == Decimal(5)
        with pytest.raises(BadPosting, match="at most 0 decimals"):
            book.post("a", DAY, Decimal("0.5"))
    with pytest.raises(BadBook, match="a book made with"):
        Book.open(url)


def test_book_is_there_after_it_was_closed(url: str) -> None:
    with Book.open(url) as book:
        first = book.post("a", DAY, 1, key="k")
    with Book.open(url) as book:
        assert book.post("a", DAY, 1, key="k") == first
