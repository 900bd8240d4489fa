"""Replay: the late rows of every week that a clean walk does not explain, judged row by row.

SQL finds those weeks; only they are searched. The result is the table `replay`, one row for each
late row of a replayed week, which the rules select from.
"""

import logging
from collections.abc import Sequence
from datetime import UTC
from decimal import Decimal
from functools import cache, partial
from itertools import zip_longest
from operator import attrgetter, mul
from typing import Any, Final

import duckdb
import numpy as np
from numpy.typing import NDArray

from settle_core import sql
from settle_core.exports.arrays.tables import FLAG, TEXT, WHOLE, Column, Table, of_rows, registered
from settle_core.exports.files import memory
from settle_core.exports.profiles.profile import Profile
from settle_core.exports.reading.ledger import Ledger
from settle_core.reconcile import reckoning
from settle_core.reconcile.astray import elsewhere, parts, strays
from settle_core.reconcile.causes import cause
from settle_core.reconcile.causes.cause import Found
from settle_core.reconcile.patterns import rounded
from settle_core.reconcile.patterns.alike import Alike
from settle_core.reconcile.patterns.searched import Searched
from settle_core.reconcile.policies.inferred import Inferred, Rounded
from settle_core.reconcile.policies.policy_and_level import Weighed
from settle_core.reconcile.policies.votes import Choice, Votes
from settle_core.reconcile.search import clocks
from settle_core.reconcile.search.clocks import IdOrder
from settle_core.reconcile.search.model import Explanation, Row, Unit, Witness
from settle_core.reconcile.walk import shown, suspects
from settle_core.reconcile.walk.shown import Shown
from settle_core.reconcile.walk.steps import Scope

_LOG: Final = logging.getLogger(__name__)
# Above this share of neighbours that contradict the clock, ids do not come from a sequence.
CONTRADICTIONS_MAX: Final = 0.05
# So many reads that missed rows are no accident of one job: any job may have missed its late entry.
MISSED_MIN: Final = 2
# Where no more of the weeks are even only as a whole, they tell nothing against the days of the
# others: now and then an answer lands on another day of its week.
EVEN_SHARE: Final = 0.1


def run(ledger: Ledger, limits: Scope, witness: Witness | None = None) -> Inferred:
    """Judge the suspect weeks and create the table `replay`.

    Args:
        ledger: after the steps.
        limits: weeks and instant of the audit.
        witness: what logs tell, which goes before any search.
    """
    memory.demand(ledger.con, len(ledger.con.table("suspect_week")) * memory.WEEK_BYTES)
    inferred = Inferred()
    order = IdOrder(*ledger.con.execute("FROM id_order").fetchall()[0])
    is_number = str(ledger.con.table("entry").types[0]) == "BIGINT"
    inferred.ids_are_sequence = is_number and (
        order.contradictions <= CONTRADICTIONS_MAX * order.pairs
    )
    ((inferred.rows_moved,),) = ledger.con.table("moved_row").count("*").fetchall()
    ((inferred.are_strays_few,),) = ledger.con.execute("FROM stray_day").fetchall()
    votes = shown.of(ledger)
    # Else the weighed weeks tell whether days are kept, see `_count_even`.
    are_days_kept = inferred.are_strays_few and (
        _total(votes, "whole") <= EVEN_SHARE * _total(votes, "even")
    )
    for each in votes:
        days = each.days + (each.even if are_days_kept else 0)
        if each.is_replayed:
            inferred.policy.add(each.account_id, "sum", each.sums)
            inferred.policy.add(each.account_id, "delta", each.deltas)
            inferred.policy.hint(each.account_id, "delta", each.hints)
            inferred.level.add(each.account_id, "day", days)
            inferred.level.add(each.account_id, "week", each.weeks)
            inferred.habits.off[each.account_id] += each.weeks
            inferred.habits.on[each.account_id] += each.even
        else:
            inferred.policy.add_others(each.accounts, each.sums, each.deltas, each.hints)
            inferred.level.add_others(each.accounts, days, each.weeks)
            inferred.habits.add_others(each.accounts, each.weeks, each.even)
    suspects.number(ledger)
    held = Searched(ledger, ids_are_sequence=inferred.ids_are_sequence)
    inferred.rounding = rounded.infer(ledger.con, held, 10**ledger.scale, ledger.scale)
    inferred.habits.weekday = held.weekday.tolist()
    held.is_in_parts = inferred.is_in_parts = parts.are_usual(
        held, _total(votes, "even") + max(_total(votes, "weeks"), _total(votes, "whole"))
    )
    inferred.are_parts_of_days = cache(partial(parts.stand_on_one_day, ledger.con))
    inferred.weeks_replayed = len(held.starts)
    _LOG.info("replaying %d weeks", len(held.starts))
    as_of_us = round(limits.as_of.replace(tzinfo=UTC).timestamp() * 1_000_000)
    weeks = _Weeks(ledger, held, inferred, as_of_us - ledger.profile.grace_us)
    is_number = is_number and not clocks.are_random(order)
    weeks.set_apart(elsewhere.pairs(ledger), is_number=is_number, witness=witness)
    weeks.weigh(is_number=is_number, witness=witness)
    if inferred.are_strays_few and not are_days_kept:
        _count_even(inferred.level, votes)
    weeks.judge(witness)
    _create_table(ledger, limits, weeks)
    return inferred


