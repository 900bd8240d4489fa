"""Late rows as arrays: the weeks that are plain are finished here, the others go on to the walk.

On a plain day each counter-entry takes back, within hours, the late entries since the one before
it, and after the last one nothing comes but, within hours, entries that cancel out. A week is
finished if all its days are plain and it was settled at its sum: no rule finds anything in it, and
all that it tells is how weeks are balanced.

A counter-entry that takes back several entries shows that sums are balanced, unless it has the
amount of one of them, which is left to the steps. So is a day on which entries of one amount were
taken back one by one, each by another job: which was answered by which is for them to tell.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from settle_core.exports.arrays import arrow
from settle_core.exports.arrays.arrow import Whole
from settle_core.exports.arrays.passed import DAYS, NO_ANSWER, Late, Passed
from settle_core.exports.profiles.profile import Profile
from settle_core.reconcile.search.clocks import OFF_US_MAX, IdOrder

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
        has_counter: of each of these, whether it has a counter-entry.
        is_even_throughout: of each of these, whether it has, and the week held at every one.
        sum_days: of each of these, how many days show that sums are what is balanced.
        id_order: how ids go with the clock.
    """

    suspect: Order
    late_rows: Order
    finished: Order
    has_counter: NDArray[np.bool_]
    is_even_throughout: NDArray[np.bool_]
    sum_days: Whole
    id_order: IdOrder


def of(passed: Passed, profile: Profile) -> Sorted:
    """Tell the weeks that are finished from the others."""
    late = passed.late
    weeks, is_plain, has_counter, holds, sum_days = _weeks(late)
    if profile.balancing.level == "week":
        # Plain days do not make a week that holds, and only sums are told from it.
        is_plain &= holds & (profile.balancing.policy != "delta")
    if profile.balancing.policy == "delta":
        is_plain &= sum_days == 0
    is_plain &= passed.cells.left[weeks] == 0
    is_plain &= ~np.isin(weeks, passed.again.cell)
    is_suspect = np.zeros(passed.cells.count + 1, np.bool_)
    is_suspect[weeks[~is_plain]] = True
    is_suspect[passed.off] = True
    is_suspect[passed.again.cell] = True  # a rule tells of these
    return Sorted(
        suspect=np.flatnonzero(is_suspect),
        late_rows=np.flatnonzero(is_suspect[late.cell]),
        finished=weeks[is_plain],
        has_counter=has_counter[is_plain],
        is_even_throughout=holds[is_plain],
        sum_days=sum_days[is_plain],
        id_order=_id_order(passed, profile.skew_us),
    )


class _Weeks(NamedTuple):
    """By cell: whether its days are plain, it has a counter-entry, it held; days that show sums."""

    cell: Order
    is_plain: NDArray[np.bool_]
    has_counter: NDArray[np.bool_]
    holds: NDArray[np.bool_]
    sum_days: Whole


def _weeks(late: Late) -> _Weeks:
    if not len(late.cell):
        none = np.empty(0, np.bool_)
        return _Weeks(np.empty(0, np.intp), none, none, none, np.empty(0, np.int64))
    rank = _rank(late)
    # Of a cell's days no two are 7 apart.
    order = _order(late.cell * DAYS + late.day % DAYS, rank)
    cell, day = late.cell[order], late.day[order]
    week_starts = _starts(cell[1:] != cell[:-1])
    day_starts = _starts((cell[1:] != cell[:-1]) | (day[1:] != day[:-1]))
    days = _judged(late, order, day_starts)
    # Days begin where weeks do, so that each week is a run of days.
    first_days = np.searchsorted(day_starts, week_starts)
    is_plain: NDArray[np.bool_] = np.logical_and.reduceat(days.is_plain, first_days)
    sum_days: Whole = np.add.reduceat(days.is_sum, first_days, dtype=np.int64)
    is_counter = late.kind[order] == COUNTER
    has_counter: NDArray[np.bool_] = np.logical_or.reduceat(is_counter, week_starts)
    holds = _week_holds(late, rank) & has_counter
    return _Weeks(cell[week_starts], is_plain, has_counter, holds, sum_days)


def _rank(late: Late) -> Order:
    """The rows in the order of recording. Most ledgers have them in that order."""
    if np.all(late.recorded_at[1:] > late.recorded_at[:-1]):
        return np.arange(len(late.cell))
    return np.lexsort((late.entry_id, late.kind, late.recorded_at))


def _order(group: Whole, rank: Order) -> Order:
    """The rows by group, and within each as they are ranked.

    Numbers that hold both, group and place, are sorted many times as fast as by several keys.
    """
    bits = len(rank).bit_length()
    if int(group.max()) >> (62 - bits):
        return rank[np.argsort(group[rank], kind="stable")]
    keys: Whole = (group[rank] << bits) + np.arange(len(rank))
    keys.sort()
    order: Order = rank[keys & ((1 << bits) - 1)]
    return order


def _starts(is_other: NDArray[np.bool_]) -> Order:
    """Where each run begins; told is whether each row but the first begins another."""
    return np.concatenate([[0], np.flatnonzero(is_other) + 1])


class _Days(NamedTuple):
    """Of each day, whether it is plain, and whether it shows that sums are what is balanced."""

    is_plain: NDArray[np.bool_]
    is_sum: NDArray[np.bool_]


