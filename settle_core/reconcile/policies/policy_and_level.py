"""One account's settled week, weighed: how many faults each policy and level leaves in it."""

from collections.abc import Sequence
from functools import reduce
from typing import Final

from settle_core import contract
from settle_core.exports.profiles.profile import Profile
from settle_core.reconcile.policies.inferred import Inferred
from settle_core.reconcile.policies.votes import Choice
from settle_core.reconcile.search import answer_rows, sum_policy
from settle_core.reconcile.search.model import ROUNDED, UNEXPLAINED_ROWS, Cost, Row, Unit
from settle_core.reconcile.search.search import Group

# With more than so many faults less a unit's own level overrules the votes of all others.
OVERRULING_FAULTS: Final = 2
# A counter-entry is off by at most this share of what it answers where it is but rounded.
NEARLY: Final = 0.2
# What blames no counter-entry.
SPARED: Final = frozenset({"late", "right", "uncountered", *ROUNDED})
# Where more of a week's counter-entries seem misplaced, the week is what they keep.
MISPLACED_SHARE: Final = 0.67


class Weighed:
    """A unit with its explanations under every policy and level that the profile leaves open."""

    def __init__(self, unit: Unit, profile: Profile, grace_from_us: int) -> None:
        """Weigh; late entries recorded after `grace_from_us` may yet be answered."""
        self.unit = unit
        self.profile = profile
        self.grace_from_us = grace_from_us
        fixed: str = profile.balancing.policy
        self.policies: tuple[str, ...] = contract.POLICIES if fixed == "auto" else (fixed,)
        fixed = profile.balancing.level
        self.levels: tuple[str, ...] = contract.LEVELS if fixed == "auto" else (fixed,)
        if fixed == "auto" and len(unit.days) == 1 and not unit.start:
            self.levels = ("day",)
        last_us = max(row.recorded_us for rows in unit.days for row in rows)
        self._is_young = last_us > grace_from_us
        self._groups: dict[tuple[str, str], list[Group]] = {}
        self._costs: dict[tuple[str, str], Cost] = {}
        for level in self.levels:
            is_delta_open = self._is_crowded and "delta" in self.policies
            if is_delta_open and not self._cost(level, "delta").faults:
                # Each of so many counter-entries answers a late entry: no need to search.
                self.policies = ("delta",)
            if level == "day" and self._is_told(level):
                self.levels = (level,)
                break

    @property
    def _is_crowded(self) -> bool:
        return sum(map(len, self.unit.days)) > sum_policy.ROWS_MAX

    @property
    def faults(self) -> int:
        """How many faults its cheapest explanation has, those that may yet be answered spared."""
        return self.least[0]

    @property
    def least(self) -> tuple[int, int]:
        """The same, and how many counter-entries that explanation leaves unexplained."""
        ways = [(level, policy) for level in self.levels for policy in self.policies]
        costs = [self._due(*way) for way in ways]
        return min((cost.faults, cost.unseen // UNEXPLAINED_ROWS) for cost in costs)

    def groups(self, level: str, policy: str) -> list[Group]:
        """The late rows by day, or of the week as a whole.

        What the week was off by at its settlement may have been off on one of the days: on the one
        where that spares most faults, if any.
        """
        if (level, policy) in self._groups:
            return self._groups[level, policy]
        days, start = self.unit.days, self.unit.start
        if level == "week":
            groups = [self._group([row for rows in days for row in rows], start)]
        else:
            groups = [self._group(rows) for rows in days]
        if level == "day" and start:
            off = [self._group(rows, start) for rows in days]
            pairs = zip(groups, off, strict=True)
            spared = [self._due_of(g, policy) - self._due_of(o, policy) for g, o in pairs]
            if max(spared) > 0:
                day = spared.index(max(spared))
                groups[day] = off[day]
        self._groups[level, policy] = groups
        return groups

    def _group(self, rows: Sequence[Row], start: int = 0) -> Group:
        return Group(rows, self.profile.skew_us, start, self.unit.rounding)

    def _due_of(self, group: Group, policy: str) -> int:
        """How many faults a group has, unless all of them may yet be answered."""
        return group.shape(policy).cost.faults - self._spared(group, policy)

    def _spared(self, group: Group, policy: str) -> int:
        """How many late entries may yet be answered.

        A story that needs a fault besides is no better for leaving an answer to the future.
        """
        pending = group.pending(policy, self.grace_from_us) if self._is_young else 0
        return pending if pending == group.shape(policy).cost.faults else 0

    def _is_told(self, level: str) -> bool:
        """Whether a policy tells of every counter-entry what its writer saw, leaving none out."""
        # delta first, which takes no search
        return any(
            all(group.shape(policy).is_told for group in self.groups(level, policy))
            for policy in reversed(self.policies)
        )

    def _cost(self, level: str, policy: str) -> Cost:
        """What the explanations of the unit cost together."""
        key = level, policy
        if key not in self._costs:
            first, *others = [group.shape(policy).cost for group in self.groups(level, policy)]
            self._costs[key] = reduce(lambda total, cost: total.plus(*cost), others, first)
        return self._costs[key]

    def _due(self, level: str, policy: str) -> Cost:
        """What they cost without the late entries that may yet be answered."""
        if not self._is_young:
            return self._cost(level, policy)
        spared = sum(self._spared(group, policy) for group in self.groups(level, policy))
        return self._cost(level, policy).plus(-spared, 0, 0, 0)

    def _likely(self, level: str, inferred: Inferred) -> tuple[str, ...]:
        """The policies that it may be balanced by: not one that the jobs speak against."""
        is_sum = inferred.policy.is_for(self.unit.account_id, "sum")
        is_delta = len(self.policies) > 1 and not is_sum and self._is_by_job(level)
        return ("delta",) if is_delta else self.policies

    def _least(self, level: str, inferred: Inferred) -> Cost:
        return min(self._cost(level, policy) for policy in self._likely(level, inferred))

    def _misplaced(self, inferred: Inferred) -> list[tuple[list[Row], int]]:
        """The counter-entries of the days that would answer another day, and what that spares.

        One late entry, or all that is open of a day; by a row, or by all parts of an answer. A
        misplaced answer is one fault, but leaves itself unexplained, which counts two, and what it
        should have answered.
        """
        likely = self._likely("day", inferred)
        policy = min(likely, key=lambda policy: self._cost("day", policy))
        strays: list[Row] = []
        waiting: list[list[Row]] = []
        for group in self.groups("day", policy):
            steps = group.shape(policy).steps
            strays += [group.rows[s.position] for s in steps if s.role == "unexplained"]
            waiting.append([group.rows[s.position] for s in steps if s.role == "uncountered"])
        answered: list[tuple[list[Row], int]] = []
        left: list[Row] = []
        for stray in strays:
            # One that was there before what it should have answered is early, not misplaced.
            last_us = stray.recorded_us + self.profile.skew_us
            there = [[row for row in rows if row.recorded_us < last_us] for rows in waiting]
            each = [[row] for rows in there for row in rows]
            fits = [f for f in each + there if f and sum(r.amount for r in f) == -stray.amount]
            if fits:
                waiting = [[row for row in rows if row not in fits[0]] for rows in waiting]
                answered.append(([stray], len(fits[0]) + 1))
            else:
                left.append(stray)
        if not left or not inferred.are_parts_of_days():
            return answered
        apart = ((p, self._spared_at_home(p, policy)) for p in answer_rows.together(left))
        return answered + [(parts, spared) for parts, spared in apart if spared]

    def _spared_at_home(self, parts: Sequence[Row], policy: str) -> int:
        """How many faults are spared by a day on which parts of an answer are right.

        All its parts, or those that its job wrote in the same moment and left on another day.
        """
        if parts[0].job_id is None and not parts[0].is_in_parts:
            return 0
        groups = self.groups("day", policy)
        for home in groups:
            moved = [row for row in parts if row not in home.rows]
            own = (row for row in home.rows if answer_rows.is_of_one_moment(parts[0], row))
            if not moved or (len(moved) == 1 and not any(own)):
                continue
            whole = self._group([*home.rows, *moved]).shape(policy)
            if whole.is_told:
                spared = home.shape(policy).cost.faults - whole.cost.faults - 1
                for group in groups:
                    rest = [row for row in group.rows if row not in moved]
                    if len(rest) < len(group.rows):
                        faults = self._group(rest).shape(policy).cost.faults if rest else 0
                        spared += group.shape(policy).cost.faults - faults
                return max(spared, 0)
        return 0

    def _days_excess(self, inferred: Inferred) -> int:
        """How many more faults the days leave than the week.

        Several misplaced answers are no more where others stand on their day, in the week, or in
        others of the account, and in the export.
        """
        answered = self._misplaced(inferred)
        spared = sum(faults for _, faults in answered)
        counters = sum(row.is_counter for rows in self.unit.days for row in rows)
        is_kept = inferred.level.is_kept(self.unit.account_id, "day")
        misplaced = sum(len(rows) for rows, _ in answered)
        is_few = is_kept or misplaced <= MISPLACED_SHARE * counters
        if inferred.are_strays_few and is_few:
            spared += max(len(answered) - 1, 0)
        return (
            max(self._least("day", inferred).faults - spared, 0)
            - self._least("week", inferred).faults
        )

    def vote(self, inferred: Inferred) -> None:
        """Count this unit's votes, where one policy or level explains it with fewer faults."""
        account = self.unit.account_id
        if len(self.levels) > 1:
            excess = self._days_excess(inferred)
            # One fault less, spared by a set of rows that fits by chance or by a counter-entry on a
            # wrong day, does not make a week that is balanced as a whole.
            if excess < 0 or (excess > 1 and not self._is_right_by_day(inferred)):
                inferred.level.add(account, "day" if excess < 0 else "week")
            counters = sum(row.is_counter for rows in self.unit.days for row in rows)
            if counters:
                astray = [row for rows, _ in self._misplaced(inferred) for row in rows]
                is_off = excess > 1 or (excess > 0 and bool(astray))
                inferred.habits.add(account, astray, is_off=is_off)
        if len(self.policies) > 1:
            level = self._level(inferred)
            by_sum, by_delta = (self._due(level, p).faults for p in contract.POLICIES)
            if by_sum != by_delta and not self._is_by_job(level):
                inferred.policy.add(account, "sum" if by_sum < by_delta else "delta")

    def choose(self, inferred: Inferred) -> tuple[str, Choice]:
        """The level and policy to judge it by."""
        is_kept_whole = self._is_kept_whole(inferred)
        inferred.habits.kept += is_kept_whole
        level = "week" if is_kept_whole else self._level(inferred)
        if len(self.policies) == 1:
            return level, Choice(self.policies[0], "unit")
        by_sum, by_delta = (self._due(level, p) for p in contract.POLICIES)
        fewer = "sum" if by_sum < by_delta else "delta"
        if self._likely(level, inferred) == ("delta",):
            return level, Choice("delta", "less")
        if by_sum.faults != by_delta.faults:
            return level, Choice(fewer, "unit")
        if by_sum != by_delta:
            return level, Choice(fewer, "less")
        return level, inferred.policy.of_unit(self.unit.account_id)

    def _is_by_job(self, level: str) -> bool:
        """Whether only who wrote them tells that counter-entries answer a late entry each.

        The policy sum has fewer faults, or as many of which no read explains some, as jobs answer
        for each other there, while each counter-entry has nearly the amount that an entry of its
        own job is answered by.
        """
        by_sum, by_delta = (self._due(level, p) for p in contract.POLICIES)
        is_equal = by_sum.faults == by_delta.faults
        if by_sum >= by_delta or (is_equal and by_sum.unseen < UNEXPLAINED_ROWS):
            return False
        rows = [row for group in self.groups(level, "delta") for row in group.rows]
        own: dict[str, list[int]] = {"": []}
        for row in rows:
            if not row.is_counter and row.job_id:
                own.setdefault(row.job_id, []).append(row.amount)
        return all(
            any(
                abs(row.amount + amount) <= NEARLY * abs(amount)
                for amount in own.get(row.job_id or "", ())
            )
            for row in rows
            if row.is_counter
        )

    def _is_right_by_day(self, inferred: Inferred) -> bool:
        """Whether the days blame no counter-entry, but late entries alone, and the week does.

        That each amount is what its own day was owed is no chance; that jobs were lost, or read
        what was old and found nothing, are faults that may come often.
        """
        return not self._blames(inferred, "day") and self._blames(inferred, "week")

    def _blames(self, inferred: Inferred, level: str) -> bool:
        """Whether the cheapest explanation finds a counter-entry other than right."""
        policy = min(self._likely(level, inferred), key=lambda policy: self._cost(level, policy))
        steps = (step for group in self.groups(level, policy) for step in group.shape(policy).steps)
        return any(step.role not in SPARED for step in steps)

    def _is_kept_whole(self, inferred: Inferred) -> bool:
        """Whether it is off by the day, and its account keeps weeks."""
        if len(self.levels) == 1 or self._days_excess(inferred) <= 0:
            return False
        astray = [row for rows, _ in self._misplaced(inferred) for row in rows]
        return inferred.habits.are_weeks_kept(self.unit.account_id, astray)

    def _level(self, inferred: Inferred) -> str:
        if len(self.levels) == 1:
            return self.levels[0]
        excess = self._days_excess(inferred)
        if excess > 0 and self._is_right_by_day(inferred):
            others = inferred.level.of_unit(self.unit.account_id)
            return others.value if others.is_sure else "day"
        shown = "day" if excess < 0 else "week"
        is_against = inferred.level.is_against(self.unit.account_id, shown)
        # A week that is off as a whole as well is no sign that weeks are what is balanced.
        is_off_too = is_against and shown == "week" and self._least("week", inferred).faults > 0
        if not is_off_too and abs(excess) > (OVERRULING_FAULTS if is_against else 1):
            return shown
        if excess and is_against:
            return "week" if shown == "day" else "day"
        of_export = inferred.level.of_export()
        votes = inferred.level.of_account(self.unit.account_id)
        if votes or of_export.is_sure:
            return votes or of_export.value
        day, week = self._least("day", inferred), self._least("week", inferred)
        is_even = not week.faults and inferred.level.is_common("week")
        is_open = (excess == 1 and not is_even) or (not excess and day == week)
        fewer = "day" if (excess, day) < (0, week) else "week"
        return of_export.value if is_open else fewer
