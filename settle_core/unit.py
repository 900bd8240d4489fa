"""One account's settled week, weighed: how many faults each policy and level leaves in it."""

from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from settle_core import answer, schema, witness
from settle_core.explanation import Explanation, Row
from settle_core.policy import Choice, Votes
from settle_core.profile import Profile


class Unit(NamedTuple):
    """The late rows of one account, currency and week, by day; `start` in minor units."""

    account_id: str
    currency: str
    week_start: date
    start: int
    days: dict[date, list[Row]]


@dataclass
class Inferred:
    """What was inferred of the export, for the workpaper and the manifest."""

    policy: Votes = field(default_factory=lambda: Votes("sum", "delta"))
    level: Votes = field(default_factory=lambda: Votes("day", "week"))
    ids_are_sequence: bool = False
    weeks_replayed: int = 0
    units_exhausted: int = 0


class Weighed:
    """A unit with its explanations under every policy and level that the profile leaves open."""

    def __init__(self, unit: Unit, profile: Profile) -> None:
        self.unit = unit
        self.profile = profile
        fixed = profile.balancing_policy
        self.policies = schema.POLICIES if fixed == "auto" else (fixed,)
        fixed = profile.balancing_level
        self.levels = schema.LEVELS if fixed == "auto" else (fixed,)
        if fixed == "auto" and len(unit.days) == 1 and not unit.start:
            self.levels = ("day",)
        self.explanations: dict[tuple[str, str], list[Explanation]] = {}
        for level in self.levels:
            for policy in self.policies:
                self.explanations[level, policy] = self._explain(level, policy)
            if self._is_told(level):
                self.levels = (level,)
                break

    def _explain(self, level: str, policy: str) -> list[Explanation]:
        unit, skew = self.unit, self.profile.skew_us
        groups = list(unit.days.values())
        if level == "week":
            groups = [[row for day in groups for row in day]]
        if policy == "delta":
            return [answer.explain(rows, skew) for rows in groups]
        start = unit.start if level == "week" else 0
        return [witness.explain(rows, skew, start) for rows in groups]

    def _is_told(self, level: str) -> bool:
        """Whether a policy tells of every counter-entry what its writer saw, leaving none out."""
        told = {"late", "right", "compensating", "wrong"}
        return any(
            all(j.role in told for e in self.explanations[level, policy] for j in e.judged)
            for policy in self.policies
        )

    def _faults(self, level: str, policy: str) -> int:
        return sum(e.cost.faults for e in self.explanations[level, policy])

    def vote(self, inferred: Inferred) -> None:
        """Count this unit's votes, where one policy or level explains it with fewer faults."""
        account = self.unit.account_id
        if len(self.levels) > 1:
            day, week = (min(self._faults(lv, p) for p in self.policies) for lv in schema.LEVELS)
            if day != week:
                inferred.level.add(account, "day" if day < week else "week")
        if len(self.policies) > 1:
            level = self.levels[0]
            by_sum, by_delta = (self._faults(level, p) for p in schema.POLICIES)
            if by_sum != by_delta:
                inferred.policy.add(account, "sum" if by_sum < by_delta else "delta")

    def choose(self, inferred: Inferred) -> tuple[str, Choice]:
        """The level and policy to judge it by."""
        level = self.levels[0]
        if len(self.levels) > 1:
            level = inferred.level.choose(self.unit.account_id).value
        if len(self.policies) == 1:
            return level, Choice(self.policies[0], "unit")
        by_sum, by_delta = (self._faults(level, p) for p in schema.POLICIES)
        if by_sum != by_delta:
            return level, Choice("sum" if by_sum < by_delta else "delta", "unit")
        return level, inferred.policy.choose(self.unit.account_id)
