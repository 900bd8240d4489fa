"""Postings: what they must be before any database sees them, and what becomes of them.

Money is exact. A float is refused, because its cents are already gone; more decimals than the book
holds are refused, because dropping them would be rounding.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from decimal import Context, Decimal, Inexact
from typing import Any, Final, NamedTuple
from uuid import uuid4

from settle_core.balancing.errors import BadPosting
from settle_core.balancing.store import (
    ACCOUNT_BYTES_MAX,
    CURRENCY_BYTES_MAX,
    KEY_BYTES_MAX,
    About,
    Job,
    Postings,
)

DIGITS_MAX: Final = 18
YEAR_MIN: Final = 1000  # earlier ones are zeros of some systems, which no export is read by
ATTEMPT_MAX: Final = 2**31 - 1
EXACT: Final = Context(prec=DIGITS_MAX, traps=[Inexact])


class Posting(NamedTuple):
    """One entry to be posted.

    `account_id`: text, or a whole number, which stands for its digits. `amount`: Decimal or int, in
    major units, signed. `key`: the idempotency key; without one, a repeat is another entry.
    """

    account_id: str | int
    effective_date: date
    amount: Decimal | int
    key: str | None = None
    currency: str | None = None
    memo: str | None = None


class Posted(NamedTuple):
    """The entry, and the counter-entry that answers it: None while nothing does, or is owed."""

    entry_id: int
    counter_id: int | None


class Counter(NamedTuple):
    """A counter-entry that was posted."""

    entry_id: int
    answers: int
    account_id: str
    effective_date: date
    amount: Decimal
    currency: str


class Settlement(NamedTuple):
    """An account's amount for a week, fixed."""

    account_id: str
    week_start: date
    settled_amount: Decimal
    settled_at: datetime
    currency: str


def columns(
    rows: Iterable[Posting | Mapping[str, Any]], about: About, *, needs_key: bool = False
) -> Postings:
    """Checked postings, column by column; a missing key is made up, a missing currency the book's.

    Args:
        rows: postings, or mappings with the names of their fields.
        about: the book's scale, currency and calendar.
        needs_key: refuse a posting without a key.

    Raises:
        BadPosting: one of the rows cannot be posted.
    """
    if isinstance(rows, str | bytes | Mapping | Posting) or not isinstance(rows, Iterable):
        raise BadPosting(f"{type(rows).__name__}", expected="a list of postings")
    checked = none()
    lists: tuple[list[Any], ...] = checked
    for row in rows:
        posting = row if isinstance(row, Posting) else _posting(row)
        day = _day(posting.effective_date)
        values = (
            _key(posting.key, needs_key=needs_key),
            account(posting.account_id),
            _currency(posting.currency, about),
            week_of(day, about.week_offset_days),
            day,
            _amount(posting.amount, about.scale),
            None if posting.memo is None else _text("memo", posting.memo, may_be_empty=True),
        )
        for column, value in zip(lists, values, strict=True):
            column.append(value)
    return checked


def none() -> Postings:
    """No postings."""
    return Postings([], [], [], [], [], [], [])


def joined(some: Postings, more: Postings) -> Postings:
    """Postings, and more after them."""
    return _columns([*zip(*some, strict=True), *zip(*more, strict=True)])


def moved_to(given: Postings, place: str) -> tuple[Postings, Postings]:
    """Postings without those of a week, and these.

    Args:
        given: corrections.
        place: the week, as a refusal names it. Its postings are taken only if others in `given`
            come to as much of the opposite sign: what leaves one week comes into another.

    Returns:
        The others, and those of the week: none where nothing stands against them.
    """
    rows = list(zip(*given, strict=True))
    there = [f"account {row[1]}, week {row[3]} ({row[2]})" == place for row in rows]
    others = [row for row, is_there in zip(rows, there, strict=True) if not is_there]
    taken = [row for row, is_there in zip(rows, there, strict=True) if is_there]
    left: dict[tuple[str, bool], Decimal] = defaultdict(Decimal)
    for *_, currency, _, _, amount, _ in others:
        left[currency, Decimal(amount) > 0] += abs(Decimal(amount))
    for *_, currency, _, _, amount, _ in taken:
        left[currency, Decimal(amount) < 0] -= abs(Decimal(amount))
    if min(left.values(), default=Decimal()) < 0:
        return given, none()
    return _columns(others), _columns(taken)