def _total(votes: Sequence[Shown], name: str) -> int:
    return sum(map(mul, map(attrgetter("accounts"), votes), map(attrgetter(name), votes)))


def _count_even(level: Votes, votes: Sequence[Shown]) -> None:
    """Let weeks whose days are even vote for the day, where few are balanced as a whole.

    Weeks that are may have even days as well: nobody wrote on a second day.
    """
    if level.total["week"] > EVEN_SHARE * (_total(votes, "even") + level.total["day"]):
        return
    for each in votes:
        own = level.by_account.get(each.account_id, {"week": each.weeks})["week"]
        if own - 1 > EVEN_SHARE * each.even:  # one of an account is no share
            continue
        if each.is_replayed:
            level.add(each.account_id, "day", each.even)
        else:
            level.add_others(each.accounts, each.even, 0, is_new=not each.days + each.weeks)


NEVER_US: Final = 1 << 62
NO_VOTER: Final = (1 << 62, "", "")


class _Weeks:
    """The weeks to replay, and what comes of them."""

    def __init__(
        self, ledger: Ledger, held: Searched, inferred: Inferred, grace_from_us: int
    ) -> None:
        self.held, self.inferred, self.grace_from_us = held, inferred, grace_from_us
        self.profile = ledger.profile
        self._about = cause.Known(
            ledger.profile, grace_from_us, ledger.scale, inferred.ids_are_sequence
        )
        # Of each unit, whether it is judged as a whole, and by the policy delta.
        self._is_by_week = np.zeros(len(held.starts), np.bool_)
        self._is_delta = np.zeros(len(held.starts), np.bool_)
        self.found: list[Found] = []
        # Units, places and row numbers: of what was searched, and of what patterns told.
        self._placed: list[tuple[int, int, int]] = []
        self._known: NDArray[np.int64] = np.empty((0, 3), np.int64)
        self._weighed: dict[int, Weighed] = {}
        self._apart: dict[int, frozenset[int]] = {}

    def set_apart(
        self, pairs: Sequence[elsewhere.Pair], *, is_number: bool, witness: Witness | None
    ) -> None:
        """Set apart the rows whose other half stands elsewhere, before anything is weighed."""

        def faults(unit: Unit) -> int:
            return _in_order(unit, self.profile, NEVER_US, is_number=is_number)[0].faults

        is_by_day = self.profile.balancing.level != "week"
        self._apart = elsewhere.apart(
            self.held, pairs, faults, is_by_day=is_by_day, witness=witness
        )

    def weigh(self, *, is_number: bool, witness: Witness | None) -> None:
        """Explain units in every way, those that are like others by their patterns."""
        held, inferred = self.held, self.inferred
        self._alike = Alike(held, self.profile, self.grace_from_us, is_number=is_number)
        self._alike.is_here[... if witness else list(self._apart)] = False
        for number in np.flatnonzero(~self._alike.is_here).tolist():
            unit = held.unit(number)
            if number in self._apart:
                unit = elsewhere.without(unit, self._apart[number])
            if unit.days:
                self._weighed[number] = _weighed(
                    unit, inferred, self.profile, self.grace_from_us, is_number=is_number
                )
        voters = iter(self._alike.voters())
        number, account_id, policy = next(voters, NO_VOTER)
        for each in self._weighed:  # in turn, since what was voted before counts
            while number < each:
                inferred.policy.add(account_id, policy)
                number, account_id, policy = next(voters, NO_VOTER)
            self._weighed[each].vote(inferred)
        while number < NO_VOTER[0]:
            inferred.policy.add(account_id, policy)
            number, account_id, policy = next(voters, NO_VOTER)

    def judge(self, witness: Witness | None) -> None:
        """Choose how each week is judged, and say what is to be said of its rows."""
        chosen, choices = self._alike.choose(self.inferred)
        is_sum = np.array([*(choice.value == "sum" for choice in choices), False])
        is_by_pattern = is_sum[chosen]
        for number in np.flatnonzero(~is_by_pattern).tolist():
            each = self._weighed.get(number)
            if each is None and number not in self._apart:
                each = Weighed(self.held.unit(number), self.profile, self.grace_from_us)
            self._judge(number, each, witness)
        units = np.flatnonzero(is_by_pattern)
        self.found += self._alike.found(units, chosen, choices, self._about)
        self._known, exhausted = self._alike.placed(units)
        self.inferred.units_exhausted += exhausted

    def _judge(self, number: int, each: Weighed | None, witness: Witness | None) -> None:
        level, policy = self._chosen(number, each, witness)
        self._is_by_week[number] = level == "week"
        self._is_delta[number] = policy.value == "delta"
        start = each.unit.start if each and level == "week" else 0
        groups = each.groups(level, policy.value) if each else []
        others: list[list[Row]] = []
        if number in self._apart:
            unit = self.held.unit(number)
            others = elsewhere.by_group(unit, self._apart[number], is_by_week=level == "week")
        for group, apart in zip_longest(groups, others):
            rows: list[Row] = []
            if group:
                explanation = (
                    witness.explain(group.rows, level, start) if witness else None
                ) or group.explanation(policy.value)
                self.inferred.units_exhausted += explanation.is_exhausted
                rows = [judged.row for judged in explanation.judged]
                self._find(explanation, policy, number)
            if apart:
                rows = elsewhere.in_place(rows, apart)
                for row in apart:
                    self._find(elsewhere.alone(row), policy, number)
            self._placed += [(number, place, row.number) for place, row in enumerate(rows)]

    def _chosen(
        self, number: int, each: Weighed | None, witness: Witness | None
    ) -> tuple[str, Choice]:
        """The level and policy of a unit; where all its rows are set apart, what others tell."""
        if each is not None:
            return _chosen(each, self.inferred, witness)
        balancing = self.profile.balancing
        level = "week" if balancing.level == "week" else "day"
        if balancing.policy != "auto":
            return level, Choice(balancing.policy, "unit")
        return level, self.inferred.policy.of_unit(self.held.account_ids[number])

    def _find(self, explanation: Explanation, policy: Choice, number: int) -> None:
        rounding = self.held.rounding.get(number)
        step = rounding.step if rounding else 0
        self.found += cause.found(explanation, policy, self._about, step)

    @property
    def placed(self) -> dict[str, NDArray[Any]]:
        """The place of each row in the order that was found, and how its unit was judged.

        `is_told`: there is more to say of it than that it is late, or right.
        """
        searched = np.array(self._placed, np.int64).reshape(-1, 3)
        unit, place, row = np.concatenate([searched, self._known]).T
        is_told = np.zeros(len(self.held.number), np.bool_)
        is_told[[each.row_number for each in self.found]] = True
        return {
            "row_number": row,
            "place": place,
            "is_by_week": self._is_by_week[unit],
            "is_delta": self._is_delta[unit],
            "is_told": is_told[row],
        }


