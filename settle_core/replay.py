"""Replay: the late rows of every week that a clean walk does not explain, judged row by row.

SQL finds those weeks; only they are searched. The result is the table `replay`, one row for each
late row of a replayed week, which the rules select from.
"""

import logging
from array import array
from collections.abc import Iterator
from datetime import UTC
from decimal import Decimal
from importlib.resources import files
from typing import Final, NamedTuple

import numpy as np
import pandas as pd

from settle_core import cause
from settle_core.explanation import Explanation, Judged, Row
from settle_core.ledger import Ledger
from settle_core.pipeline import Scope
from settle_core.policy import Choice
from settle_core.profile import Profile
from settle_core.unit import Inferred, Unit, Weighed

_LOG: Final = logging.getLogger(__name__)
# Above this share of neighbours that contradict the clock, ids do not come from a sequence.
CONTRADICTIONS_MAX: Final = 0.05
UNREMARKABLE: Final = frozenset({"late", "right"})
TOLD_BY_SQL: Final = UNREMARKABLE | {"uncountered"}


def run(ledger: Ledger, limits: Scope) -> Inferred:
    """Judge the suspect weeks and create the table `replay`."""
    inferred = Inferred()
    ((pairs, contradictions),) = ledger.con.execute("FROM id_order").fetchall()
    is_number = str(ledger.con.table("entry").types[0]) == "BIGINT"
    inferred.ids_are_sequence = is_number and contradictions <= CONTRADICTIONS_MAX * pairs
    ((inferred.rows_moved,),) = ledger.con.table("moved_row").count("*").fetchall()
    votes = ledger.con.execute(_sql("vote")).fetchall()
    # Where no week is even only as a whole, the even days of the others tell that days are kept.
    are_days_kept = not any(weeks for *_, weeks, _ in votes)
    for account_id, sums, deltas, hints, days, weeks, even in votes:
        inferred.policy.add(account_id, "sum", sums)
        inferred.policy.add(account_id, "delta", deltas)
        inferred.policy.hint(account_id, "delta", hints)
        inferred.level.add(account_id, "day", days + (even if are_days_kept else 0))
        inferred.level.add(account_id, "week", weeks)
    units = _units(ledger, ids_are_sequence=inferred.ids_are_sequence)
    inferred.weeks_replayed = len(units)
    _LOG.info("replaying %d weeks", len(units))
    as_of_us = round(limits.as_of.replace(tzinfo=UTC).timestamp() * 1_000_000)
    grace_from_us = as_of_us - ledger.profile.grace_us
    weighed = [Weighed(unit, ledger.profile, grace_from_us) for unit in units]
    for each in weighed:
        each.vote(inferred)
    places = array("q")
    found: list[Found] = []
    chosen: list[Chosen] = []
    for number, each in enumerate(weighed):
        level, policy = each.choose(inferred)
        chosen.append(Chosen(number, level, policy.value))
        for group in each.groups(level):
            explanation = group.explanation(policy.value)
            inferred.units_exhausted += explanation.is_exhausted
            for place, judged in enumerate(explanation.judged):
                places.extend((judged.row.number, number, place))
            found += _found(explanation, policy, ledger.profile, grace_from_us)
    _create_table(ledger, limits, places, chosen, found)
    return inferred


def _sql(name: str) -> str:
    return (files("settle_core") / "sql" / "replay" / f"{name}.sql").read_text("utf-8")


def _units(ledger: Ledger, *, ids_are_sequence: bool) -> list[Unit]:
    con = ledger.con
    con.sql(_sql("suspect_row")).create("suspect_row")
    minor: dict[str, object] = {"minor_per_major": 10**ledger.profile.money_scale}
    rows = con.execute(_sql("searched_row"), minor | {"ids_are_sequence": ids_are_sequence})
    days: list[list[list[Row]]] = []
    last = None
    for number, day, *row in rows.fetchall():
        if number == len(days):
            days.append([])
            last = None
        if day != last:
            days[-1].append([])
            last = day
        days[-1][-1].append(Row._make(row))
    units = con.execute(_sql("searched_unit"), minor).fetchall()
    return [Unit(account, start, each) for (account, start), each in zip(units, days, strict=True)]


class Chosen(NamedTuple):
    """How a unit was judged to be balanced."""

    unit_number: int
    level: str
    policy: str


class Found(NamedTuple):
    """What is to be said of a row that is not simply late, or right. Amounts in minor units."""

    row_number: int
    role: str
    expected_minor: int
    effect_minor: int
    status: str
    cause: str
    evidence: str
    unseen_entry_ids: str
    explanation: str


