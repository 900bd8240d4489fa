"""What `Book` asks of a database, and what its two stores share: bounds, retries, `About`.

A store knows transactions, locks and types. What is owed and when is in `balancing/sql`, one text
for both databases, and nowhere else.
"""

import logging
import random
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol, TypeVar

from settle_core.balancing.errors import BadBook, Busy
from settle_core.exports.profiles.profile import SCALE_MAX, WEEKDAYS

VERSION: Final = 3  # of the tables
ENTRY: Final = "entry"
CORRECTION: Final = "correction"
# An index of PostgreSQL holds no more than 2,704 bytes of a row.
KEY_BYTES_MAX: Final = 2000
ACCOUNT_BYTES_MAX: Final = 1000
CURRENCY_BYTES_MAX: Final = 100
TRIES_MAX: Final = 8
PAUSE_SECONDS_MAX: Final = 0.2
LOG: Final = logging.getLogger(__name__)
Row = tuple[Any, ...]
T = TypeVar("T")


class About(NamedTuple):
    """What a book was made with. `scale`: decimals of money. Week offset: days after Monday."""

    version: int
    scale: int
    currency: str
    week_offset_days: int


class Postings(NamedTuple):
    """Checked postings, column by column. Amounts are decimal text, which both databases read."""

    keys: list[str]
    account_ids: list[str]
    currencies: list[str]
    week_starts: list[date]
    effective_dates: list[date]
    amounts: list[str]
    memos: list[str | None]


class Job(NamedTuple):
    """Who writes: the job's id and which attempt of it this is, where known."""

    job_id: str | None = None
    attempt: int | None = None


class Store(Protocol):
    """What `Book` asks of a database. Each call is one transaction and raises a `Refusal`."""

    about: About

    def post(self, postings: Postings, job: Job, *, answer: bool, kind: str = ENTRY) -> list[Row]:
        """Enter, and answer what is late: rows of key, entry id, counter id or None.

        A key may come in two rows: the last one holds.
        """

    def owed(self, account_id: str | None, week_start: date | None) -> list[Row]:
        """Late entries that nothing answers: rows of entry id, account, currency, week start."""

    def answer(self, entry_ids: list[int], job: Job) -> list[Row]:
        """Answer those of them that are owed: rows of counter id, answers, account, day, amount."""

    def settle(self, week_start: date, account_ids: list[str] | None) -> list[Row]:
        """Fix the week: rows of account, week start, settled amount, settled at, currency."""

    def export(self, folder: Path, suffix: str) -> None:
        """Write `entries` and `settlements` of one snapshot, and their control totals."""

    def part(self) -> AbstractContextManager[None]:
        """What is done within it can fail without harm to what was done before."""

    def close(self) -> None:
        """Let go of the database."""


def repeated(
    call: Callable[[], T], transient: tuple[type[Exception], ...], tries_max: int = TRIES_MAX
) -> T:
    """Call until no transient error comes, at most `tries_max` times; each repeat is logged.

    Raises:
        Busy: when the last try failed too.
    """
    for tried in range(1, tries_max + 1):
        try:
            return call()
        except transient as error:
            first_line = str(error).splitlines()[0]
            LOG.warning("try %d of %d failed: %s", tried, tries_max, first_line)
            if tried == tries_max:
                raise Busy(f"{first_line}, {tried} times") from error
            time.sleep(random.uniform(0, PAUSE_SECONDS_MAX) * tried / tries_max)  # noqa: S311
    raise AssertionError


def about(scale: int, currency: str, week_start: str) -> About:
    """What a book is made with. Raises BadBook for what no book can be made with."""
    if not isinstance(scale, int) or isinstance(scale, bool) or scale not in range(SCALE_MAX + 1):
        raise BadBook(f"scale {scale!r}", expected=f"0 to {SCALE_MAX}")
    if week_start not in WEEKDAYS:
        raise BadBook(f"week_start {week_start!r}", expected=", ".join(WEEKDAYS))
    if not isinstance(currency, str) or not 0 < len(currency.encode()) <= CURRENCY_BYTES_MAX:
        expected = f"a name such as EUR, of at most {CURRENCY_BYTES_MAX} bytes"
        raise BadBook(f"currency {currency!r}", expected=expected)
    return About(VERSION, scale, currency, WEEKDAYS.index(week_start))
