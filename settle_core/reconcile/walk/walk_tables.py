"""What the walk gave in arrays, as columns of the tables that its steps make."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from settle_core.exports.arrays import arrow
from settle_core.exports.arrays.arrow import Whole
from settle_core.exports.arrays.passed import Passed
from settle_core.exports.arrays.tables import DAY, FLAG, INSTANT, NUMBER, WHOLE, Column, Texts
from settle_core.reconcile.walk.plain_days import COUNTER
from settle_core.reconcile.walk.walked import Laid, Walk

Kind = TypeVar("Kind", bound=np.generic)


class Form:
    """What the walk gave as columns of tables."""

    def __init__(self, passed: Passed, laid: Laid, money: str, currency: str) -> None:
        """Of the pass, its weeks and their rows; the form of amounts, the currency if it is one."""
        late, cells = passed.late, passed.cells
        self._passed, self._late, self._laid, self._money = passed, late, laid, money
        self._account, self._start = cells.account(laid.cells), cells.day(laid.cells)
        self._only_currency = currency
        self._settled_at, self._left = cells.settled_at[laid.cells], cells.left[laid.cells]

    def rows(self, walk: Walk, job: Whole, places: Whole | None) -> dict[str, Column | Texts]:
        """All late rows, corrections among them, and where they are walked, how.

        Their places among the entries come along, if there are any.
        """
        late, (at, week) = self._late, self._laid.rows
        walked = late.kind[at] <= COUNTER

        def spread(values: NDArray[Kind]) -> NDArray[Kind]:
            if len(values) == len(at):
                return values
            full = np.zeros(len(at), values.dtype)
            full[walked] = values
            return full

        # From 1, so that 0 is for none.
        numbers, units = np.zeros((2, len(walk.rows.late)), np.int64)
        numbers[walk.searched] = np.arange(len(walk.searched)) + 1
        units[walk.searched] = walk.unit
        row_number = spread(numbers) - 1

        forms = {
            **dict.fromkeys(("day_residual", "week_residual", "day_sum"), self._money),
            **dict.fromkeys(("pair_number", "counters_left", "place"), WHOLE),
            "has_own_entry": FLAG,
            "previous_kind": NUMBER,
            "previous_recorded_at": INSTANT,
        }
        return {
            "account_id": self._passed.cells.named(self._account[week]),
            "currency": self._currency(self._account[week]),
            "week_start": Column(DAY, self._start[week]),
            "effective_date": Column(DAY, late.day[at]),
            "entry_id": self._passed.named(late.entry_id[at]),
            "kind": Column(NUMBER, late.kind[at]),
            "amount": Column(self._money, late.amount[at]),
            "recorded_at": Column(INSTANT, late.recorded_at[at]),
            "settled_at": Column(INSTANT, self._settled_at[week]),
            "job_id": Texts(*arrow.picked(late.job_length, late.job_bytes, at)),
            "has_job": Column(FLAG, job[at] >= 0),
            "row_number": Column(WHOLE, row_number, row_number >= 0),
            "unit_number": Column(WHOLE, spread(units), row_number >= 0),
            "start_residual": Column(self._money, -self._left[week]),
            **({} if places is None else {"file_row": Column(WHOLE, places[at])}),
            "is_owed": Column(FLAG, spread(walk.is_owed)),
            **{
                name: Column(form, spread(getattr(walk.rows, name))) for name, form in forms.items()
            },
        }

    def days(self, walk: Walk) -> dict[str, Column | Texts]:
        """The days, as step late_day."""
        days, first = walk.days, walk.days.starts
        week = walk.rows.week[first]
        return {
            "account_id": self._passed.cells.named(self._account[week]),
            "currency": self._currency(self._account[week]),
            "week_start": Column(DAY, self._start[week]),
            "effective_date": Column(DAY, self._late.day[walk.rows.late[first]]),
            **self._columns(days._asdict(), "starts"),
            "residual": Column(self._money, days.residual),
        }

    def weeks(self, walk: Walk) -> dict[str, Column | Texts]:
        """The weeks, as step late_week."""
        weeks = walk.weeks
        return {
            "account_id": self._passed.cells.named(self._account[weeks.week]),
            "currency": self._currency(self._account[weeks.week]),
            "week_start": Column(DAY, self._start[weeks.week]),
            **self._columns(weeks._asdict(), "week", "row"),
            "last_recorded_at": Column(INSTANT, weeks.last_recorded_at),
            "is_suspect": Column(FLAG, walk.is_suspect),
        }

    def _currency(self, accounts: Whole) -> Texts:
        return self._passed.cells.currency(accounts, self._only_currency)

    def _columns(self, told: dict[str, NDArray[np.generic]], *but: str) -> dict[str, Column]:
        return {
            name: Column(FLAG if values.dtype == np.bool_ else WHOLE, values)
            for name, values in told.items()
            if name not in but
        }
