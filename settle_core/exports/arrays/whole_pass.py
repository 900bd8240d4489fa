"""The pass: one reading of all entries, which keeps a number or three for each settled week.

Settlements are laid out in cells, one for each account and week. Each entry that was in time is
taken from its cell's settled amount, so that nothing is left where a week was settled at its sum;
one that came later is kept. Control totals, the order of ids and the signs come along. All of it in
whole numbers, exact. Where the rows are not plain enough for that, the pass says so and gives
nothing, and the SQL steps do the same work.
"""

import logging
from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Final, NamedTuple

import duckdb
import numpy as np
from numpy.typing import NDArray

from settle_core import sql
from settle_core.exports.arrays import arrow, settled_again, told_ids
from settle_core.exports.arrays.arrow import Batch, Whole
from settle_core.exports.arrays.ascending_ids import Ascending, UnorderedError
from settle_core.exports.arrays.passed import (
    DAYS,
    NEVER,
    Cells,
    Late,
    NotPlainError,
    Passed,
    kept_max,
)
from settle_core.exports.arrays.tables import Column, Texts, size
from settle_core.exports.arrays.told_ids import Accounts, Told
from settle_core.exports.files import memory

_LOG: Final = logging.getLogger(__name__)
# On fewer entries the pass gains nothing over the steps.
ROWS_MIN = 100_000
# More cells than this for each settlement, and the accounts' ids are too far apart to count by.
CELLS_PER_SETTLEMENT: Final = 8
CELLS_SPARED: Final = 1 << 20
# Bytes of memory: of a cell, with what is counted of it on the way, and of a late row likewise.
CELL_BYTES: Final = 24
LATE_BYTES: Final = 300
LATE_SPARED: Final = 1 << 17
# What the database takes for the join with accounts that are text, and to read rows once more.
TOLD_BYTES: Final = 32 << 20
# More of the weeks than this settled again, and too many rows would have to be kept.
AGAIN_SHARE_MAX: Final = 0.05
AGAIN_SPARED: Final = 1000
# No sum of so many minor units can leave a whole number of 64 bits.
SAFE: Final = 1 << 62
FIELDS: Final = ("effective_date", "amount", "kind", "recorded_at")


class FarApartError(NotPlainError):
    """Ids of accounts are too far apart to count by them."""


class Limits(NamedTuple):
    """The weeks and the instant of an audit."""

    first_week: date = date.min
    last_week: date = date.max
    as_of: datetime = datetime.max  # noqa: DTZ901  UTC, as all instants in the tables


class Rejecting(NamedTuple):
    """What is to become of entries that lack a value.

    Attributes:
        may_reject: whether the pass may leave them out, and tell their places.
        rejected: places of rows that are left out already.
    """

    may_reject: bool = False
    rejected: Whole = np.empty(0, np.int64)


NOT_REJECTING: Final = Rejecting()


def run(
    con: duckdb.DuckDBPyConnection,
    limits: Limits,
    scale: int,
    numbered: duckdb.DuckDBPyRelation | None = None,
    rejecting: Rejecting = NOT_REJECTING,
) -> Passed:
    """Read all settlements and entries once.

    Args:
        con: connection with `entry` and `settlement`.
        limits: of the audit; what lies beyond them counts in totals only.
        scale: decimals of money in the tables.
        numbered: the jobs, where few rows have one, by the numbers of their rows.
        rejecting: what is to become of rows that lack a value.

    Raises:
        RepeatedError: ids are there twice.
        NotPlainError: the rows are not such as can be counted so.
    """
    is_whole = _demand_types(con, scale)
    have_currencies = _have_currencies(con)
    con.execute("SET arrow_output_version = '1.5'")
    try:
        if not is_whole or have_currencies:
            return _told(con, limits, rejecting, have_currencies=have_currencies)
        try:
            passed = Passed(_laid_out(con, limits), **rejecting._asdict())
            ids = Ascending(con, passed, numbered)
            _read(con, limits, passed, ids)
        except (UnorderedError, FarApartError):
            return _told(con, limits, rejecting, have_currencies=False)
    except (duckdb.Error, RuntimeError, MemoryError) as error:  # nanoarrow raises the second
        raise NotPlainError(str(error).partition("\n")[0]) from error
    return passed