def _judged(late: Late, order: Order, starts: Order) -> _Days:
    """Judge each day, a run of rows in the order of recording."""
    sizes = np.diff(np.append(starts, len(order)))
    day = np.repeat(np.arange(len(starts)), sizes)
    kind, amount, at = late.kind[order], late.amount[order], late.recorded_at[order]
    is_counter: NDArray[np.bool_] = kind == COUNTER
    after_counter = np.concatenate([[True], is_counter[:-1]])
    after_counter[starts] = True
    residual, lasts = _residual(amount, starts, sizes), starts + sizes - 1
    is_wrong = (is_counter & ((residual != 0) | after_counter)) | (kind > COUNTER)
    is_plain: NDArray[np.bool_] = residual[lasts] == 0
    is_plain[day[is_wrong]] = False
    # From here on what is wrong already may be judged in any way.
    counters = np.flatnonzero(is_counter)
    firsts = np.flatnonzero(after_counter)
    first = firsts[np.searchsorted(firsts, counters, "right") - 1]
    is_plain[day[counters[at[counters] - at[first] > WAIT_MAX_US]]] = False
    is_plain &= at[lasts] - at[firsts[np.searchsorted(firsts, lasts, "right") - 1]] <= WAIT_MAX_US
    is_single = counters - first == 1
    is_sum = np.zeros(len(starts), np.bool_)
    is_sum[day[counters[~is_single]]] = True
    answered, is_repeated = _matched(day, amount, is_counter)
    is_plain[day[counters[~is_single & answered]]] = False
    answers = late.answers[order[counters]]
    is_named = (answers == NO_ANSWER) | (answers == late.entry_id[order[counters - 1]])
    is_plain[day[counters[~is_named]]] &= is_sum[day[counters[~is_named]]]
    asked = counters[is_repeated[day[counters]]]
    is_other = ~arrow.same(late.job_length, late.job_bytes, order[asked], order[asked - 1])
    is_other[late.job_length[order[asked]] == 0] = False
    is_other[late.job_length[order[asked - 1]] == 0] = False
    has_other = np.zeros(len(starts), np.bool_)
    has_other[day[asked[is_other]]] = True
    is_plain &= is_sum | ~has_other
    return _Days(is_plain, is_sum)


def _residual(amount: Whole, starts: Order, sizes: Order) -> Whole:
    """The running sum of each run of rows."""
    sums = np.cumsum(amount)
    before = np.where(starts > 0, sums[starts - 1], 0)
    residual: Whole = sums - np.repeat(before, sizes)
    return residual


def _matched(
    day: Order, amount: Whole, is_counter: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Of each counter-entry of several, whether an entry of its day has the opposite amount.

    And of each day, whether it has more than one entry of one amount.
    """
    is_repeated = np.zeros(int(day[-1]) + 1, np.bool_)
    is_answered = np.zeros(len(day), np.bool_)
    # On most days there is one entry: nothing of them is asked.
    has_several = np.bincount(day[~is_counter], minlength=len(is_repeated)) > 1
    rows = np.flatnonzero(has_several[day])
    if len(rows):
        day, amount, of_counter = day[rows], amount[rows], is_counter[rows]
        _, codes = np.unique(np.where(of_counter, -amount, amount), return_inverse=True)
        keys = day * (int(codes.max()) + 1) + codes
        entries = np.sort(keys[~of_counter])
        is_repeated[entries[1:][entries[1:] == entries[:-1]] // (int(codes.max()) + 1)] = True
        counters = keys[of_counter]
        found = entries.take(np.searchsorted(entries, counters), mode="clip")
        is_answered[rows[of_counter]] = found == counters
    return is_answered[is_counter], is_repeated


def _week_holds(late: Late, rank: Order) -> NDArray[np.bool_]:
    """Of each week, whether its sum held at every counter-entry; for weeks of plain days."""
    order = _order(late.cell, rank)
    cell = late.cell[order]
    starts = _starts(cell[1:] != cell[:-1])
    residual = _residual(late.amount[order], starts, np.diff(np.append(starts, len(order))))
    is_right: NDArray[np.bool_] = (late.kind[order] != COUNTER) | (residual == 0)
    holds: NDArray[np.bool_] = np.logical_and.reduceat(is_right, starts)
    return holds


def _id_order(passed: Passed, skew_us: int) -> IdOrder:
    late = passed.late
    if not len(late.cell):
        return IdOrder()
    account: Whole = passed.cells.account(late.cell)
    is_ascending = np.all(late.entry_id[1:] > late.entry_id[:-1])
    by_id = np.arange(len(account)) if is_ascending else np.argsort(late.entry_id, kind="stable")
    order = _order(account - account.min(), by_id)
    account, recorded_at = account[order], late.recorded_at[order]
    is_pair = account[1:] == account[:-1]
    back_us = (recorded_at[:-1] - recorded_at[1:])[is_pair]
    told = (
        np.ones_like(back_us),
        back_us >= skew_us,
        np.abs(back_us) > OFF_US_MAX,
        back_us > OFF_US_MAX,
    )
    return IdOrder(*(int(np.count_nonzero(each)) for each in told))