def _columns(rows: Iterable[tuple[Any, ...]]) -> Postings:
    columns = none()
    lists: tuple[list[Any], ...] = columns
    for row in rows:
        for column, value in zip(lists, row, strict=True):
            column.append(value)
    return columns


def in_order(given: Postings, posted: Iterable[tuple[Any, ...]]) -> list[Posted]:
    """What became of postings, in their order: of a key's rows the last one holds."""
    by_key = {key: Posted(entry_id, counter_id) for key, entry_id, counter_id in posted}
    return [by_key[key] for key in given.keys]


def account(value: object) -> str:
    """An account id as the book holds it: text. Raises BadPosting for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return _text("account_id", value, bytes_max=ACCOUNT_BYTES_MAX)


def job(job_id: object, attempt: object) -> Job:
    """Who writes, checked. Raises BadPosting."""
    if attempt is not None and (
        not isinstance(attempt, int) or isinstance(attempt, bool) or abs(attempt) > ATTEMPT_MAX
    ):
        raise BadPosting(f"attempt {attempt!r}", expected="a whole number")
    if isinstance(job_id, int) and not isinstance(job_id, bool):
        return Job(str(job_id), attempt)
    return Job(None if job_id is None else _text("job_id", job_id), attempt)


def week_of(day: date, offset_days: int) -> date:
    """The first day of a day's week, which starts `offset_days` after Monday.

    Raises:
        BadPosting: the first week of the calendar began before it.
    """
    try:
        return day - timedelta(days=(day.weekday() - offset_days) % 7)
    except OverflowError as error:
        raise BadPosting(f"effective_date {day}", expected="a day of a whole week") from error


def first_day(name: str, value: object, about: About) -> date:
    """A day that starts a week. Raises BadPosting."""
    week_start = _day(value, name)
    first = week_of(week_start, about.week_offset_days)
    if week_start != first:
        raise BadPosting(f"{name} {week_start}", expected=f"the first day, {first}")
    return week_start


def _posting(row: object) -> Posting:
    if not isinstance(row, Mapping):
        raise BadPosting(repr(row), expected="a Posting, or a mapping with its fields")
    try:
        return Posting(**row)
    except TypeError as error:
        raise BadPosting(str(error), expected=", ".join(Posting._fields)) from error


def _key(value: object, *, needs_key: bool) -> str:
    if value is None and not needs_key:
        return uuid4().hex
    return _text("key", value, bytes_max=KEY_BYTES_MAX)


def _currency(value: object, about: About) -> str:
    if value is None:
        return about.currency
    return _text("currency", value, bytes_max=CURRENCY_BYTES_MAX)


def _text(
    name: str, value: object, *, bytes_max: int | None = None, may_be_empty: bool = False
) -> str:
    if not isinstance(value, str) or "\0" in value or not (value or may_be_empty):
        raise BadPosting(f"{name} {value!r}", expected="text that is not empty")
    try:
        length = len(value.encode())
    except UnicodeEncodeError as error:
        raise BadPosting(f"{name} {value!r}", expected="text that UTF-8 can hold") from error
    if bytes_max is not None and length > bytes_max:
        expected = f"at most {bytes_max} bytes"
        raise BadPosting(f"{name} of {length} bytes, {value[:20]!r}...", expected=expected)
    return value


def _day(value: object, name: str = "effective_date") -> date:
    if not isinstance(value, date) or isinstance(value, datetime):
        raise BadPosting(f"{name} {value!r}", expected="a date without a time")
    if value.year < YEAR_MIN:
        raise BadPosting(f"{name} {value}", expected=f"a day of the year {YEAR_MIN} or later")
    return value


def _amount(value: object, scale: int) -> str:
    if not isinstance(value, Decimal | int) or isinstance(value, bool):
        raise BadPosting(f"amount {value!r}", expected="Decimal or int, which are exact")
    amount = Decimal(value)
    if not amount.is_finite() or (amount and amount.adjusted() >= DIGITS_MAX - scale):
        expected = f"a number of at most {DIGITS_MAX - scale} digits before the point"
        raise BadPosting(f"amount {value}", expected=expected)
    try:
        amount.quantize(Decimal(1).scaleb(-scale), context=EXACT)
    except Inexact:
        raise BadPosting(f"amount {value}", expected=f"at most {scale} decimals") from None
    return f"{amount:f}"