def tried(con: duckdb.DuckDBPyConnection, limits: Limits, scale: int) -> Passed | None:
    """What `run` gives; None where the rows, or the memory, are not such."""
    try:
        return run(con, limits, scale)
    except NotPlainError as error:
        _LOG.debug("no pass: %s", error)
    memory.share(con)  # what it had is the database's again
    return None


def _told(
    con: duckdb.DuckDBPyConnection, limits: Limits, rejecting: Rejecting, *, have_currencies: bool
) -> Passed:
    """The same where ids are text, in no order, of accounts far apart, or in several currencies."""
    accounts = Accounts(have_currencies or _are_numbered(con, limits), have_currencies)
    with told_ids.laid(con, limits._asdict(), accounts) as rows:
        # Before there is any array: what a pass that fails has held is not all given back.
        late_bytes = LATE_SPARED * (LATE_BYTES + rows.name_bytes)
        _demand_room(con, rows.bytes_foreseen + late_bytes + TOLD_BYTES)
        cells = _laid_out(con, limits, rows.accounts, rows.currencies)
        passed = Passed(cells, **rejecting._asdict())
        _read(con, limits, passed, Told(con, passed, rows))
    return passed


def _read(
    con: duckdb.DuckDBPyConnection, limits: Limits, passed: Passed, ids: Ascending | Told
) -> None:
    as_of = NEVER
    if limits.as_of != datetime.max:  # noqa: DTZ901
        as_of = round(limits.as_of.replace(tzinfo=UTC).timestamp() * 1_000_000)
    _settlements(con, limits, passed)
    _entries(con, passed, as_of, ids)
    _LOG.info("passed over %d entries, %d of them late", passed.rows, len(passed.late.cell))


def _demand_types(con: duckdb.DuckDBPyConnection, scale: int) -> bool:
    """Whether ids are whole numbers. Raise unless they are those or text."""
    entries, settlements = con.table("entry"), con.table("settlement")
    types = dict(zip(entries.columns, map(str, entries.types), strict=True))
    settled = str(settlements.select("account_id").types[0])
    ids = {types["entry_id"], types["account_id"]}
    is_same = types["account_id"] == settled and ids <= {"BIGINT", "VARCHAR"}
    if not is_same or types["amount"] != f"DECIMAL(18,{scale})":
        raise NotPlainError("ids are neither whole numbers nor text")
    return ids == {"BIGINT"}


