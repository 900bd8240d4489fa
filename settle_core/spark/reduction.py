"""The reduction: from typed entries and settlements, wherever they lie, to what the pass keeps.

What comes here is little: totals, the weeks that were not settled at their sum, the late rows, and
which accounts were settled by runs of them. All in whole numbers, exact. Where the rows are not
plain enough, it says so and gives nothing, as the pass in arrays does.
"""

import logging
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from settle_core.exports.arrays import arrow
from settle_core.exports.arrays.arrow import Batch, Whole
from settle_core.exports.arrays.passed import (
    DAYS,
    NEVER,
    Cells,
    Late,
    NotPlainError,
    Passed,
    kept_max,
)
from settle_core.exports.arrays.whole_pass import (
    CELLS_PER_SETTLEMENT,
    CELLS_SPARED,
    SAFE,
    Limits,
)
from settle_core.spark import portable
from settle_core.spark.engine import Engine

_LOG: Final = logging.getLogger(__name__)
# Before 1900 calendars and time zones are not the same everywhere.
FIRST_DAY: Final = -25_567
DAY_US: Final = 86_400_000_000
VIEWS: Final = ("pass_entry", "pass_settlement", "whole_entry", "whole_settlement")


class Reduction:
    """One reduction.

    Args:
        engine: with `entry` and `settlement`, typed.
        limits: of the audit.
        scale: decimals of money in these.
        week_offset_days: from Monday to the day on which a week starts.
    """

    def __init__(self, engine: Engine, limits: Limits, scale: int, week_offset_days: int) -> None:
        self.engine = engine
        as_of_us = NEVER
        if limits.as_of != datetime.max:  # noqa: DTZ901
            as_of_us = round(limits.as_of.replace(tzinfo=UTC).timestamp() * 1_000_000)
        self.given: dict[str, object] = {
            **limits._asdict(),
            "minor_per_major": Decimal(10) ** scale,
            "week_offset_days": week_offset_days,
            # 1970-01-05, day 4, was a Monday.
            "first_day": 4 + week_offset_days,
            "as_of_us": as_of_us,
        }

    def run(self) -> Passed:
        """What the pass keeps.

        Raises:
            NotPlainError: the rows are not such as can be counted so.
        """
        if len(self._texts("pass_currency", "currency")) != 1:
            raise NotPlainError("more than one currency")
        for name in VIEWS:
            self._view(name)
        settled = self._one("settlement_total")
        passed = Passed(self._laid_out(settled))
        self._total(passed, settled, self._one("entry_total"))
        self._ids(passed)
        self._settled(passed)
        self._weeks(passed)
        passed.late = self._late(passed)
        _LOG.info("passed over %d entries, %d of them late", passed.rows, len(passed.late.cell))
        return passed

    def _view(self, name: str, *, is_kept: bool = False) -> None:
        self.engine.view(name, portable.text(name), self.given, is_kept=is_kept)

    def _batches(self, name: str) -> list[Batch]:
        found = []
        for batch in self.engine.batches(portable.text(name), self.given):
            if batch.has_nulls:
                raise NotPlainError(f"a value is missing in {name}")
            if batch.length:
                numbers = {column: values.copy() for column, values in batch.numbers.items()}
                texts = {
                    column: arrow.Text(text.starts.copy(), text.bytes.copy())
                    for column, text in batch.texts.items()
                }
                found.append(Batch(batch.length, numbers, texts, {}))
        return found

    def _columns(self, name: str, *columns: str) -> list[Whole]:
        """Columns of whole numbers."""
        batches = self._batches(name)
        none = [np.empty(0, np.int64)]
        return [np.concatenate(none + [b.numbers[column] for b in batches]) for column in columns]

    def _texts(self, name: str, column: str) -> list[str]:
        return [
            text
            for batch in self._batches(name)
            for text in arrow.texts(
                *arrow.chosen(batch.texts[column], np.arange(batch.length)), np.arange(batch.length)
            )
        ]

    def _one(self, name: str) -> dict[str, int]:
        """The only row of totals; those too large for 64 bits come as text."""
        (batch,) = self._batches(name)
        row = {column: int(values[0]) for column, values in batch.numbers.items()}
        for column, text in batch.texts.items():
            (value,) = arrow.texts(*arrow.chosen(text, np.arange(1)), np.arange(1))
            row[column] = int(value)
        return row

    def _laid_out(self, settled: dict[str, int]) -> Cells:
        count = settled["row_count"]
        if not count or settled["unread"] or settled["misplaced"]:
            raise NotPlainError("no settlement, or one that cannot be read")
        accounts = settled["last_account"] - settled["first_account"] + 1
        weeks = (settled["last_week"] - settled["first_week"]) // DAYS + 1
        if accounts * weeks > max(CELLS_PER_SETTLEMENT * count, CELLS_SPARED):
            raise NotPlainError("accounts are too far apart")
        return Cells(settled["first_account"], accounts, settled["first_week"], weeks)

    def _total(self, passed: Passed, settled: dict[str, int], entries: dict[str, int]) -> None:
        rows, count = entries["row_count"], settled["row_count"]
        if not rows or entries["unread"]:
            raise NotPlainError("there are no entries, or one that cannot be read")
        each = (entries["least"], entries["largest"], settled["least"], settled["largest"])
        if max(map(abs, each)) * max(rows + count, 1 << 24) >= SAFE:
            raise NotPlainError("amounts are too large")
        instants = (entries["first_recorded"], settled["first_settled"])
        days = (entries["first_day"], settled["first_week"])
        if min(instants) < FIRST_DAY * DAY_US or min(days) < FIRST_DAY:
            raise NotPlainError("a row is of a time before 1900")
        passed.rows, passed.total = rows, entries["total"]
        passed.zeros, passed.negatives = entries["zeros"], entries["negatives"]
        passed.counters = entries["counters"]
        passed.first_id, passed.last_id = entries["first_id"], entries["last_id"]
        passed.last_recorded = entries["last_recorded"]
        passed.settlements, passed.settled_total = count, settled["total"]
        passed.settled_zeros, passed.last_settled = settled["zeros"], settled["last_settled"]

    def _ids(self, passed: Passed) -> None:
        """That no id stands twice, and where gaps are."""
        self._view("id_step")
        found = self._one("id_total")
        if found["repeats"]:
            raise NotPlainError("an id stands twice")
        if 2 * passed.rows < passed.last_id - passed.first_id:
            return  # so far apart that gaps say nothing
        passed.gap_count = found["gaps"]
        if found["gaps"] > kept_max(passed.rows):
            passed.gap_count = NEVER
            return
        firsts, lasts = (np.sort(ends) for ends in self._columns("id_block", "first_id", "last_id"))
        within = self._columns("id_gap", "previous_id", "entry_id")
        between = np.flatnonzero(firsts[1:] != lasts[:-1] + 1)
        before = np.concatenate([within[0], lasts[between]])
        after = np.concatenate([within[1], firsts[between + 1]])
        order = np.argsort(before)
        passed.gap_count = len(before)
        passed.gap_ids.append((before[order], after[order]))

    def _settled(self, passed: Passed) -> None:
        """Which weeks were settled, each once."""
        cells, filled = passed.cells, 0
        for week, first, last in zip(
            *self._columns("settled_run", "week", "first_account", "last_account"), strict=True
        ):
            at = _at(cells, np.array([first, last]), np.array([week, week]))
            cells.settled_at[at[0] : at[1] + 1] = 0  # at some instant
            filled += int(last - first + 1)
        if filled != passed.settlements or filled != int(np.count_nonzero(passed.is_settled)):
            raise NotPlainError("a week was settled more than once")

    def _weeks(self, passed: Passed) -> None:
        """What is left of each week, and the rows of weeks that were settled for others only."""
        cells = passed.cells
        self._view("placed_entry")
        self._view("week_state", is_kept=True)
        found = self._one("state_total")
        passed.in_settled, passed.timely_count = found["in_settled"], found["timely_counters"]
        accounts, weeks, left = self._columns("week_left", "account_id", "week", "left_minor")
        cells.left[_at(cells, accounts, weeks)] = left
        accounts, weeks, rows = self._columns("unsettled_row", "account_id", "week", "row_count")
        is_in = (accounts >= cells.first_account) & (
            accounts < cells.first_account + cells.accounts
        )
        passed.elsewhere = not bool(np.all(is_in))
        cells.unsettled_rows[_at(cells, accounts[is_in], weeks[is_in])] = rows[is_in]
        if passed.timely_count <= kept_max(passed.rows):
            passed.timely = self._columns("timely_counter", "entry_id")
        else:
            passed.timely_count = NEVER

    def _late(self, passed: Passed) -> Late:
        self._view("late_row", is_kept=True)
        names = ("entry_id", "account_id", "week", "day", "minor", "kind", "recorded_us", "answers")
        columns = self._columns("kept_late", *names)
        order = np.argsort(columns[0])
        of: dict[str, Whole] = dict(zip(names, (column[order] for column in columns), strict=True))
        return Late(
            entry_id=of["entry_id"],
            cell=_at(passed.cells, of["account_id"], of["week"]),
            day=of["day"],
            amount=of["minor"],
            kind=of["kind"],
            recorded_at=of["recorded_us"],
            answers=of["answers"],
            **self._jobs(of["entry_id"]),
        )

    def _jobs(self, ids: Whole) -> dict[str, NDArray[Any]]:
        """The jobs of late rows, by lengths and bytes; empty where there is none."""
        self._view("passed_id")
        lengths = np.zeros(len(ids), np.int32)
        rows = [np.empty(0, np.intp)]
        held = [np.empty(0, np.uint8)]
        for batch in self._batches("pass_job"):
            found = np.searchsorted(ids, batch.numbers["entry_id"])
            lengths[found], texts = arrow.chosen(batch.texts["job_id"], np.arange(batch.length))
            rows.append(found)
            held.append(texts)
        of = np.concatenate(rows)
        _, texts = arrow.picked(lengths[of], np.concatenate(held), np.argsort(of))
        return {"job_length": lengths, "job_bytes": texts}


def _at(cells: Cells, accounts: Whole, weeks: Whole) -> Whole:
    """The cell of each account and first day of a week."""
    found: Whole = (weeks - cells.first_day) // DAYS * cells.accounts
    return found + accounts - cells.first_account