def _in_order(
    unit: Unit, profile: Profile, grace_from_us: int, *, is_number: bool
) -> tuple[Weighed, bool]:
    """Explain a unit in every way; by ids instead of clocks where that leaves less.

    So many faults of which a writer's read tells are less than as many that nothing explains.
    """
    each = Weighed(unit, profile, grace_from_us)
    can_tell = is_number and not unit.is_committed
    other = clocks.by_ids(unit, profile.skew_us) if can_tell else None
    if other and each.faults:
        in_order = Weighed(other, profile, grace_from_us)
        if in_order.least < each.least:
            return in_order, True
    return each, False


def _weighed(
    unit: Unit, inferred: Inferred, profile: Profile, grace_from_us: int, *, is_number: bool
) -> Weighed:
    each, is_by_ids = _in_order(unit, profile, grace_from_us, is_number=is_number)
    if is_by_ids:
        inferred.weeks_by_ids += 1
        inferred.clock_off_us = max(inferred.clock_off_us, clocks.off_us(unit))
    return each


def _chosen(each: Weighed, inferred: Inferred, witness: Witness | None) -> tuple[str, Choice]:
    told = witness.choose(each.unit.days, each.unit.start) if witness else None
    if told is not None and told[0] in each.levels and told[1] in each.policies:
        return told[0], Choice(told[1], "unit")
    return each.choose(inferred)


