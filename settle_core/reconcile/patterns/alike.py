"""Weeks that are like others: judged by the patterns of their days, in arrays.

Of many days to replay few are unlike all others. A day's pattern, as in `search`, is told from
arrays for all days at once; of each pattern one day is searched, and what a week tells is a sum
over its days. Left to `Weighed` are weeks that need more: a day of many rows, named answers, an
amount that was off at settlement, an answer that may yet come, a level to choose, the policy delta.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from settle_core.exports.arrays.arrow import Whole
from settle_core.exports.profiles.profile import Profile
from settle_core.reconcile.causes.cause import UNREMARKABLE, Found, Known
from settle_core.reconcile.patterns import alike_found
from settle_core.reconcile.patterns.alike_found import Days, Pattern
from settle_core.reconcile.patterns.searched import Searched
from settle_core.reconcile.policies.inferred import Inferred
from settle_core.reconcile.policies.policy_and_level import NEARLY
from settle_core.reconcile.policies.votes import Choice
from settle_core.reconcile.search import answer_rows, clocks, delta_policy, sum_policy
from settle_core.reconcile.search.model import UNEXPLAINED_ROWS, Cost
from settle_core.reconcile.search.search import Group, Shape

Flags = NDArray[np.bool_]
Places = NDArray[np.intp]
# Of more rows hardly two days are alike.
ROWS_MAX: Final = 10
# So many days are looked at together: ten rows have 1,024 sums.
TOGETHER: Final = 2048
NOT_HERE: Final = -1
NOT_ASKED: Final = Shape(Cost(), (), (), is_exhausted=False, is_told=False)


class Told(NamedTuple):
    """Of each week, what its days cost together under a policy, and whether all are told."""

    cost: Whole
    is_told: Flags


class Alike:
    """The weeks that are judged by patterns.

    Attributes:
        is_here: of each unit, whether it is one of them.
    """

    def __init__(
        self, held: Searched, profile: Profile, grace_from_us: int, *, is_number: bool
    ) -> None:
        """Look for patterns, and search one day of each.

        Args:
            held: the weeks to replay.
            profile: how the export is read.
            grace_from_us: late entries recorded after this may yet be answered, microseconds.
            is_number: whether ids are whole numbers that may tell the order.
        """
        self._held, self._skew_us = held, profile.skew_us
        policy, level = profile.balancing.policy, profile.balancing.level
        self._policies = ("sum", "delta") if policy == "auto" else ("sum",)
        self.is_here = np.zeros(len(held.starts), np.bool_)
        self._is_less = self._is_by_job = self._is_other = self._is_equal = self.is_here
        self._is_for_job = self.is_here
        if policy == "delta" or level == "week" or not len(held.starts):
            return
        self._order, is_fit = _in_order(held)
        is_here = self._small(is_fit, grace_from_us)
        self._search(is_here)
        by_sum = self._told(self._shapes)
        by_delta = self._by_delta(is_here, by_sum, is_level_open=level == "auto")
        if level == "auto":
            is_here &= by_sum.is_told | by_delta.is_told | (held.days_in == 1)
        if len(self._policies) > 1:
            # Each of so many counter-entries answers a late entry: that goes before any search.
            is_crowded = held.rows_in > sum_policy.ROWS_MAX
            is_here &= ~(is_crowded & (by_delta.cost[:, 0] == 0))
        if is_number:
            # Where the clocks are off by something, the order of ids may spare faults.
            off_us = held.off_us()
            is_off = (off_us >= max(self._skew_us, 1)) & (off_us <= clocks.OFF_US_MAX)
            has_faults = (by_sum.cost[:, 0] > 0) & (by_delta.cost[:, 0] > 0)
            is_here &= ~(is_off & has_faults & ~held.is_committed)
        self.is_here = is_here
        self._weigh(by_sum.cost, by_delta.cost)

    def _small(self, is_fit: Flags, grace_from_us: int) -> Flags:
        """The weeks that patterns may do for."""
        held, starts = self._held, self._held.starts
        is_small = np.maximum.reduceat(held.rows_in_day, held.first_days) <= ROWS_MAX
        is_small &= held.start_minor == 0
        is_small[list(held.rounding)] = False
        is_small &= np.logical_and.reduceat(is_fit, starts)
        is_small &= np.maximum.reduceat(held.recorded_us, starts) <= grace_from_us
        is_small &= np.minimum.reduceat(held.recorded_us, starts) >= 0
        return is_small

    def _search(self, is_asked: Flags) -> None:
        """Find the pattern of each day, and search one day of each."""
        held = self._held
        is_day = np.repeat(is_asked, held.days_in)
        self._pattern = np.zeros(len(held.day_starts), np.intp)
        firsts: list[Places] = [np.empty(0, np.intp)]
        sizes: list[int] = []
        for size in np.unique(held.rows_in_day[is_day]).tolist():
            days = np.flatnonzero(is_day & (held.rows_in_day == size))
            rows = self._order[held.day_starts[days][:, np.newaxis] + np.arange(size)]
            parts = [rows[k : k + TOGETHER] for k in range(0, len(rows), TOGETHER)]
            keys = np.concatenate([_keys(held, part, self._skew_us) for part in parts])
            _, first, of = np.unique(keys, return_index=True, return_inverse=True)
            self._pattern[days] = of.ravel() + len(sizes) + 1
            firsts.append(rows[first].ravel())
            sizes += [size] * len(first)
        rows_of = iter(held.rows(np.concatenate(firsts).tolist()))
        self._groups = [Group(list(islice(rows_of, size)), self._skew_us) for size in sizes]
        self._shapes = [NOT_ASKED, *(group.shape("sum") for group in self._groups)]
        self._patterns = [Pattern(NOT_ASKED, ())]
        self._patterns += map(Pattern, self._shapes[1:], (group.rows for group in self._groups))
        is_plain = [all(step.role in UNREMARKABLE for step in s.steps) for s in self._shapes]
        self._is_plain = np.array(is_plain, np.bool_)[self._pattern]
        is_exhausted = [shape.is_exhausted for shape in self._shapes]
        self._is_exhausted = np.array(is_exhausted, np.bool_)[self._pattern]

    def _by_delta(self, is_asked: Flags, by_sum: Told, *, is_level_open: bool) -> Told:
        """What the policy delta costs, searched where it may cost as little as the policy sum.

        Elsewhere the cost that is told is the least that it can be, and more than that of the sum.
        """
        if len(self._policies) == 1:
            return by_sum
        held = self._held
        least = np.array([0, *(delta_policy.faults_min(group.rows) for group in self._groups)])
        is_open = by_sum.cost[:, 0] >= np.add.reduceat(least[self._pattern], held.first_days)
        if is_level_open:
            is_open |= ~by_sum.is_told & (held.days_in > 1)
        is_wanted = np.zeros(len(self._shapes), np.bool_)
        is_wanted[self._pattern[np.repeat(is_open & is_asked, held.days_in)]] = True
        shapes = [NOT_ASKED]
        for group, faults, wanted in zip(
            self._groups, least[1:].tolist(), is_wanted[1:].tolist(), strict=True
        ):
            shapes.append(group.shape("delta") if wanted else NOT_ASKED._replace(cost=Cost(faults)))
        return self._told(shapes)

    def _told(self, shapes: Sequence[Shape]) -> Told:
        first_days = self._held.first_days
        cost = np.array([shape.cost for shape in shapes], np.int64)
        is_told = np.array([shape.is_told for shape in shapes], np.bool_)
        return Told(
            np.add.reduceat(cost[self._pattern], first_days),
            np.logical_and.reduceat(is_told[self._pattern], first_days),
        )

    def _weigh(self, by_sum: Whole, by_delta: Whole) -> None:
        """Compare the policies, as `Weighed` does."""
        is_less = np.zeros(len(by_sum), np.bool_)
        for mine, others in zip(by_sum.T[::-1], by_delta.T[::-1], strict=True):
            is_less = (mine < others) | ((mine == others) & is_less)
        self._is_less = is_less
        self._is_by_job = self._by_job(self.is_here & is_less)
        self._is_other = by_sum[:, 0] != by_delta[:, 0]
        is_unexplained = by_sum[:, 1] >= UNEXPLAINED_ROWS
        self._is_for_job = self._is_by_job & (self._is_other | is_unexplained)
        self._is_equal = np.all(by_sum == by_delta, axis=1)

    def _by_job(self, is_asked: Flags) -> Flags:
        """As `Weighed._is_by_job`, of weeks that cost less under the policy sum."""
        held = self._held
        by_job = is_asked.copy()
        for size in np.unique(held.rows_in[is_asked]).tolist():
            units = np.flatnonzero(is_asked & (held.rows_in == size))
            rows = held.starts[units][:, np.newaxis] + np.arange(size)
            job, amount, is_counter = held.job[rows], held.amount[rows], held.is_counter[rows]
            # By week, counter-entry and late entry.
            off = np.abs(amount[:, :, np.newaxis] + amount[:, np.newaxis, :])
            is_near = off <= NEARLY * np.abs(amount)[:, np.newaxis, :]
            is_near &= job[:, :, np.newaxis] == job[:, np.newaxis, :]
            is_near &= (~is_counter & (job > 0))[:, np.newaxis, :]
            by_job[units] = np.all(~is_counter | is_near.any(axis=2), axis=1)
        return by_job

    def voters(self) -> list[tuple[int, str, str]]:
        """The weeks that vote for a policy, with their account and that policy."""
        if len(self._policies) == 1:
            return []
        units = np.flatnonzero(self.is_here & self._is_other & ~self._is_by_job)
        names = ["sum" if is_less else "delta" for is_less in self._is_less[units].tolist()]
        account_ids = self._held.account_ids
        return [(k, account_ids[k], name) for k, name in zip(units.tolist(), names, strict=True)]

    def choose(self, inferred: Inferred) -> tuple[Places, list[Choice]]:
        """The policy to judge each week by; its level is the day.

        Returns:
            For each unit a number of a choice, `NOT_HERE` for those that are not here; the choices.
        """
        numbers: dict[Choice, int] = {}
        chosen = np.full(len(self.is_here), NOT_HERE, np.intp)

        def choose(units: Flags | Places, choice: Choice) -> None:
            chosen[units] = numbers.setdefault(choice, len(numbers))

        if len(self._policies) == 1:
            choose(self.is_here, Choice("sum", "unit"))
            return chosen, list(numbers)
        account_ids, policy = self._held.account_ids, inferred.policy
        for is_less, fewer in ((True, "sum"), (False, "delta")):
            are_such = self.is_here & (self._is_less == is_less)
            choose(are_such & self._is_other, Choice(fewer, "unit"))
            choose(are_such & ~self._is_other, Choice(fewer, "less"))
        for unit in np.flatnonzero(self.is_here & self._is_for_job).tolist():
            if not policy.is_for(account_ids[unit], "sum"):
                chosen[unit] = numbers.setdefault(Choice("delta", "less"), len(numbers))
        for unit in np.flatnonzero(self.is_here & self._is_equal).tolist():
            choice = policy.of_unit(account_ids[unit])
            chosen[unit] = numbers.setdefault(choice, len(numbers))
        return chosen, list(numbers)

    def found(
        self, units: Places, chosen: Places, choices: Sequence[Choice], known: Known
    ) -> Iterator[Found]:
        """What is to be said of days that are not simply right, judged by the policy sum.

        Args:
            units: of these weeks.
            chosen: as `choose` tells, of every unit; `choices` likewise.
            choices: see there.
            known: what else is known.
        """
        if not len(units):
            return
        held = self._held
        days = _runs(held.first_days[units], held.days_in[units])
        choice = np.repeat(chosen[units], held.days_in[units])
        is_told = ~self._is_plain[days]
        days, choice = days[is_told], choice[is_told]
        sizes = held.rows_in_day[days]
        for size in np.unique(sizes).tolist():
            some = days[sizes == size]
            rows = self._order[held.day_starts[some][:, np.newaxis] + np.arange(size)]
            told = Days(rows, self._pattern[some], choice[sizes == size])
            yield from alike_found.found(held, told, self._patterns, choices, known)

    def placed(self, units: Places) -> tuple[Whole, int]:
        """The rows of weeks in the order that was found under the policy sum.

        Returns:
            Unit, place in its day and number of each row; in how many days the search gave up.
        """
        if not len(units):
            return np.empty((0, 3), np.int64), 0
        held = self._held
        days = _runs(held.first_days[units], held.days_in[units])
        pattern = self._pattern[days]
        steps = [[step.position for step in shape.steps] for shape in self._shapes]
        counts = np.array([len(each) for each in steps])
        position = np.concatenate([np.array(each, np.intp) for each in steps])
        firsts = np.cumsum(counts) - counts
        within = position[_runs(firsts[pattern], counts[pattern])]
        starts = np.repeat(held.day_starts[days], counts[pattern])
        number = held.number[self._order[starts + within]]
        of_day = np.repeat(np.repeat(units, held.days_in[units]), counts[pattern])
        place = _runs(np.zeros(len(days), np.intp), counts[pattern])
        return np.stack([of_day, place, number], axis=1), int(self._is_exhausted[days].sum())


def _runs(firsts: Places, counts: Places) -> Places:
    """Whole numbers from some first ones on, so many each, one run after the other."""
    ends = np.cumsum(counts)
    runs: Places = np.repeat(firsts - (ends - counts), counts) + np.arange(int(counts.sum()))
    return runs


def _in_order(held: Searched) -> tuple[Places, Flags]:
    """The rows in the order of recording by day; whether a pattern may tell of each."""
    day = np.repeat(np.arange(len(held.day_starts)), held.rows_in_day)
    keys = (held.rank, held.is_counter, held.recorded_us, day)
    order = np.lexsort(keys)
    is_tie = np.ones(max(len(order) - 1, 0), np.bool_)
    for key in keys:
        is_tie &= key[order[1:]] == key[order[:-1]]
    is_fit = ~held.is_answer
    is_fit[order[1:][is_tie]] = False
    return order, is_fit


def _keys(held: Searched, rows: Places, skew_us: int) -> NDArray[np.void]:
    """All that a search looks at in days of equally many rows, as `Group` tells it of one."""
    count, size = rows.shape
    amount, at_us, rank = held.amount[rows], held.recorded_us[rows], held.rank[rows]
    is_counter, job = held.is_counter[rows], held.job[rows]
    gap_us = at_us[:, :, np.newaxis] - at_us[:, np.newaxis, :]
    is_ranked = is_counter & (rank > 0)
    below = (rank[:, :, np.newaxis] > rank[:, np.newaxis, :]) & is_ranked[:, np.newaxis, :]
    same_job = job[:, :, np.newaxis] == job[:, np.newaxis, :]
    same_amount = amount[:, :, np.newaxis] == amount[:, np.newaxis, :]
    is_again = np.zeros((count, size), np.bool_)
    is_again[:, 1:] = gap_us[:, 1:, :][:, np.arange(size - 1), np.arange(size - 1)] == 0
    sums = np.zeros((count, 1), np.int64)
    for k in range(size):
        sums = np.concatenate([sums, sums + amount[:, k : k + 1]], axis=1)
    none = np.uint8(255)
    told = [
        is_counter,
        amount > 0,
        (gap_us >= max(skew_us, 1)).sum(axis=2),
        (gap_us > answer_rows.MOMENT_US).sum(axis=2),
        is_again,
        np.where(is_ranked, below.sum(axis=2), none),
        np.where(job < 0, none, same_job.argmax(axis=2)),
        same_amount.argmax(axis=2),
        np.packbits(sums == 0, axis=1),
    ]
    key = np.concatenate([each.astype(np.uint8) for each in told], axis=1)
    return np.ascontiguousarray(key).view(np.dtype((np.void, key.shape[1]))).ravel()
