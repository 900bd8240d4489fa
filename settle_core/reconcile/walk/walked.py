"""The walk of the late rows in arrays: what the steps `walk` to `owed_row` say in SQL.

The rows of an account's week lie together, those of a day in the order of recording, so that each
window of a step is a running sum, and each group a run. A test holds both to the same rows.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from settle_core.exports.arrays.arrow import Whole
from settle_core.exports.arrays.passed import NO_ANSWER, Cells, Late
from settle_core.reconcile.walk.plain_days import COUNTER

Flags = NDArray[np.bool_]
Places = NDArray[np.intp]
NONE: Final = 255  # of a kind


class Given(NamedTuple):
    """What the profile says: how close two instants are, and how weeks are balanced."""

    skew_us: int
    policy: str
    level: str


class Rows(NamedTuple):
    """Late rows of the weeks that are not finished, by account, week, day and order of recording.

    Attributes:
        late: the place of each in the late rows.
        week: the number of its week.
    """

    late: Places
    week: Places


class Laid(NamedTuple):
    """The weeks that are not finished, by account: their cells, and their rows."""

    cells: Whole
    rows: Rows


def laid(late: Late, cells: Cells, suspect: Places, late_rows: Places) -> Laid:
    """Put weeks and rows in order.

    Args:
        late: all late rows.
        cells: of the pass.
        suspect: the cells of the weeks, ascending.
        late_rows: places of their rows.
    """
    order = np.argsort(cells.account(suspect), kind="stable")
    number = np.empty(len(order), np.intp)
    number[order] = np.arange(len(order))
    week = number[np.searchsorted(suspect, late.cell[late_rows])]
    keys = (late.entry_id, late.kind, late.recorded_at, late.day)
    by = np.lexsort((*(key[late_rows] for key in keys), week))
    return Laid(suspect[order], Rows(late_rows[by], week[by]))


class Days(NamedTuple):
    """As step late_day, of each day that has a late row in the walk. starts: its first row."""

    starts: Places
    late_entries: Whole
    counters: Whole
    residual: Whole
    sum_holds: Flags
    delta_holds: Flags
    pairs_hold: Flags
    has_stray: Flags
    is_clear: Flags
    is_owed: Flags


class Weeks(NamedTuple):
    """As step late_week. week: its number; row: its first row."""

    week: Places
    row: Places
    days: Whole
    counters: Whole
    days_even: Flags
    day_sum_holds: Flags
    day_delta_holds: Flags
    days_hold: Flags
    days_plain: Flags
    stray_days: Whole
    off_days: Whole
    held_days: Whole
    sum_days: Whole
    delta_days: Whole
    delta_hints: Whole
    week_sum_holds: Flags
    week_even: Flags
    last_recorded_at: Whole


class Walked(NamedTuple):
    """As step walk.

    late: the place of each row in the late rows; week: the number of its week.
    """

    late: Places
    week: Places
    is_counter: Flags
    amount: Whole
    recorded_at: Whole
    day_residual: Whole
    week_residual: Whole
    pair_number: Whole
    counters_left: Whole
    has_own_entry: Flags
    place: Whole
    previous_kind: NDArray[np.uint8]
    previous_recorded_at: Whole
    day_sum: Whole


class Walk(NamedTuple):
    """The walk, and what the steps after it tell.

    Attributes:
        rows: those of the walk, and their `days` and `weeks`.
        are_few: see step stray_day.
        is_suspect: of each of `weeks`, whether it is to be replayed.
        is_owed: of each row, whether it is one of owed_row.
        searched: places of the rows to replay, in the order of their numbers, and the `unit` of
            each; `units` are the numbers of their weeks.
    """

    rows: Walked
    days: Days
    weeks: Weeks
    are_few: bool
    is_suspect: Flags
    is_owed: Flags
    searched: Places
    unit: Places
    units: Places


class _Runs:
    """Runs of rows, one after the other."""

    def __init__(self, is_other: Flags, length: int) -> None:
        """Each begins where a row but the first is of another one than the row before."""
        self.starts = np.concatenate([np.zeros(min(length, 1), np.intp), 1 + _where(is_other)])
        self.sizes = np.diff(np.append(self.starts, length))
        self.of = np.repeat(np.arange(len(self.starts)), self.sizes)

    def running(self, numbers: Whole | Flags) -> Whole:
        """The running sums of each run."""
        sums = np.cumsum(numbers, dtype=np.int64)
        running: Whole = sums - np.repeat(sums[self.starts] - numbers[self.starts], self.sizes)
        return running

    def sums(self, numbers: NDArray[np.generic]) -> Whole:
        """The sum of each run."""
        sums: Whole = np.add.reduceat(numbers, self.starts, dtype=np.int64)
        return sums

    def every(self, flags: Flags) -> Flags:
        """Of each run, whether it is so of every row."""
        every: Flags = np.logical_and.reduceat(flags, self.starts)
        return every

    def some(self, flags: Flags) -> Flags:
        """Of each run, whether it is so of some row."""
        some: Flags = np.logical_or.reduceat(flags, self.starts)
        return some


def _where(flags: Flags) -> Places:
    return np.flatnonzero(flags)


def walk(  # noqa: PLR0913, PLR0917
    late: Late, rows: Rows, left: Whole, raw_job: Whole, job: Whole, held_days: int, given: Given
) -> Walk:
    """Walk the rows of weeks.

    Args:
        late: all late rows.
        rows: those of the weeks.
        left: of each week, what was left of its amount at settlement.
        raw_job: of each late row the number of its job, -1 for none.
        job: the same, -1 also where that is no job.
        held_days: how many finished weeks hold with a counter-entry.
        given: what the profile says.
    """
    is_walked = late.kind[rows.late] <= COUNTER
    at, week = rows.late[is_walked], rows.week[is_walked]
    day_of, amount, recorded_at = late.day[at], late.amount[at], late.recorded_at[at]
    is_counter = late.kind[at] == COUNTER
    is_other_week = week[1:] != week[:-1]
    by_week = _Runs(is_other_week, len(at))
    by_day = _Runs(is_other_week | (day_of[1:] != day_of[:-1]), len(at))
    is_first = np.zeros(len(at), np.bool_)
    is_first[by_day.starts] = True
    counters = by_day.running(is_counter)
    pairs = _pairs(late, at, by_day.of, raw_job, job)
    previous = np.arange(len(at)) - 1
    previous[is_first] = 0
    previous_kind = np.where(is_first, np.uint8(NONE), late.kind[at][previous].astype(np.uint8))
    day_residual, day_sum = by_day.running(amount), by_day.sums(amount)
    counters_left = by_day.sums(is_counter)[by_day.of] - counters + is_counter
    walked = Walked(
        late=at,
        week=week,
        is_counter=is_counter,
        amount=amount,
        recorded_at=recorded_at,
        day_residual=day_residual,
        week_residual=_week_residual(late, at, by_week, by_day) - left[week],
        pair_number=pairs.number,
        counters_left=counters_left,
        has_own_entry=pairs.has_own_entry,
        place=np.arange(len(at)) - by_day.starts[by_day.of],
        previous_kind=previous_kind,
        previous_recorded_at=recorded_at[previous],
        day_sum=day_sum[by_day.of],
    )
    days = _days(walked, by_day, day_sum, pairs, is_first, given.skew_us)
    first_days = np.searchsorted(by_day.starts, by_week.starts)
    weeks = _weeks(days, first_days, walked, by_week, left, week, given)
    weekdays = np.bincount(late.day[late.kind == COUNTER] % 7, minlength=7)
    are_few = _are_few(weeks, days, day_of[days.starts] % 7, weekdays, held_days)
    is_held = weeks.week_even & weeks.week_sum_holds
    is_held &= given.policy != "delta" and given.level != "day"
    is_plain = weeks.days_plain & (given.level != "week")
    is_strayed = ~weeks.days_even & (given.level == "auto" and are_few)
    is_owed = (is_plain & ~is_held)[by_week.of] & days.is_owed[by_day.of]
    is_suspect = ~(is_plain | (is_held & ~is_strayed))
    searched = np.flatnonzero(is_suspect[by_week.of])
    unit = (np.cumsum(is_suspect) - 1)[by_week.of[searched]]
    # By id where instants are the same, whatever the kind.
    of = at[searched]
    by = np.lexsort((late.entry_id[of], recorded_at[searched], day_of[searched], unit))
    searches = searched[by], unit[by], weeks.week[is_suspect]
    return Walk(walked, days, weeks, are_few, is_suspect, is_owed, *searches)


def _week_residual(late: Late, at: Places, by_week: _Runs, by_day: _Runs) -> Whole:
    """The running sum of each week; that of one day alone is in order."""
    days = np.searchsorted(by_day.starts, by_week.starts)
    is_long = np.repeat(np.diff(np.append(days, len(by_day.starts))) > 1, by_week.sizes)
    of_long = _where(is_long)
    order = np.arange(len(at))
    keys = (late.entry_id, late.kind, late.recorded_at)
    by = np.lexsort((*(key[at[of_long]] for key in keys), by_week.of[of_long]))
    order[of_long] = of_long[by]
    residual = np.empty(len(at), np.int64)
    residual[order] = by_week.running(late.amount[at[order]])
    return residual


class _Pairs(NamedTuple):
    """The n-th counter-entry of an amount in a day, and the n-th entry of the opposite one.

    Attributes:
        number: of each row, which of its kind and amount it is, from 1.
        has_own_entry: whether its job entered a row that it would answer.
        is_pair: of each counter-entry, whether it answers its entry by its amount.
        is_answer: and by its job.
    """

    number: Whole
    has_own_entry: Flags
    is_pair: Flags
    is_answer: Flags


def _pairs(late: Late, at: Places, day: Places, raw_job: Whole, job: Whole) -> _Pairs:
    is_counter, amount = late.kind[at] == COUNTER, late.amount[at]
    answered = np.where(is_counter, -amount, amount)
    order = np.lexsort((answered, day))  # stable, so that each amount stays in order
    is_other = (day[order[1:]] != day[order[:-1]]) | (answered[order[1:]] != answered[order[:-1]])
    runs = _Runs(is_other, len(at))
    is_back = is_counter[order]
    number = np.empty(len(at), np.int64)
    number[order] = np.where(is_back, runs.running(is_back), runs.running(~is_back))
    entries = order[~is_back]
    counts = runs.sums(~is_back)
    firsts = np.cumsum(counts) - counts
    counters, run = order[is_back], runs.of[is_back]
    is_there = number[counters] <= counts[run]
    counters, run = counters[is_there], run[is_there]
    answers = entries[firsts[run] + number[counters] - 1]
    named = late.answers[at[counters]]
    is_pair, is_answer = np.zeros(len(at), np.bool_), np.zeros(len(at), np.bool_)
    is_pair[counters] = (late.recorded_at[at[answers]] <= late.recorded_at[at[counters]]) & (
        (named == NO_ANSWER) | (named == late.entry_id[at[answers]])
    )
    of_run = np.empty(len(at), np.int64)
    of_run[order] = runs.of
    own = of_run * (len(raw_job) + 1) + raw_job[at] + 1
    has_own = ~is_counter
    has_own[is_counter] = np.isin(own[is_counter], own[~is_counter])
    mine, theirs = job[at[counters]], job[at[answers]]
    is_same = (mine < 0) | (theirs < 0) | (mine == theirs) | ~has_own[counters]
    is_answer[counters] = is_pair[counters] & is_same
    return _Pairs(number, has_own, is_pair, is_answer)


def _days(  # noqa: PLR0913, PLR0917
    walked: Walked,
    by_day: _Runs,
    residual: Whole,
    pairs: _Pairs,
    is_first: Flags,
    skew_us: int,
) -> Days:
    amount, is_entry = walked.amount, ~walked.is_counter
    kind = walked.is_counter.astype(np.uint8)
    gap_us = walked.recorded_at - walked.previous_recorded_at
    is_clear = by_day.every(is_first | (walked.previous_kind == kind) | (gap_us >= skew_us))
    sum_holds = by_day.every(is_entry | (walked.day_residual == 0))
    is_last = walked.counters_left == 0
    is_one_way = by_day.some(is_last & (amount > 0)) ^ by_day.some(is_last & (amount < 0))
    return Days(
        starts=by_day.starts,
        late_entries=by_day.sums(is_entry),
        counters=by_day.sums(~is_entry),
        residual=residual,
        sum_holds=sum_holds,
        delta_holds=by_day.every(is_entry | pairs.is_answer),
        pairs_hold=by_day.every(is_entry | pairs.is_pair),
        has_stray=by_day.some(~is_entry & (amount == walked.day_sum) & (amount != 0)),
        is_clear=is_clear,
        is_owed=sum_holds & (residual != 0) & is_clear & is_one_way,
    )


def _weeks(  # noqa: PLR0913, PLR0917
    days: Days,
    first_days: Places,
    walked: Walked,
    by_week: _Runs,
    left: Whole,
    week: Places,
    given: Given,
) -> Weeks:
    is_first = np.zeros(len(days.starts), np.bool_)
    is_first[first_days] = True
    of = _Runs(is_first[1:], len(days.starts))
    is_even, is_entry = days.residual == 0, ~walked.is_counter
    is_plain = is_even & days.sum_holds & (days.delta_holds | ~days.pairs_hold)
    is_plain &= given.policy != "delta"
    is_plain |= is_even & days.delta_holds & (given.policy != "sum")
    is_plain |= days.is_owed & ((days.counters == 0) | days.delta_holds | (given.policy != "delta"))
    counters, days_even = of.sums(days.counters), of.every(is_even)
    sum_even = of.sums(days.residual) == 0
    is_delta = days.delta_holds & ~days.sum_holds
    of_week = week[by_week.starts]
    return Weeks(
        week=of_week,
        row=by_week.starts,
        days=of.sizes,
        counters=counters,
        days_even=days_even,
        day_sum_holds=of.every(days.sum_holds),
        day_delta_holds=of.every(days.delta_holds),
        days_hold=of.every(days.sum_holds | days.delta_holds),
        days_plain=of.every(is_plain) & (days_even | (counters > 0) | ~sum_even),
        stray_days=of.sums(days.has_stray),
        off_days=of.sums(~is_even),
        held_days=of.sums(is_even & (days.counters > 0)),
        sum_days=of.sums(days.sum_holds & ~days.pairs_hold),
        delta_days=of.sums(is_delta & days.is_clear),
        delta_hints=of.sums(is_delta & ~days.is_clear),
        week_sum_holds=by_week.every(is_entry | (walked.week_residual == 0))
        & by_week.some(~is_entry),
        week_even=sum_even & (left[of_week] == 0),
        last_recorded_at=np.maximum.reduceat(walked.recorded_at, by_week.starts),
    )


def _are_few(weeks: Weeks, days: Days, weekday: Whole, counters: Whole, held_days: int) -> bool:
    """As step stray_day; counters are all late ones by day of the week."""
    is_off = weeks.week_even & ~weeks.days_plain
    strays, off = int(weeks.stray_days[is_off].sum()), int(weeks.off_days[is_off].sum())
    held = int(weeks.held_days.sum()) + held_days
    is_other = (weekday != counters.argmax()) & (days.residual != 0)
    off_others = np.count_nonzero(is_other & np.repeat(is_off, weeks.days))
    are_others = int(counters.sum() - counters.max()) >= int(off_others)
    return strays <= held and off <= 3 * held and are_others
