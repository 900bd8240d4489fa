"""Replay: the late rows of every week that a clean walk does not explain, judged row by row.

SQL finds those weeks; only they are searched. The result is the table `replay`, one row for each
late row of a replayed week, which the rules select from.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from importlib.resources import files
from itertools import groupby
from typing import Final, NamedTuple

import pandas as pd

from settle_core import answer, cause, schema, witness
from settle_core.explanation import Explanation, Judged, Row
from settle_core.ledger import Ledger
from settle_core.pipeline import Scope
from settle_core.policy import Choice, Votes
from settle_core.profile import Profile

# Above this share of neighbours that contradict the clock, ids do not come from a sequence.
CONTRADICTIONS_MAX: Final = 0.05
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


def run(ledger: Ledger, limits: Scope) -> Inferred:
    """Judge the suspect weeks and create the table `replay`."""
    inferred = Inferred()
    ((pairs, contradictions),) = ledger.con.execute("FROM id_order").fetchall()
    is_number = str(ledger.con.table("entry").types[0]) == "BIGINT"
    inferred.ids_are_sequence = is_number and contradictions <= CONTRADICTIONS_MAX * pairs
    for account_id, sums, deltas, days, weeks in ledger.con.execute(_sql("vote")).fetchall():
        inferred.policy.add(account_id, "sum", sums)
        inferred.policy.add(account_id, "delta", deltas)
        inferred.level.add(account_id, "day", days)
        inferred.level.add(account_id, "week", weeks)
    units = _units(ledger, ids_are_sequence=inferred.ids_are_sequence)
    inferred.weeks_replayed = len(units)
    weighed = [_Weighed(unit, ledger.profile) for unit in units]
    for each in weighed:
        each.vote(inferred)
    judged = [row for each in weighed for row in each.judge(inferred, limits.as_of)]
    _create_table(ledger, judged)
    return inferred


def _sql(name: str) -> str:
    return (files("settle_core") / "sql" / "replay" / f"{name}.sql").read_text("utf-8")


def _units(ledger: Ledger, *, ids_are_sequence: bool) -> list[Unit]:
    scale = ledger.profile.money_scale
    parameters = {"minor_per_major": 10**scale, "ids_are_sequence": ids_are_sequence}
    rows = ledger.con.execute(_sql("suspect_row"), parameters).fetchall()
    units = []
    for (account_id, currency, week_start), group in groupby(rows, key=lambda r: r[:3]):
        days: dict[date, list[Row]] = defaultdict(list)
        start = 0
        for row in group:
            days[row[3]].append(Row(*row[4:12]))
            start = row[12]
        units.append(Unit(account_id, currency, week_start, start, dict(days)))
    return units


class JudgedRow(NamedTuple):
    """A row of the table `replay`, before its amounts become money."""

    account_id: str
    currency: str
    week_start: date
    effective_date: date
    entry_id: str
    kind: str
    role: str
    amount_minor: int
    expected_minor: int
    effect_minor: int
    recorded_us: int
    job_id: str | None
    place: int
    level: str
    policy: str
    status: str
    cause: str
    evidence: str
    unseen_entry_ids: str
    explanation: str


class _Weighed:
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

    def _choose(self, inferred: Inferred) -> tuple[str, Choice]:
        level = self.levels[0]
        if len(self.levels) > 1:
            level = inferred.level.choose(self.unit.account_id).value
        if len(self.policies) == 1:
            return level, Choice(self.policies[0], "unit")
        by_sum, by_delta = (self._faults(level, p) for p in schema.POLICIES)
        if by_sum != by_delta:
            return level, Choice("sum" if by_sum < by_delta else "delta", "unit")
        return level, inferred.policy.choose(self.unit.account_id)

    def judge(self, inferred: Inferred, as_of: datetime) -> Iterator[JudgedRow]:
        """The unit's rows under the policy and level that were chosen for it."""
        level, policy = self._choose(inferred)
        date_of = {row.entry_id: day for day, rows in self.unit.days.items() for row in rows}
        as_of_us = round(as_of.replace(tzinfo=UTC).timestamp() * 1_000_000)
        for explanation in self.explanations[level, policy.value]:
            inferred.units_exhausted += explanation.is_exhausted
            rows = {j.row.entry_id: j.row for j in explanation.judged}
            masked = _masked(explanation)
            for place, judged in enumerate(explanation.judged):
                row = judged.row
                why = self._cause(judged, rows, policy, explanation)
                text = ""
                if judged.role not in {"late", "right"}:
                    text = cause.sentence(judged, rows, policy, why, self.profile.money_scale)
                    text += _instead(judged, explanation)
                yield JudgedRow(
                    account_id=self.unit.account_id,
                    currency=self.unit.currency,
                    week_start=self.unit.week_start,
                    effective_date=date_of[row.entry_id],
                    entry_id=row.entry_id,
                    kind="counter" if row.is_counter else "entry",
                    role=_role(judged),
                    amount_minor=row.amount,
                    expected_minor=_expected(judged),
                    effect_minor=_effect(judged),
                    recorded_us=row.recorded_us,
                    job_id=row.job_id,
                    place=place,
                    level=level,
                    policy=policy.value,
                    status=self._status(judged, row.entry_id in masked, as_of_us),
                    cause=why.cause,
                    evidence=why.evidence,
                    unseen_entry_ids=",".join(judged.unseen),
                    explanation=text,
                )

    def _cause(
        self, judged: Judged, rows: dict[str, Row], policy: Choice, explanation: Explanation
    ) -> cause.Cause:
        if judged.role == "uncountered":
            strays = any(j.role == "unexplained" for j in explanation.judged)
            return cause.UNKNOWN if strays else cause.Cause("lost_job", "consistent")
        unseen = [rows[i] for i in judged.unseen if rows[i].is_counter]
        is_unique = not explanation.alternatives
        return cause.of_wrong(judged, unseen, policy, self.profile.skew_us, is_unique=is_unique)

    def _status(self, judged: Judged, is_masked: bool, as_of_us: int) -> str:  # noqa: FBT001
        if judged.role in {"late", "right"}:
            return ""
        if is_masked or judged.role == "compensating":
            return "masked"
        age = as_of_us - judged.row.recorded_us
        if judged.role == "uncountered" and age < self.profile.grace_us:
            return "pending"
        return "open"


