"""The pass: one reading of all entries, which keeps a number or three for each settled week.

Settlements are laid out in cells, one for each account and week. Each entry that was in time is
taken from its cell's settled amount, so that nothing is left where a week was settled at its sum;
one that came later is kept. Control totals, the order of ids and the signs come along. All of it in
whole numbers, exact. Where the rows are not plain enough for that, the pass says so and gives
nothing, and the SQL steps do the same work.
"""

import logging
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Final, NamedTuple

import duckdb
import numpy as np
from numpy.typing import NDArray

from settle_core import sql
from settle_core.exports import arrow
from settle_core.exports.arrow import Batch, Whole

_LOG: Final = logging.getLogger(__name__)
NEVER: Final = np.iinfo(np.int64).max
NO_ANSWER: Final = np.iinfo(np.int64).min
DAYS: Final = 7
# On fewer entries the pass gains nothing over the steps.
ROWS_MIN = 100_000
# More cells than this for each settlement, and the accounts' ids are too far apart to count by.
CELLS_PER_SETTLEMENT: Final = 8
CELLS_SPARED: Final = 1 << 20
# Gaps among ids, and counter-entries in time, that are kept, for each row and beside.
KEPT_SHARE: Final = 0.01
KEPT_SPARED: Final = 1000
# No sum of so many minor units can leave a whole number of 64 bits.
SAFE: Final = 1 << 62


class NotPlainError(Exception):
    """The rows are not such as the pass can take; the SQL steps can."""


class Limits(NamedTuple):
    """The weeks and the instant of an audit."""

    first_week: date = date.min
    last_week: date = date.max
    as_of: datetime = datetime.max  # noqa: DTZ901  UTC, as all instants in the tables


@dataclass
class Cells:
    """One cell for each account and week, by week and then account; the last is for all others.

    Attributes:
        first_account: the smallest account with a settlement.
        accounts: how many whole numbers there are from there to the largest.
        first_day: of the first settled week, in days since 1970.
        weeks: how many weeks there are from there to the last.
        left: what is left of the settled amount without the rows that were in time.
        settled_at: when; `NEVER` where it was not.
        unsettled_rows: of a week that was settled for others only, how many rows there are.
    """

    first_account: int
    accounts: int
    first_day: int
    weeks: int
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

    def day(self, cells: Whole) -> Whole:
        """The first day of each cell's week, in days since 1970."""
        return cells // self.accounts * DAYS + self.first_day


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
        rows: how many entries there are, of `total` minor units.
        in_settled: how many of them are of settled weeks.
        counters: how many of them are counter-entries.
        zeros: how many of them have no amount, and `negatives` a negative one.
        first_id: the smallest; ids ascend from row to row if `is_ascending`.
        last_id: the largest.
        last_recorded: the last instant, microseconds.
        settlements: how many, of `settled_total` minor units, `settled_zeros` of them zero.
        last_settled: the last instant of them.
        elsewhere: whether a row of a week that is settled is of an account outside all cells.
        timely: the ids of counter-entries that are not late.
        timely_count: how many; beyond `_kept_max` of the rows they are only counted.
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
    is_ascending: bool = True
    settlements: int = 0
    settled_total: int = 0
    settled_zeros: int = 0
    last_settled: int = -NEVER
    elsewhere: bool = False
    late: Late = field(init=False)
    timely: list[Whole] = field(default_factory=list)
    timely_count: int = 0
    gap_ids: list[tuple[Whole, Whole]] = field(default_factory=list)
    gap_count: int = 0

    @property
    def is_settled(self) -> NDArray[np.bool_]:
        """Of each cell, whether it was settled."""
        is_settled: NDArray[np.bool_] = self.cells.settled_at[:-1] != NEVER
        return is_settled

    @property
    def largest_id(self) -> int:
        """The largest of entries and accounts, without its sign."""
        last_account = self.cells.first_account + self.cells.accounts - 1
        ids = (self.first_id, self.last_id, self.cells.first_account, last_account)
        return max(map(abs, ids))

    @property
    def accounts(self) -> int:
        """How many accounts have a settled week."""
        return int(np.count_nonzero(self.is_settled.reshape(self.cells.weeks, -1).any(axis=0)))

    def unsettled(self) -> tuple[Whole, Whole]:
        """Accounts with rows in weeks that are settled for others only, and how many rows."""
        rows = self.cells.unsettled_rows[:-1].reshape(self.cells.weeks, -1).sum(axis=0)
        accounts = np.flatnonzero(rows)
        return accounts + self.cells.first_account, rows[accounts]

    @property
    def gaps(self) -> dict[str, Whole] | None:
        """The table id_neighbour; None if it is for SQL to count."""
        span = self.last_id - self.first_id + 1
        is_dense = 2 * self.rows >= span - 1
        if not self.is_ascending or (is_dense and self.gap_count > _kept_max(self.rows)):
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
        if self.timely_count > _kept_max(self.rows):
            return None
        return np.concatenate([np.empty(0, np.int64), *self.timely])

    @property
    def off(self) -> NDArray[np.intp]:
        """The cells that were not settled at the sum of the rows in time."""
        cells = np.flatnonzero(self.cells.left[:-1])
        off: NDArray[np.intp] = cells[self.cells.settled_at[cells] != NEVER]
        return off