def _create_table(ledger: Ledger, limits: Scope, weeks: _Weeks) -> None:
    profile, con = ledger.profile, ledger.con
    forms = {name: TEXT if kind is str else WHOLE for name, kind in Found.__annotations__.items()}
    places = {
        name: Column(FLAG if values.dtype == np.bool_ else WHOLE, values)
        for name, values in weeks.placed.items()
    }
    told = {"placed": Table(places), "found": of_rows(weeks.found, **forms)}
    policy: dict[str, object] = {
        "policy": "sum" if profile.balancing.policy == "auto" else profile.balancing.policy
    }
    parameters = policy | {
        "major_per_minor": f"{Decimal(1).scaleb(-ledger.scale):f}",
        "as_of": limits.as_of,
        "grace_us": profile.grace_us,
    }
    with registered(con, **told):
        con.sql(sql.text("reconcile", "judged_row"), params=parameters).create("judged_row")
        _mind_rounding(con, weeks.inferred.rounding, 10**ledger.scale)
        moment_us = max(profile.skew_us, cause.MOMENT_US)
        con.execute(
            sql.text("reconcile", "lost_job"), {"moment_us": moment_us, "missed_min": MISSED_MIN}
        )
        strays.run(con, profile, limits.as_of, weeks.inferred.level)
        suspects.widen(ledger)
        reckoning.run(con, 10**ledger.scale, profile.skew_us)
        con.sql(sql.text("reconcile", "replay"), params=policy).create("replay")
    con.sql(sql.text("reconcile", "judged_break")).create_view("judged_break")


def _mind_rounding(
    con: duckdb.DuckDBPyConnection, found: Sequence[Rounded], minor_per_major: int
) -> None:
    """Say no cause of late entries that come to nothing, rounded: days told without a search."""
    for each in found:
        least, most = each.rounding.reach(0)
        given: dict[str, object] = {
            "currency": each.currency,
            "account_id": each.account_id,
            "step": each.step,
            "least": least,
            "most": most,
            "minor_per_major": minor_per_major,
        }
        con.execute(sql.text("reconcile", "rounded_away"), given)