def _found(
    explanation: Explanation, policy: Choice, profile: Profile, grace_from_us: int
) -> Iterator[Found]:
    """What is to be said of the rows of a group."""
    if all(judged.role in UNREMARKABLE for judged in explanation.judged):
        return
    rows = {judged.row.entry_id: judged.row for judged in explanation.judged}
    masked = _masked(explanation)
    for judged in explanation.judged:
        if judged.role in UNREMARKABLE:
            continue
        why = _cause(judged, rows, policy, explanation, profile)
        text = ""
        if judged.role not in TOLD_BY_SQL:
            text = cause.sentence(judged, rows, policy, why, profile.money_scale)
        yield Found(
            row_number=judged.row.number,
            role=_role(judged, rows),
            expected_minor=_expected(judged),
            effect_minor=_effect(judged),
            status=_status(judged, masked, grace_from_us),
            cause=why.cause,
            evidence=why.evidence,
            unseen_entry_ids=",".join(judged.unseen),
            explanation=text + _instead(judged, explanation),
        )


def _cause(
    judged: Judged,
    rows: dict[str, Row],
    policy: Choice,
    explanation: Explanation,
    profile: Profile,
) -> cause.Cause:
    if judged.role == "uncountered":
        strays = any(j.role == "unexplained" for j in explanation.judged)
        return cause.Cause("lost_job", "undetermined" if strays else "consistent")
    unseen = [rows[i] for i in judged.unseen if rows[i].is_counter]
    # Minus one late entry is what a job of the delta policy posts, and posts again.
    answers_one = any(not r.is_counter and r.amount == -judged.row.amount for r in rows.values())
    return cause.of_wrong(
        judged,
        unseen,
        policy,
        profile.skew_us,
        is_sole=not explanation.alternatives,
        answers_one=answers_one,
    )


def _status(judged: Judged, masked: frozenset[str], grace_from_us: int) -> str:
    """The status of a row; late entries recorded after `grace_from_us` may yet be answered."""
    if judged.role in UNREMARKABLE:
        return ""
    if judged.role == "compensating" or judged.row.entry_id in masked:
        return "masked"
    is_young = judged.row.recorded_us > grace_from_us
    return "pending" if judged.role == "uncountered" and is_young else "open"


def _role(judged: Judged, rows: dict[str, Row]) -> str:
    """The role in the table: a wrong counter-entry is wrong, a duplicate or an orphan."""
    if judged.role not in {"wrong", "unexplained"}:
        return judged.role
    if judged.expected:
        return "wrong"
    has_late_entry = any(not row.is_counter for row in rows.values())
    return "duplicate" if judged.unseen and has_late_entry else "orphan"


def _expected(judged: Judged) -> int:
    """What should have been posted: nothing for a late entry but, where none came, its counter."""
    return -judged.row.amount if judged.role == "uncountered" else judged.expected


def _effect(judged: Judged) -> int:
    if judged.role == "uncountered":
        return judged.row.amount
    return judged.row.amount - judged.expected if judged.row.is_counter else 0


def _masked(explanation: Explanation) -> frozenset[str]:
    """Ids of the faults after which a later counter-entry, or the end, found the unit even."""
    masked: set[str] = set()
    standing: list[str] = []
    total = 0
    for judged in explanation.judged:
        if judged.row.is_counter:
            total += _effect(judged)
            if total == 0:
                masked.update(standing)
                standing.clear()
            standing.append(judged.row.entry_id)
    rows = explanation.judged
    end = total + sum(_effect(judged) for judged in rows if not judged.row.is_counter)
    return frozenset(masked if end else {judged.row.entry_id for judged in rows})


def _instead(judged: Judged, explanation: Explanation) -> str:
    """Names what else could be blamed just as well, where an equally cheap explanation does."""
    others = {i for ids in explanation.alternatives for i in ids - explanation.blamed}
    is_blamed = any(judged.row.entry_id not in ids for ids in explanation.alternatives)
    if not others or not is_blamed:
        return ""
    return f" Equally well explained with {', '.join(sorted(others))} to blame instead."


def _create_table(
    ledger: Ledger, limits: Scope, places: "array[int]", chosen: list[Chosen], found: list[Found]
) -> None:
    profile, con = ledger.profile, ledger.con
    placed = np.frombuffer(places, dtype=np.int64).reshape(-1, 3) if places else np.empty((0, 3))
    tables = {
        "placed": pd.DataFrame(placed, columns=["row_number", "unit_number", "place"]),
        "chosen": pd.DataFrame(chosen, columns=list(Chosen._fields)),
        "found": pd.DataFrame(found, columns=list(Found._fields)),
    }
    for name, table in tables.items():
        con.register(name, table)
    parameters: dict[str, object] = {
        "major_per_minor": f"{Decimal(1).scaleb(-profile.money_scale):f}",
        "policy": "sum" if profile.balancing_policy == "auto" else profile.balancing_policy,
        "as_of": limits.as_of,
        "grace_us": profile.grace_us,
    }
    con.sql(_sql("judged_row"), params=parameters).create("judged_row")
    for name in tables:
        con.unregister(name)
    con.sql(_sql("replay")).create("replay")
    parameters = {"skew_us": profile.skew_us, "grace_us": profile.grace_us}
    con.sql(_sql("stray"), params=parameters).create("stray")
