"""Late rows as arrays: the weeks that are plain are finished here, the others go on to the walk.

A plain day has one late entry and, within hours, the one counter-entry that takes it back. A week
is finished if all its days are plain and it was settled at its sum: no rule finds anything in it,
and all that it tells is how weeks are balanced.
"""

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from settle_core.exports.profile import Profile
from settle_core.exports.whole_pass import NO_ANSWER, Late, Passed

if TYPE_CHECKING:
    from settle_core.exports.arrow import Whole

# As in contract.KINDS, in the order of a walk.
ENTRY, COUNTER = 0, 1
# The rule slow_counter tells of days that were off for longer; a test holds the two together.
HOURS_MAX: Final = 24
WAIT_MAX_US: Final = HOURS_MAX * 3_600_000_000
Order = NDArray[np.intp]


class Sorted(NamedTuple):
    """Which weeks are finished, and what they tell.

    Attributes:
        suspect: cells whose weeks are not finished, ascending.
        late_rows: places of their rows in the late rows.
        finished: cells that are finished and had late rows, ascending.
        is_even_throughout: of each of these, whether the week held at every counter-entry.
        pairs: neighbours by id among an account's late rows.
        contradictions: of these, how many contradict the clock.
    """

    suspect: Order
    late_rows: Order
    finished: Order
    is_even_throughout: NDArray[np.bool_]
    pairs: int
    contradictions: int


def of(passed: Passed, profile: Profile) -> Sorted:
    """Tell the weeks that are finished from the others."""
    late = passed.late
    weeks, is_plain, holds = _weeks(late)
    if profile.balancing.level == "week":
        # Plain days do not make a week that holds, and only sums are told from it.
        is_plain &= holds & (profile.balancing.policy != "delta")
    is_plain &= passed.cells.left[weeks] == 0
    suspect = np.union1d(weeks[~is_plain], passed.off)
    is_suspect = np.zeros(passed.cells.count + 1, np.bool_)
    is_suspect[suspect] = True
    pairs, contradictions = _id_order(passed, profile.skew_us)
    return Sorted(
        suspect=suspect,
        late_rows=np.flatnonzero(is_suspect[late.cell]),
        finished=weeks[is_plain],
        is_even_throughout=holds[is_plain],
        pairs=pairs,
        contradictions=contradictions,
    )


def _weeks(late: Late) -> tuple[Order, NDArray[np.bool_], NDArray[np.bool_]]:
    """The cells of late rows, whether all their days are plain, and whether the week held."""
    if not len(late.cell):
        return np.empty(0, np.intp), np.empty(0, np.bool_), np.empty(0, np.bool_)
    order = np.lexsort((late.entry_id, late.kind, late.recorded_at, late.day, late.cell))
    cell, day = late.cell[order], late.day[order]
    week_starts = _starts(cell[1:] != cell[:-1])
    day_starts = _starts((cell[1:] != cell[:-1]) | (day[1:] != day[:-1]))
    is_plain = _are_plain(late, order, day_starts)
    # Days begin where weeks do, so that each week is a run of days.
    first_days = np.searchsorted(day_starts, week_starts)
    all_plain: NDArray[np.bool_] = np.logical_and.reduceat(is_plain, first_days)
    return cell[week_starts], all_plain, _week_holds(late)


def _starts(is_other: NDArray[np.bool_]) -> Order:
    """Where each run begins; told is whether each row but the first begins another."""
    return np.concatenate([[0], np.flatnonzero(is_other) + 1])


def _are_plain(late: Late, order: Order, starts: Order) -> NDArray[np.bool_]:
    """Of each day, whether it is one late entry and the counter-entry that takes it back."""
    sizes = np.diff(np.append(starts, len(order)))
    is_plain: NDArray[np.bool_] = sizes == 2  # noqa: PLR2004  a pair
    first, second = order[starts[is_plain]], order[starts[is_plain] + 1]
    answers = late.answers[second]
    is_plain[is_plain] = (
        (late.kind[first] == ENTRY)
        & (late.kind[second] == COUNTER)
        & (late.amount[second] == -late.amount[first])
        & (late.recorded_at[second] - late.recorded_at[first] <= WAIT_MAX_US)
        & ((answers == NO_ANSWER) | (answers == late.entry_id[first]))
    )
    return is_plain


def _week_holds(late: Late) -> NDArray[np.bool_]:
    """Of each week, whether its sum held at every counter-entry; for weeks of plain days."""
    order = np.lexsort((late.entry_id, late.kind, late.recorded_at, late.cell))
    cell = late.cell[order]
    starts = _starts(cell[1:] != cell[:-1])
    sums = np.cumsum(late.amount[order])
    before = np.where(starts > 0, sums[starts - 1], 0)
    residual = sums - np.repeat(before, np.diff(np.append(starts, len(order))))
    is_right: NDArray[np.bool_] = (late.kind[order] != COUNTER) | (residual == 0)
    holds: NDArray[np.bool_] = np.logical_and.reduceat(is_right, starts)
    return holds


def _id_order(passed: Passed, skew_us: int) -> tuple[int, int]:
    """Neighbours by id in an account, and how many contradict the clock."""
    late = passed.late
    if not len(late.cell):
        return 0, 0
    account: Whole = passed.cells.account(late.cell)
    order = np.lexsort((late.entry_id, account))
    account, recorded_at = account[order], late.recorded_at[order]
    is_pair = account[1:] == account[:-1]
    is_against = is_pair & (recorded_at[:-1] - recorded_at[1:] >= skew_us)
    return int(np.count_nonzero(is_pair)), int(np.count_nonzero(is_against))