def _have_currencies(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether there is more than one currency. Raises NotPlainError where one table has none."""
    are_told = {
        "currency" in con.table(f"stored_{name}").columns for name in ("entry", "settlement")
    }
    if are_told == {False}:
        return False  # all are of the profile's
    if len(con.execute(sql.text("exports/arrays", "pass_currency")).fetchall()) == 1:
        return False
    if are_told != {True}:
        raise NotPlainError("one table tells no currency")
    return True


def _are_numbered(con: duckdb.DuckDBPyConnection, limits: Limits) -> bool:
    """Whether accounts go by numbers that stand for them: they are text, or too far apart."""
    if str(con.table("entry").select("account_id").types[0]) == "VARCHAR":
        return True
    try:
        _laid_out(con, limits)
    except FarApartError:
        return True
    return False


def _laid_out(
    con: duckdb.DuckDBPyConnection,
    limits: Limits,
    names: Column | Texts | None = None,
    currencies: Texts | None = None,
) -> Cells:
    """Cells for all accounts, by their names if they have some."""
    query = sql.text("exports/arrays", "pass_weeks" if names else "pass_bounds")
    (found,) = con.execute(query, limits._asdict()).fetchall()
    first, last = (0, size(names) - 1) if names else found[:2]
    first_day, last_day, count = found[-3:]
    if not count:
        raise NotPlainError("nothing is settled")
    accounts, weeks = last - first + 1, (last_day - first_day) // DAYS + 1
    if accounts * weeks > max(CELLS_PER_SETTLEMENT * count, CELLS_SPARED):
        raise FarApartError("accounts are too far apart")
    _demand_room(con, accounts * weeks * CELL_BYTES + LATE_SPARED * LATE_BYTES)
    return Cells(first, accounts, first_day, weeks, names, currencies)


def _demand_room(con: duckdb.DuckDBPyConnection, size: int) -> None:
    """Raise if there is no memory for arrays of so many bytes."""
    if memory.share(con, size) < memory.DATABASE_MIN:
        raise NotPlainError("the memory does not suffice for the pass")


def _settlements(con: duckdb.DuckDBPyConnection, limits: Limits, passed: Passed) -> None:
    for batch, k in _settled(con, limits, passed.cells):
        amount, at = batch["settled_amount"], batch["settled_at"]
        passed.last_settled = max(passed.last_settled, _demand_safe(passed, amount, at))
        passed.cells.left[k] = amount
        passed.cells.settled_at[k] = at
        passed.settlements += len(k)
        passed.settled_total += int(amount.sum())
        passed.settled_zeros += len(k) - int(np.count_nonzero(amount))
    settled = int(np.count_nonzero(passed.is_settled))
    if settled != passed.settlements:
        _again(con, limits, passed, settled)


def _settled(
    con: duckdb.DuckDBPyConnection, limits: Limits, cells: Cells
) -> Iterator[tuple[dict[str, Whole], Whole]]:
    """Settlements, and the cell of each."""
    name = "pass_settlement" if cells.names is None else "pass_settlement_told"
    rows = con.sql(sql.text("exports/arrays", name), params=limits._asdict())
    for batch in arrow.batches(rows):
        numbers = _plain(batch)
        if np.any((numbers["week_start"] - cells.first_day) % DAYS):
            raise NotPlainError("a week begins on another day")
        yield numbers, cells.of(numbers["account_id"], numbers["week_start"])


def _again(con: duckdb.DuckDBPyConnection, limits: Limits, passed: Passed, settled: int) -> None:
    """Let the weeks that were settled more than once wait for their rows."""
    cells = passed.cells
    if passed.settlements - settled > AGAIN_SHARE_MAX * settled + AGAIN_SPARED:
        raise NotPlainError("many weeks were settled more than once")
    _demand_room(con, 24 * passed.settlements)
    rows = (
        (k, numbers["settled_amount"].copy(), numbers["settled_at"].copy())
        for numbers, k in _settled(con, limits, cells)
    )
    passed.again = again = settled_again.of(cells.count, rows)
    cells.left[again.cell] = 0
    cells.settled_at[again.cell] = -NEVER
    passed.settlements = settled
    # Only whether enough weeks tell something is asked of these.
    passed.settled_zeros = min(passed.settled_zeros, settled)


def _plain(batch: Batch) -> dict[str, Whole]:
    if batch.has_nulls or not batch.length:
        raise NotPlainError("a value is missing")
    return batch.numbers


def _demand_safe(passed: Passed, amount: Whole, instant: Whole) -> int:
    """The last instant. Raises if sums could leave 64 bits, or an instant is an end of time."""
    largest = max(int(amount.max()), -int(amount.min()))
    if largest * max(passed.rows + passed.settlements + len(amount), 1 << 24) >= SAFE:
        raise NotPlainError("amounts are too large")
    last = int(instant.max())
    if last == NEVER or int(instant.min()) <= -NEVER:
        raise NotPlainError("an instant is an end of time")
    return last


def _entries(
    con: duckdb.DuckDBPyConnection, passed: Passed, as_of: int, ids: Ascending | Told
) -> None:
    late: list[tuple[Whole, ...]] = []
    late_rows, room = 0, LATE_SPARED
    by_week = passed.is_settled.reshape(passed.cells.weeks, -1)
    settled_days: NDArray[np.bool_] = np.logical_or.reduce(by_week, axis=1)
    for batch in arrow.batches(ids.rows()):
        numbers = ids.take(batch)
        length = len(numbers["amount"])
        if not length:
            continue
        rows, cells = _reduced(passed, numbers, length, (as_of, settled_days, ids))
        if len(rows):
            fields = (numbers[name][rows] for name in FIELDS)
            kept = (ids.of(numbers, rows), cells, *fields, ids.answers(numbers, rows))
            late.append((rows + passed.rows, *kept))
            late_rows += len(rows)
        if late_rows > room:
            room = 2 * late_rows
            _demand_room(con.cursor(), room * (LATE_BYTES + ids.name_bytes))
        _total(passed, numbers, length)
    if not passed.rows:
        raise NotPlainError("there are no entries")
    count = len(Late._fields) - 1
    columns = zip(*late, strict=True) if late else [[np.empty(0, np.int64)]] * count
    places, *numbers_of = [np.concatenate(list(column)) for column in columns]
    if len(passed.again.cell):
        is_late = _late_again(passed, dict(zip(Late._fields, numbers_of, strict=False)))
        places, *numbers_of = [column[is_late] for column in (places, *numbers_of)]
    ids.end(places, numbers_of)


def _late_again(passed: Passed, kept: dict[str, Whole]) -> NDArray[np.bool_]:
    """Settle the weeks that have more than one settlement; which of the kept rows are late."""
    cells = passed.cells
    cell, amount, recorded_at = kept["cell"], kept["amount"], kept["recorded_at"]
    passed.again = again = settled_again.chosen(passed.again, cell, amount, recorded_at)
    cells.left[again.cell] = again.amount
    cells.settled_at[again.cell] = again.at
    is_late: NDArray[np.bool_] = recorded_at > cells.settled_at[cell]
    np.subtract.at(cells.left, cell[~is_late], amount[~is_late])
    _keep_timely(passed, kept["entry_id"][~is_late & (kept["kind"] == 1)], passed.rows)
    return is_late


def _total(passed: Passed, numbers: dict[str, Whole], length: int) -> None:
    """Add a batch to the control totals."""
    amount = numbers["amount"]
    passed.rows += length
    passed.total += int(amount.sum())
    passed.zeros += length - int(np.count_nonzero(amount))
    passed.negatives += int(np.count_nonzero(amount < 0))
    passed.counters += int(np.count_nonzero(numbers["kind"] == 1))


def _reduced(
    passed: Passed,
    numbers: dict[str, Whole],
    length: int,
    given: tuple[int, NDArray[np.bool_], Ascending | Told],
) -> tuple[NDArray[np.intp], Whole]:
    """Take the rows of a batch that were in time from their cells; the late ones, and theirs."""
    cells = passed.cells
    as_of, settled_weeks, ids = given
    amount, recorded_at = numbers["amount"], numbers["recorded_at"]
    passed.last_recorded = max(passed.last_recorded, _demand_safe(passed, amount, recorded_at))
    k = cells.of(numbers["account_id"], numbers["effective_date"])
    if as_of < NEVER:
        k[recorded_at > as_of] = cells.count
    settled_at = cells.settled_at.take(k)
    is_late = recorded_at > settled_at
    timely = np.flatnonzero((numbers["kind"] == 1) > is_late)
    if len(timely):
        _keep_timely(passed, ids.of(numbers, timely), passed.rows + length)
    unsettled = np.flatnonzero(settled_at == NEVER)
    passed.in_settled += length - len(unsettled)
    if len(unsettled):
        _unsettled(passed, numbers, unsettled, k, settled_weeks, as_of)
    late = np.flatnonzero(is_late)
    of_late = k[late]
    np.subtract.at(cells.left, k, amount)
    np.add.at(cells.left, of_late, amount[late])
    return late, of_late


def _keep_timely(passed: Passed, ids: Whole, rows: int) -> None:
    """Keep ids of counter-entries that were in time, as long as they are few of so many rows."""
    passed.timely_count += len(ids)
    if passed.timely_count <= kept_max(rows):
        passed.timely.append(ids)
    else:
        passed.timely_count = NEVER  # some are not kept, however many rows follow


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
