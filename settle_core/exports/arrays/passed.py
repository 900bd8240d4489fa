"""What the pass found: a cell for each account and week, totals, and the late rows."""

from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from settle_core.exports.arrays import arrow
from settle_core.exports.arrays.arrow import Batch, Whole
from settle_core.exports.arrays.tables import Column, Texts, named

NEVER: Final = np.iinfo(np.int64).max
DAYS: Final = 7
# Whom a counter-entry answers, if it does not say.
NO_ANSWER: Final = np.iinfo(np.int64).min
# Gaps among ids, and counter-entries in time, that are kept, for each row and beside.
KEPT_SHARE: Final = 0.01
KEPT_SPARED: Final = 1000


class NotPlainError(Exception):
    """The rows are not such as the pass can take; the SQL steps can."""


class RepeatedError(NotPlainError):
    """Some ids are there twice.

    Args:
        keys: what stands for them.
        unread: places of rows that lack a value, likewise.
    """

    def __init__(self, keys: NDArray[Any], unread: Whole) -> None:
        super().__init__("an id is there twice")
        self.keys, self.unread = keys, unread


def kept_max(rows: int) -> float:
    """How many of rare things are kept, of so many rows."""
    return KEPT_SPARED + KEPT_SHARE * rows


@dataclass
class Cells:
    """One cell for each account and week, by week and then account; the last is for all others.

    Attributes:
        first_account: the smallest account with a settlement.
        accounts: how many whole numbers there are from there to the largest.
        first_day: of the first settled week, in days since 1970.
        weeks: how many weeks there are from there to the last.
        names: what the numbers of accounts stand for, in its order; None if they are the ids.
        currencies: those of the accounts, in that order; None if there is one in all.
        left: what is left of the settled amount without the rows that were in time.
        settled_at: when; `NEVER` where it was not.
        unsettled_rows: of a week that was settled for others only, how many rows there are.
    """

    first_account: int
    accounts: int
    first_day: int
    weeks: int
    names: Column | Texts | None = None
    currencies: Texts | None = None
    left: Whole = field(init=False)
    settled_at: Whole = field(init=False)
    unsettled_rows: NDArray[np.int32] = field(init=False)

    def __post_init__(self) -> None:
        """No week is settled yet."""
        self.left = np.zeros(self.count + 1, np.int64)
        self.settled_at = np.full(self.count + 1, NEVER, np.int64)
        self.unsettled_rows = np.zeros(self.count + 1, np.int32)

    @property
    def count(self) -> int:
        """How many cells there are, but for the last."""
        return self.accounts * self.weeks

    def of(self, accounts: Whole, days: Whole) -> Whole:
        """The cell of each row."""
        last_day = self.first_day + DAYS * self.weeks
        last_account = self.first_account + self.accounts
        cells: Whole = (days - np.int32(self.first_day)) // np.int32(DAYS) * np.int64(self.accounts)
        cells += accounts
        cells -= self.first_account
        is_in = days.min() >= self.first_day and days.max() < last_day
        if not (is_in and accounts.min() >= self.first_account and accounts.max() < last_account):
            inside = (days >= self.first_day) & (days < last_day)
            inside &= (accounts >= self.first_account) & (accounts < last_account)
            cells[~inside] = self.count
        return cells

    def account(self, cells: Whole) -> Whole:
        """The account of each cell."""
        return cells % self.accounts + self.first_account

    def named(self, accounts: Whole) -> Column | Texts:
        """Accounts as a column of a table."""
        return named(accounts, self.names)

    def currency(self, accounts: Whole, only: str) -> Texts:
        """The currencies of accounts as a column of a table; `only` that if there is no other."""
        if self.currencies is not None:
            return Texts(*arrow.picked(self.currencies.lengths, self.currencies.bytes, accounts))
        held = only.encode()
        lengths = np.full(len(accounts), len(held), np.int32)
        every = np.tile(np.frombuffer(held, np.uint8), len(accounts))
        return Texts(lengths, every, np.ones(len(accounts), np.bool_))

    def texts(self, accounts: Whole) -> list[str]:
        """Accounts as text."""
        if self.names is None:
            return list(map(str, accounts.tolist()))
        if isinstance(self.names, Column):
            return list(map(str, self.names.values[accounts].tolist()))
        return arrow.texts(self.names.lengths, self.names.bytes, accounts)

    def day(self, cells: Whole) -> Whole:
        """The first day of each cell's week, in days since 1970."""
        return cells // self.accounts * DAYS + self.first_day


