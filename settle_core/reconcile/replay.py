"""Replay: the late rows of every week that a clean walk does not explain, judged row by row.

SQL finds those weeks; only they are searched. The result is the table `replay`, one row for each
late row of a replayed week, which the rules select from.
"""

import logging
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final, NamedTuple

import duckdb

from settle_core import sql
from settle_core.exports import frames
from settle_core.exports.ledger import Ledger
from settle_core.exports.profile import Profile
from settle_core.reconcile import cause, clocks, reckoning, suspects
from settle_core.reconcile.cause import Found
from settle_core.reconcile.model import Row, Unit, Witness
from settle_core.reconcile.policy_inference import Inferred, Weighed
from settle_core.reconcile.steps import Scope
from settle_core.reconcile.votes import Choice

_LOG: Final = logging.getLogger(__name__)
# Above this share of neighbours that contradict the clock, ids do not come from a sequence.
CONTRADICTIONS_MAX: Final = 0.05
# So many reads that missed rows are no accident of one job: any job may have missed its late entry.
MISSED_MIN: Final = 2
# So long after its late entry a counter-entry in another week may be its answer by its amount
# alone: to reverse in the next open period is normal practice.
PRACTICE_US: Final = 14 * 86_400_000_000


def run(ledger: Ledger, limits: Scope, witness: Witness | None = None) -> Inferred:
    """Judge the suspect weeks and create the table `replay`.

    Args:
        ledger: after the steps.
        limits: weeks and instant of the audit.
        witness: what logs tell, which goes before any search.
    """
    inferred = Inferred()
    ((pairs, contradictions),) = ledger.con.execute("FROM id_order").fetchall()
    is_number = str(ledger.con.table("entry").types[0]) == "BIGINT"
    inferred.ids_are_sequence = is_number and contradictions <= CONTRADICTIONS_MAX * pairs
    ((inferred.rows_moved,),) = ledger.con.table("moved_row").count("*").fetchall()
    ((inferred.are_strays_few,),) = ledger.con.execute("FROM stray_day").fetchall()
    ledger.con.sql(sql.text("reconcile", "vote")).create("vote")
    votes = ledger.con.execute(sql.text("reconcile", "vote_group")).fetchall()
    # Where no week is even only as a whole, the even days of the others tell that days are kept.
    are_days_kept = not any(weeks for *_, weeks, _ in votes)
    for account_id, is_replayed, accounts, sums, deltas, hints, shown, weeks, even in votes:
        days = shown + (even if are_days_kept else 0)
        if is_replayed:
            inferred.policy.add(account_id, "sum", sums)
            inferred.policy.add(account_id, "delta", deltas)
            inferred.policy.hint(account_id, "delta", hints)
            inferred.level.add(account_id, "day", days)
            inferred.level.add(account_id, "week", weeks)
        else:
            inferred.policy.add_others(accounts, sums, deltas, hints)
            inferred.level.add_others(accounts, days, weeks)
    units = _units(ledger, ids_are_sequence=inferred.ids_are_sequence)
    inferred.weeks_replayed = len(units)
    _LOG.info("replaying %d weeks", len(units))
    as_of_us = round(limits.as_of.replace(tzinfo=UTC).timestamp() * 1_000_000)
    grace_from_us = as_of_us - ledger.profile.grace_us
    weighed = _weighed(units, inferred, ledger.profile, grace_from_us, is_number=is_number)
    for each in weighed:
        each.vote(inferred)
    placed: dict[str, list[int]] = {"row_number": [], "unit_number": [], "place": []}
    found: list[Found] = []
    chosen: list[Chosen] = []
    for number, each in enumerate(weighed):
        level, policy = _chosen(each, inferred, witness)
        chosen.append(Chosen(number, level, policy.value))
        start = each.unit.start if level == "week" else 0
        for group in each.groups(level, policy.value):
            explanation = (
                witness.explain(group.rows, level, start) if witness else None
            ) or group.explanation(policy.value)
            inferred.units_exhausted += explanation.is_exhausted
            count = len(explanation.judged)
            placed["row_number"] += [judged.row.number for judged in explanation.judged]
            placed["unit_number"] += [number] * count
            placed["place"] += range(count)
            found += cause.found(explanation, policy, ledger.profile, grace_from_us, ledger.scale)
    _create_table(ledger, limits, placed, chosen, found)
    return inferred