def run(con: duckdb.DuckDBPyConnection, limits: Limits, scale: int) -> Passed:
    """Read all settlements and entries once.

    Args:
        con: connection with `entry` and `settlement`.
        limits: of the audit; what lies beyond them counts in totals only.
        scale: decimals of money in the tables.

    Raises:
        NotPlainError: the rows are not such as can be counted so.
    """
    _demand_numbers(con, scale)
    con.execute("SET arrow_output_version = '1.5'")
    as_of = NEVER
    if limits.as_of != datetime.max:  # noqa: DTZ901
        as_of = round(limits.as_of.replace(tzinfo=UTC).timestamp() * 1_000_000)
    try:
        passed = Passed(_laid_out(con, limits))
        _settlements(con, limits, passed)
        _entries(con, passed, as_of)
    except (duckdb.Error, RuntimeError, MemoryError) as error:  # nanoarrow raises the second
        raise NotPlainError(str(error).partition("\n")[0]) from error
    _LOG.info("passed over %d entries, %d of them late", passed.rows, len(passed.late.cell))
    return passed


def _demand_numbers(con: duckdb.DuckDBPyConnection, scale: int) -> None:
    """Raise unless ids are whole numbers and all is of one currency."""
    entries, settlements = con.table("entry"), con.table("settlement")
    types = dict(zip(entries.columns, map(str, entries.types), strict=True))
    types["settled"] = str(settlements.select("account_id").types[0])
    ids = {types[name] for name in ("entry_id", "account_id", "settled")}
    if ids != {"BIGINT"} or types["amount"] != f"DECIMAL(18,{scale})":
        raise NotPlainError("ids are not whole numbers")
    currencies = con.execute(sql.text("exports", "pass_currency")).fetchall()
    if len(currencies) != 1:
        raise NotPlainError("more than one currency")


def _laid_out(con: duckdb.DuckDBPyConnection, limits: Limits) -> Cells:
    query = sql.text("exports", "pass_bounds")
    ((first, last, first_day, last_day, count),) = con.execute(query, limits._asdict()).fetchall()
    if not count:
        raise NotPlainError("nothing is settled")
    accounts, weeks = last - first + 1, (last_day - first_day) // DAYS + 1
    if accounts * weeks > max(CELLS_PER_SETTLEMENT * count, CELLS_SPARED):
        raise NotPlainError("accounts are too far apart")
    return Cells(first, accounts, first_day, weeks)


def _settlements(con: duckdb.DuckDBPyConnection, limits: Limits, passed: Passed) -> None:
    cells = passed.cells
    rows = con.sql(sql.text("exports", "pass_settlement"), params=limits._asdict())
    for batch in arrow.batches(rows):
        numbers = _plain(batch)
        amount, at = numbers["settled_amount"], numbers["settled_at"]
        _demand_safe(passed, amount, at)
        if np.any((numbers["week_start"] - cells.first_day) % DAYS):
            raise NotPlainError("a week begins on another day")
        k = cells.of(numbers["account_id"], numbers["week_start"])
        cells.left[k] = amount
        cells.settled_at[k] = at
        passed.settlements += batch.length
        passed.settled_total += int(amount.sum())
        passed.settled_zeros += batch.length - int(np.count_nonzero(amount))
        passed.last_settled = max(passed.last_settled, int(at.max()))
    if int(np.count_nonzero(passed.is_settled)) != passed.settlements:
        raise NotPlainError("a week was settled more than once")


def _plain(batch: Batch) -> dict[str, Whole]:
    if batch.has_nulls or not batch.length:
        raise NotPlainError("a value is missing")
    return batch.numbers


def _demand_safe(passed: Passed, amount: Whole, instant: Whole) -> None:
    """Raise if sums could leave 64 bits, or an instant is an end of time."""
    largest = max(int(amount.max()), -int(amount.min()))
    if largest * max(passed.rows + passed.settlements + len(amount), 1 << 24) >= SAFE:
        raise NotPlainError("amounts are too large")
    if int(instant.max()) == NEVER or int(instant.min()) <= -NEVER:
        raise NotPlainError("an instant is an end of time")


