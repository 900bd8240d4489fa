"""Weeks that were settled more than once: which settlement counts, as `steps/scope.sql` says it.

While the entries are passed over, such a week counts as settled before all instants, so that each
of its rows is kept as late. From these rows it is known what had been recorded by each of its
settlements.
"""

from collections.abc import Iterable

import numpy as np

from settle_core.exports.arrays.arrow import Whole
from settle_core.exports.arrays.passed import Again

# The rows of settlements: cells, amounts, instants.
Rows = tuple[Whole, Whole, Whole]


def of(count: int, batches: Iterable[Rows]) -> Again:
    """The settlements, of those of so many cells, whose cell has another one."""
    every = [np.concatenate(column) for column in zip(*batches, strict=True)]
    times = np.bincount(every[0], minlength=count)
    rows = np.flatnonzero(times[every[0]] > 1)
    return Again(*(column[rows] for column in every))


def chosen(again: Again, cell: Whole, amount: Whole, at: Whole) -> Again:
    """Of each week the last settlement whose amount is what was recorded by then, else the first.

    The same amount again changes nothing: it counts from the first time.

    Args:
        again: the settlements.
        cell: of each row of these weeks; rows of others are passed by.
        amount: of each row, minor units.
        at: when each was recorded, microseconds.
    """
    by_amount = np.lexsort((again.at, again.amount, again.cell))
    cells, amounts, times = (column[by_amount] for column in again)
    is_first = np.ones(len(cells), np.bool_)
    is_first[1:] = (cells[1:] != cells[:-1]) | (amounts[1:] != amounts[:-1])
    every = Again(cells[is_first], amounts[is_first], times[is_first])
    is_right = _recorded(every.cell, every.at, (cell, amount, at)) == every.amount
    by_week = np.lexsort((every.amount, every.at, np.where(is_right, -every.at, 0), every.cell))
    ordered = every.cell[by_week]
    firsts = by_week[np.concatenate([[True], ordered[1:] != ordered[:-1]])]
    return Again(*(column[firsts] for column in every))


def _recorded(cells: Whole, times: Whole, rows: Rows) -> Whole:
    """What of each cell had been recorded by each instant."""
    cell, amount, at = (column[np.isin(rows[0], cells)] for column in rows)
    count = len(cell)
    # A row of the same instant was recorded by then, and so goes before.
    is_asked = np.repeat([False, True], [count, len(cells)])
    every = np.concatenate([cell, cells])
    order = np.lexsort((is_asked, np.concatenate([at, times]), every))
    sums = np.cumsum(np.concatenate([amount, np.zeros_like(times)])[order])
    starts = np.searchsorted(every[order], cells)
    before = np.where(starts > 0, sums[starts - 1], 0)
    place = np.empty(len(order), np.intp)
    place[order] = np.arange(len(order))
    recorded: Whole = sums[place[count:]] - before
    return recorded