def _weighed(
    units: list[Unit], inferred: Inferred, profile: Profile, grace_from_us: int, *, is_number: bool
) -> list[Weighed]:
    """Explain units in every way; by ids instead of clocks where that leaves fewer faults."""
    weighed = []
    for unit in units:
        each = Weighed(unit, profile, grace_from_us)
        can_tell = is_number and not unit.is_committed
        other = clocks.by_ids(unit, profile.skew_us) if can_tell else None
        if other and each.faults:
            in_order = Weighed(other, profile, grace_from_us)
            if in_order.faults < each.faults:
                each = in_order
                inferred.weeks_by_ids += 1
                inferred.clock_off_us = max(inferred.clock_off_us, clocks.off_us(unit))
        weighed.append(each)
    return weighed


def _chosen(each: Weighed, inferred: Inferred, witness: Witness | None) -> tuple[str, Choice]:
    told = witness.choose(each.unit.days, each.unit.start) if witness else None
    if told is not None and told[0] in each.levels and told[1] in each.policies:
        return told[0], Choice(told[1], "unit")
    return each.choose(inferred)


def _units(ledger: Ledger, *, ids_are_sequence: bool) -> list[Unit]:
    con = ledger.con
    con.sql(sql.text("reconcile", "suspect_row")).create("suspect_row")
    minor: dict[str, object] = {"minor_per_major": 10**ledger.scale}
    rows = con.execute(
        sql.text("reconcile", "searched_row"), minor | {"ids_are_sequence": ids_are_sequence}
    )
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
    units = con.execute(sql.text("reconcile", "searched_unit"), minor).fetchall()
    return [
        Unit(account, start, each, is_committed)
        for (account, start, is_committed), each in zip(units, days, strict=True)
    ]


class Chosen(NamedTuple):
    """How a unit was judged to be balanced."""

    unit_number: int
    level: str
    policy: str


def _create_table(
    ledger: Ledger,
    limits: Scope,
    placed: dict[str, list[int]],
    chosen: list[Chosen],
    found: list[Found],
) -> None:
    profile, con = ledger.profile, ledger.con
    tables = {
        "placed": frames.frame(placed, dtype="int64"),
        "chosen": frames.frame(chosen, columns=list(Chosen._fields)),
        "found": frames.frame(found, columns=list(Found._fields)),
    }
    for name, table in tables.items():
        con.register(name, table)
    parameters: dict[str, object] = {
        "major_per_minor": f"{Decimal(1).scaleb(-ledger.scale):f}",
        "policy": "sum" if profile.balancing.policy == "auto" else profile.balancing.policy,
        "as_of": limits.as_of,
        "grace_us": profile.grace_us,
    }
    con.sql(sql.text("reconcile", "judged_row"), params=parameters).create("judged_row")
    moment_us = max(profile.skew_us, cause.MOMENT_US)
    con.execute(
        sql.text("reconcile", "lost_job"), {"moment_us": moment_us, "missed_min": MISSED_MIN}
    )
    for name in tables:
        con.unregister(name)
    _pair(con, profile, limits.as_of)
    suspects.widen(ledger)
    reckoning.run(con, 10**ledger.scale, profile.skew_us)
    con.sql(sql.text("reconcile", "replay")).create("replay")
    con.sql(sql.text("reconcile", "judged_break")).create_view("judged_break")


def _pair(con: duckdb.DuckDBPyConnection, profile: Profile, as_of: datetime) -> None:
    """Create the table `stray`: the answers that stand elsewhere, and what they answer."""
    given: dict[str, object] = {
        "as_of": as_of,
        "grace_us": profile.grace_us,
        "practice_us": PRACTICE_US,
        "skew_us": profile.skew_us,
        "week_offset_days": profile.week_offset_days,
    }
    for name in ("stray_counter", "stray_pair", "stray"):
        query = sql.text("reconcile", name)
        if name == "stray":
            given["chosen"] = _disjoint(con)
        used = {key: given[key] for key in sql.parameters(query)}
        con.sql(query, params=used or None).create(name)


def _disjoint(con: duckdb.DuckDBPyConnection) -> list[int]:
    """Numbers of stray pairs: the best first, each counter-entry and late entry in one at most."""
    chosen = [0]  # an empty list has no type
    taken: set[str] = set()
    for number, *pair in con.execute(sql.text("reconcile", "ranked_pair")).fetchall():
        if taken.isdisjoint(pair):
            taken.update(pair)
            chosen.append(number)
    return chosen