class Again(NamedTuple):
    """Settlements of weeks that have more than one: cells, minor units, microseconds."""

    cell: Whole
    amount: Whole
    at: Whole

    @classmethod
    def none(cls) -> "Again":
        """No week has."""
        return cls(*[np.empty(0, np.int64)] * 3)


class Late(NamedTuple):
    """The rows recorded after their week was settled, in the order of the entries."""

    entry_id: Whole
    cell: Whole
    day: Whole
    amount: Whole
    kind: Whole
    recorded_at: Whole
    answers: Whole
    job_length: NDArray[np.int32]
    job_bytes: NDArray[np.uint8]


@dataclass
class Passed:
    """What the pass found.

    Attributes:
        cells: what is left in each week.
        late: rows recorded after their settlement.
        names: what the numbers of late and timely entries stand for, in its order; None if they
            are the ids.
        late_rows: their places among the entries, from 0; None where these have no order.
        rejected: places of rows that are none of the entries, ascending in the end: those that are
            not there to be read, and if `may_reject`, those that lack a value.
        rows: how many entries there are, of `total` minor units.
        in_settled: how many of them are of settled weeks.
        counters: how many of them are counter-entries.
        zeros: how many of them have no amount, and `negatives` a negative one.
        first_id: the smallest, if ids are whole numbers.
        last_id: the largest.
        is_unique: whether each id is known to be there once, and gaps among ids were counted.
        has_others: whether an account may have no settlement; told where accounts are text.
        last_recorded: the last instant, microseconds.
        settlements: how many, of `settled_total` minor units, `settled_zeros` of them zero.
        last_settled: the last instant of them.
        again: of the weeks that have more than one settlement, the one that counts.
        elsewhere: whether a row of a week that is settled is of an account outside all cells.
        timely: the ids of counter-entries that are not late.
        timely_count: how many; beyond `kept_max` of the rows they are only counted.
        gap_ids: ids that the next larger one does not follow at once, and that next one.
        gap_count: how many; likewise.
    """

    cells: Cells
    rows: int = 0
    total: int = 0
    in_settled: int = 0
    counters: int = 0
    zeros: int = 0
    negatives: int = 0
    first_id: int = NEVER
    last_id: int = -NEVER
    last_recorded: int = -NEVER
    is_unique: bool = True
    has_others: bool = False
    settlements: int = 0
    settled_total: int = 0
    settled_zeros: int = 0
    last_settled: int = -NEVER
    again: Again = field(default_factory=Again.none)
    elsewhere: bool = False
    late: Late = field(init=False)
    names: Texts | None = None
    late_rows: Whole | None = None
    rejected: Whole = field(default_factory=lambda: np.empty(0, np.int64))
    may_reject: bool = False
    timely: list[Whole] = field(default_factory=list)
    timely_count: int = 0
    gap_ids: list[tuple[Whole, Whole]] = field(default_factory=list)
    gap_count: int = 0

    def complete(self, batch: Batch, places: Whole | None = None) -> dict[str, Whole]:
        """The rows of a batch that have each value; those that lack one are rejected.

        Args:
            batch: rows that follow those so far.
            places: of its rows among all; by default they follow.

        Raises:
            NotPlainError: rows may not be rejected, or too many are.
        """
        if not batch.missing:
            return batch.numbers
        lacks = np.logical_or.reduce(list(batch.missing.values()))
        of = np.flatnonzero(lacks)
        if not self.may_reject or len(self.rejected) + len(of) > kept_max(self.rows + batch.length):
            raise NotPlainError("a value is missing")
        if places is None:
            of += self.rows + len(self.rejected)
        else:
            of = places[of]
        self.rejected = np.concatenate([self.rejected, of])
        return {name: values[~lacks] for name, values in batch.numbers.items()}

    def places(self, rows: Whole) -> Whole:
        """Where entries stand among all rows that were read, by their numbers, ascending."""
        rejected = np.sort(self.rejected)
        return rows + np.searchsorted(rejected - np.arange(len(rejected)), rows, side="right")

    @property
    def is_settled(self) -> NDArray[np.bool_]:
        """Of each cell, whether it was settled."""
        is_settled: NDArray[np.bool_] = self.cells.settled_at[:-1] != NEVER
        return is_settled

    @property
    def largest_id(self) -> int:
        """The largest of entries and accounts, without its sign."""
        cells = self.cells
        ends = [cells.first_account, cells.first_account + cells.accounts - 1]
        if isinstance(cells.names, Column):
            ends = cells.names.values[ends].tolist()
        return max(map(abs, (self.first_id, self.last_id, *ends)))

    @property
    def is_told(self) -> bool:
        """Whether ids of entries or accounts are text."""
        return self.first_id > self.last_id or isinstance(self.cells.names, Texts)

    def is_within(self, first_day: int, last_day: int) -> NDArray[np.bool_]:
        """Of each week, whether it begins on one of some days, in days since 1970."""
        days = self.cells.first_day + DAYS * np.arange(self.cells.weeks)
        is_within: NDArray[np.bool_] = (days >= first_day) & (days <= last_day)
        return is_within

    def accounts(self, weeks: NDArray[np.bool_]) -> int:
        """How many accounts are settled for one of these weeks."""
        settled = self.is_settled.reshape(self.cells.weeks, -1)[weeks]
        return int(np.count_nonzero(settled.any(axis=0)))

    def unsettled(self, weeks: NDArray[np.bool_]) -> tuple[Whole, Whole]:
        """Accounts with rows in those of these weeks that are settled for others only: how many."""
        cells = self.cells.unsettled_rows[:-1].reshape(self.cells.weeks, -1)
        rows = cells[weeks].sum(axis=0)
        accounts = np.flatnonzero(rows)
        return accounts + self.cells.first_account, rows[accounts]

    @property
    def gaps(self) -> dict[str, Whole] | None:
        """The table id_neighbour; None if it is for SQL to count."""
        span = min(max(self.last_id - self.first_id + 1, 0), NEVER)
        is_dense = 2 * self.rows >= span - 1
        if not self.is_unique or (is_dense and self.gap_count > kept_max(self.rows)):
            return None
        none = np.empty(0, np.int64)
        kept = [(none, none), *(self.gap_ids if is_dense else ())]
        ids, following = (np.concatenate(each) for each in zip(*kept, strict=True))
        return {
            "id": ids,
            "next_id": following,
            "row_count": np.full(len(ids), self.rows),
            "span": np.full(len(ids), span),
        }

    @property
    def timely_ids(self) -> Whole | None:
        """The ids of counter-entries that are not late; None if they are for SQL to find."""
        if self.timely_count > kept_max(self.rows):
            return None
        return np.concatenate([np.empty(0, np.int64), *self.timely])

    def named(self, ids: Whole) -> Column | Texts:
        """Ids of late or timely entries as a column of a table."""
        return named(ids, self.names)

    @property
    def off(self) -> NDArray[np.intp]:
        """The cells that were not settled at the sum of the rows in time."""
        cells = np.flatnonzero(self.cells.left[:-1])
        off: NDArray[np.intp] = cells[self.cells.settled_at[cells] != NEVER]
        return off