def _entries(con: duckdb.DuckDBPyConnection, passed: Passed, as_of: int) -> None:
    late: list[tuple[NDArray[np.int64] | NDArray[np.int32] | NDArray[np.uint8], ...]] = []
    settled_days = np.zeros(passed.cells.weeks, np.bool_)
    settled_days[np.flatnonzero(passed.is_settled) // passed.cells.accounts] = True
    for batch in arrow.batches(con.sql(sql.text("exports", "pass_entry"))):
        _total(passed, _plain(batch), batch.length)
        late += _reduced(passed, batch, as_of, settled_days)
    if not passed.rows:
        raise NotPlainError("there are no entries")
    columns = zip(*late, strict=True) if late else [[np.empty(0, np.int64)]] * len(Late._fields)
    passed.late = Late(*(np.concatenate(list(column)) for column in columns))


def _kept_max(rows: int) -> float:
    return KEPT_SPARED + KEPT_SHARE * rows


def _gaps(passed: Passed, ids: Whole) -> None:
    """Keep the gaps among ids that ascend."""
    if passed.rows and int(ids[0]) != passed.last_id + 1:
        passed.gap_count += 1
        passed.gap_ids.append((np.array([passed.last_id]), ids[:1].copy()))
    if int(ids[-1]) - int(ids[0]) == len(ids) - 1:
        return
    before = np.flatnonzero(ids[1:] - ids[:-1] != 1)
    passed.gap_count += len(before)
    if passed.gap_count <= _kept_max(passed.rows + len(ids)):
        passed.gap_ids.append((ids[before], ids[before + 1]))


def _total(passed: Passed, numbers: dict[str, Whole], length: int) -> None:
    """Add a batch to the control totals."""
    ids, amount = numbers["entry_id"], numbers["amount"]
    recorded_at = numbers["recorded_at"]
    _demand_safe(passed, amount, recorded_at)
    passed.is_ascending = (
        passed.is_ascending and int(ids[0]) > passed.last_id and bool(np.all(ids[1:] > ids[:-1]))
    )
    if passed.is_ascending:
        _gaps(passed, ids)
    passed.first_id = min(passed.first_id, int(ids.min()))
    passed.last_id = max(passed.last_id, int(ids.max()))
    passed.rows += length
    passed.total += int(amount.sum())
    passed.zeros += length - int(np.count_nonzero(amount))
    passed.negatives += int(np.count_nonzero(amount < 0))
    passed.counters += int(np.count_nonzero(numbers["kind"] == 1))
    passed.last_recorded = max(passed.last_recorded, int(recorded_at.max()))


def _reduced(
    passed: Passed, batch: Batch, as_of: int, settled_weeks: NDArray[np.bool_]
) -> list[tuple[NDArray[np.int64] | NDArray[np.int32] | NDArray[np.uint8], ...]]:
    """Take the rows of a batch that were in time from their cells; what is late of the others."""
    cells, numbers = passed.cells, batch.numbers
    amount, recorded_at = numbers["amount"], numbers["recorded_at"]
    k = cells.of(numbers["account_id"], numbers["effective_date"])
    if as_of < NEVER:
        k[recorded_at > as_of] = cells.count
    settled_at = cells.settled_at.take(k)
    is_late = recorded_at > settled_at
    timely = np.flatnonzero((numbers["kind"] == 1) > is_late)
    passed.timely_count += len(timely)
    if len(timely) and passed.timely_count <= _kept_max(passed.rows):
        passed.timely.append(numbers["entry_id"][timely])
    unsettled = np.flatnonzero(settled_at == NEVER)
    passed.in_settled += batch.length - len(unsettled)
    if len(unsettled):
        _unsettled(passed, numbers, unsettled, k, settled_weeks, as_of)
    rows = np.flatnonzero(is_late)
    if not len(rows):
        np.subtract.at(cells.left, k, amount)
        return []
    np.subtract.at(cells.left, k, np.where(is_late, 0, amount))
    names = ("effective_date", "amount", "kind", "recorded_at", "answers")
    kept = [numbers["entry_id"][rows], k[rows], *(numbers[name][rows] for name in names)]
    return [(*kept, *arrow.chosen(batch.texts["job_id"], rows))]


def _unsettled(  # noqa: PLR0913, PLR0917
    passed: Passed,
    numbers: dict[str, Whole],
    rows: NDArray[np.intp],
    cells: Whole,
    settled_weeks: NDArray[np.bool_],
    as_of: int,
) -> None:
    """Count rows of weeks that are settled for others, but not for their accounts."""
    weeks = (numbers["effective_date"][rows] - passed.cells.first_day) // DAYS
    is_in = (weeks >= 0) & (weeks < passed.cells.weeks) & (numbers["recorded_at"][rows] <= as_of)
    is_in[is_in] = settled_weeks[weeks[is_in]]
    of = cells[rows[is_in]]
    np.add.at(passed.cells.unsettled_rows, of, np.int32(1))
    passed.elsewhere = passed.elsewhere or bool(np.any(of == passed.cells.count))
