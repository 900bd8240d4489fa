"""The rows to search as arrays, by unit and day; as objects where they are asked for."""

from collections.abc import Iterable
from functools import cached_property
from itertools import pairwise, repeat
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from settle_core import sql
from settle_core.exports.arrays.arrow import Whole
from settle_core.exports.reading.ledger import Ledger
from settle_core.reconcile.search.model import Row, Unit
from settle_core.reconcile.search.rounding import Rounding

# In the order of `Row`.
_FIELDS: Final = {
    "entry_id": "entry_id",
    "is_counter": "is_counter",
    "amount": "amount_minor",
    "recorded_us": "recorded_us",
    "rank": "id_rank",
    "job_id": "job_id",
    "attempt": "attempt",
    "answers": "answers",
    "number": "row_number",
    "run_id": "run_id",
    "observed": "observed_minor",
    "last_seen": "last_seen",
}


class Searched:
    """The late rows of the weeks to replay, in the order of their numbers, by unit and day.

    Attributes:
        starts: where each unit begins; `rows_in` and `days_in`: how many it has.
        day_starts: where each day begins; `rows_in_day`: how many rows it has.
        account_ids: of each unit; `start_minor` what it was off by at its settlement,
            `is_committed` whether its order is that of commits; `currencies` likewise.
        rounding: how the counter-entries of some units are rounded, by the unit's number.
        amount: of each row, as `recorded_us`, `rank`, `is_counter` and `weekday`, its day of the
            week, from 0.
        job: 1 and more for each job, 0 for a job without a name, -1 for none.
        is_answer: whether a row names what it answers.
        entry_id: of each row, as text.
        attempt: of each row, None where it names none.
        tells_more: whether a row names a run, or what its writer saw.
        is_in_parts: whether answers come as several rows that no job holds together.
    """

    def __init__(self, ledger: Ledger, *, ids_are_sequence: bool) -> None:
        con = ledger.con
        minor: dict[str, object] = {"minor_per_major": 10**ledger.scale}
        given = minor | {"ids_are_sequence": ids_are_sequence}
        rows = con.execute(sql.text("reconcile/patterns", "searched_row"), given)
        told: dict[str, NDArray[Any]] = rows.fetchnumpy()  # type: ignore[assignment]
        units = con.execute(sql.text("reconcile/patterns", "searched_unit"), minor).fetchall()
        self._columns = [_values(told[name]) for name in _FIELDS.values()]
        self.account_ids = [account_id for account_id, *_ in units]
        self.start_minor = np.array([start for _, start, *_ in units], np.int64)
        self.is_committed = np.array([committed for *_, committed, _ in units], np.bool_)
        self.currencies = [currency for *_, currency in units]
        self.rounding = dict[int, Rounding]()
        unit = np.asarray(told["unit_number"])
        self.starts = _starts(unit[1:] != unit[:-1], len(unit))
        day = np.asarray(told["effective_date"])
        self.weekday: Whole = np.asarray(told["weekday"])
        is_other = (unit[1:] != unit[:-1]) | (day[1:] != day[:-1])
        self.day_starts = _starts(is_other, len(unit))
        self.rows_in = np.diff(np.append(self.starts, len(unit)))
        self.rows_in_day = np.diff(np.append(self.day_starts, len(unit)))
        first_days = np.searchsorted(self.day_starts, self.starts)
        self.days_in = np.diff(np.append(first_days, len(self.day_starts)))
        self.first_days = first_days
        self.amount: Whole = np.asarray(told["amount_minor"])
        self.recorded_us: Whole = np.asarray(told["recorded_us"])
        self.rank: Whole = np.asarray(told["id_rank"])
        self.is_counter: NDArray[np.bool_] = np.asarray(told["is_counter"])
        self.number: Whole = np.asarray(told["row_number"])
        self.is_answer = _is_there(told["answers"])
        self.entry_id = np.asarray(told["entry_id"])
        self.attempt = _values(told["attempt"])
        more = ("run_id", "observed_minor", "last_seen")
        self.tells_more = np.logical_or.reduce([_is_there(told[name]) for name in more])
        self._job_ids = _values(told["job_id"])
        self.is_in_parts = False

    @cached_property
    def job(self) -> Whole:
        """The job of each row, by number."""
        known: dict[str | None, int] = {None: -1, "": 0}
        numbers = (known.setdefault(each, len(known) - 1) for each in self._job_ids)
        return np.fromiter(numbers, np.int64, len(self._job_ids))

    def rows(self, places: Iterable[int]) -> list[Row]:
        """The rows at some places."""
        at = np.fromiter(places, np.intp)
        columns = [column[at].tolist() for column in self._columns]
        is_in_parts = repeat(self.is_in_parts, len(at))
        return [Row._make(row) for row in zip(*columns, is_in_parts, strict=True)]

    def unit_of(self, row_number: int) -> int:
        """The unit that a row is in."""
        place = np.searchsorted(self.number, row_number)
        return int(np.searchsorted(self.starts, place, side="right")) - 1

    def unit(self, number: int) -> Unit:
        """A unit with its rows."""
        start = int(self.starts[number])
        rows = self.rows(range(start, start + int(self.rows_in[number])))
        first, count = int(self.first_days[number]), int(self.days_in[number])
        bounds = [*(self.day_starts[first : first + count] - start).tolist(), len(rows)]
        return Unit(
            self.account_ids[number],
            int(self.start_minor[number]),
            [rows[a:b] for a, b in pairwise(bounds)],
            bool(self.is_committed[number]),
            self.rounding.get(number),
        )

    def off_us(self) -> Whole:
        """By how much the clock of each unit goes back at most where whole-number ids go on."""
        ids = self.entry_id.astype(np.int64)
        unit = np.repeat(np.arange(len(self.starts)), self.rows_in)
        order = np.lexsort((ids, unit))
        recorded = self.recorded_us[order]
        # The latest so far is found by rank: the unit's number before it keeps units apart.
        by_time = np.argsort(self.recorded_us, kind="stable")
        rank = np.empty(len(unit), np.int64)
        rank[by_time] = np.arange(len(unit))
        highest = np.maximum.accumulate(unit * len(unit) + rank[order]) - unit * len(unit)
        latest = self.recorded_us[by_time[highest]]
        off: Whole = np.maximum.reduceat(latest - recorded, self.starts)
        return off


def _starts(is_other: NDArray[np.bool_], length: int) -> NDArray[np.intp]:
    """Where each run begins; told is whether each row but the first begins another."""
    return np.concatenate([np.zeros(min(length, 1), np.intp), np.flatnonzero(is_other) + 1])


def _is_there(column: NDArray[Any]) -> NDArray[np.bool_]:
    return ~np.ma.getmaskarray(column)


def _values(column: NDArray[Any]) -> NDArray[Any]:
    """Values of a column, None where there is none."""
    if not isinstance(column, np.ma.MaskedArray):
        return column
    values = np.array(column.data, object)
    values[np.ma.getmaskarray(column)] = None
    return values