def _role(judged: Judged) -> str:
    if judged.role in {"wrong", "unexplained"}:
        if judged.expected:
            return "wrong"
        return "duplicate" if judged.role == "wrong" else "orphan"
    return judged.role


def _expected(judged: Judged) -> int:
    """What should have been posted: nothing for a late entry but, where none came, its counter."""
    return -judged.row.amount if judged.role == "uncountered" else judged.expected


def _effect(judged: Judged) -> int:
    if judged.role == "uncountered":
        return judged.row.amount
    return judged.row.amount - judged.expected if judged.row.is_counter else 0


def _masked(explanation: Explanation) -> frozenset[str]:
    """Ids of the faults after which the unit came back to its settled amount."""
    masked: set[str] = set()
    standing: list[str] = []
    total = 0
    for judged in explanation.judged:
        effect = _effect(judged)
        if effect:
            standing.append(judged.row.entry_id)
        total += effect
        if total == 0:
            masked.update(standing)
            standing.clear()
    return frozenset(masked)


def _instead(judged: Judged, explanation: Explanation) -> str:
    """Names what else could be blamed just as well, where an equally cheap explanation does."""
    others = {i for ids in explanation.alternatives for i in ids - explanation.blamed}
    is_blamed = any(judged.row.entry_id not in ids for ids in explanation.alternatives)
    if not others or not is_blamed:
        return ""
    return f" Equally well explained with {', '.join(sorted(others))} to blame instead."


def _create_table(ledger: Ledger, judged: list[JudgedRow]) -> None:
    frame = pd.DataFrame(judged, columns=list(JudgedRow._fields))
    ledger.con.register("judged", frame)
    factor = str(Decimal(1).scaleb(-ledger.profile.money_scale))
    ledger.con.sql(_sql("replay"), params={"major_per_minor": factor}).create("replay")
    ledger.con.unregister("judged")
