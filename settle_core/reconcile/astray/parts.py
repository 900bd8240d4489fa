"""Answers in parts that no job holds together: net and tax as two rows, in an export without jobs.

Of one answer such rows look like wrong counter-entries that take each other back. A system that
posts in parts does so always: where more weeks are even after each moment of counter-entries than
after each of them, parts are what that system posts.
"""

from typing import Final

import duckdb
import numpy as np
from numpy.typing import NDArray

from settle_core import sql
from settle_core.exports.arrays.arrow import Whole
from settle_core.reconcile.patterns.searched import Searched
from settle_core.reconcile.search.answer_rows import MOMENT_US

# Fewer weeks may be even so by chance, or because one fault was taken back by the next.
WEEKS_MIN: Final = 3
# Where more of what a job wrote stands alone on its day, that is how answers are dated.
ALONE_SHARE: Final = 0.25


def are_usual(held: Searched, even_weeks: int) -> bool:
    """Whether the counter-entries of an export come in parts that no job holds together.

    Args:
        held: the weeks to search.
        even_weeks: of the others, those whose counter-entries keep them even, or their days.
    """
    if not len(held.starts) or np.any(held.job >= 0):
        return False
    unit = np.repeat(np.arange(len(held.starts)), held.rows_in)
    day = np.repeat(np.arange(len(held.day_starts)), held.rows_in_day)
    weeks = int(np.count_nonzero(_even(held, unit, day) | _even(held, unit, unit)))
    return weeks >= WEEKS_MIN and weeks > even_weeks


def stand_on_one_day(con: duckdb.DuckDBPyConnection) -> bool:
    """Whether answers come in parts that stand on one day: one on another day is misplaced.

    Else an answer may be spread over the days of its week.
    """
    query = sql.text("reconcile/astray", "day_parts")
    ((parts, alone),) = con.execute(query, {"moment_us": MOMENT_US}).fetchall()
    return bool(parts >= WEEKS_MIN and alone <= ALONE_SHARE * parts)


def _even(held: Searched, unit: Whole, by: Whole) -> NDArray[np.bool_]:
    """The weeks that are even after each moment of counter-entries, one of which has several rows.

    Args:
        held: the weeks to search.
        unit: of each row, its week; ascending, as `by`.
        by: of each row, its day or week, whichever is to be even.
    """
    order = np.lexsort((held.rank, held.is_counter, held.recorded_us, by))
    is_counter, at = held.is_counter[order], held.recorded_us[order]
    goes_on = is_counter[1:] & is_counter[:-1] & (by[1:] == by[:-1])
    goes_on &= at[1:] - at[:-1] <= MOMENT_US
    is_last = is_counter & ~np.append(goes_on, False)
    is_part = ~_answers_one(held, unit)[order]
    total = np.cumsum(held.amount[order])
    firsts = np.flatnonzero(np.append(True, by[1:] != by[:-1]))
    before = np.append(0, total)[firsts]
    residual = total - np.repeat(before, np.diff(np.append(firsts, len(by))))
    is_off = np.zeros(len(held.starts), np.bool_)
    is_off[unit[is_last & (residual != 0)]] = True
    is_in_parts = np.zeros(len(held.starts), np.bool_)
    is_in_parts[unit[1:][goes_on & is_part[1:] & is_part[:-1]]] = True
    even: NDArray[np.bool_] = is_in_parts & ~is_off & (held.start_minor == 0)
    return even


def _answers_one(held: Searched, unit: Whole) -> NDArray[np.bool_]:
    """The rows that have the amount of a late entry of their week: each is an answer by itself."""
    amounts, code = np.unique(np.abs(held.amount), return_inverse=True)
    key = unit * len(amounts) + code
    found: NDArray[np.bool_] = np.isin(key, key[~held.is_counter])
    return found
