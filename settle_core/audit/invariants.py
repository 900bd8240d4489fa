"""What must hold of every run, whatever the export: checked each time, and named where it does not.

A violation makes the run incomplete: its findings, or what it proposes, cannot be relied on.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from settle_core import formats, sql
from settle_core.audit.age import Age
from settle_core.audit.correction import Correction, Week
from settle_core.audit.finding import OpenCent
from settle_core.contract import Finding
from settle_core.exports.control_totals import Difference
from settle_core.exports.ledger import Ledger
from settle_core.rules import rule
from settle_core.rules.rule import RuleRun

STATEMENTS: Final = {
    "every_cent_is_explained": "each day's effects add up to what its late rows leave it off by",
    "open_is_off": "each week's open and pending effects add up to its residual",
    "masked_is_even": "each week's masked effects add up to nothing",
    "corrections_restore": "each week with proposed corrections is at its settled amount with them",
    "none_for_even_weeks": "no correction is proposed for a week that holds its settled amount",
}
WAITING: Final = frozenset({"open", "pending"})


class Violation(NamedTuple):
    """Where an invariant does not hold; amounts in major units."""

    invariant: str
    account_id: str
    currency: str
    week_start: date
    expected: Decimal
    found: Decimal


def check(
    ledger: Ledger,
    found: Sequence[Finding],
    disposed: Sequence[Finding],
    corrections: Sequence[Correction],
    cents: Sequence[OpenCent],
) -> tuple[Violation, ...]:
    """Check all of them.

    Args:
        ledger: with the tables of the pipeline.
        found: the findings as the rules gave them.
        disposed: the same, with what was accepted by the file of dispositions.
        corrections: what is proposed.
        cents: days that the findings leave unexplained.
    """
    minor = 10**ledger.scale
    rows = ledger.con.execute(sql.text("audit", "residual"), {"minor_per_major": minor}).fetchall()
    off = {tuple(key): Decimal(value) / minor for *key, value in rows}
    violations = [Violation("every_cent_is_explained", *cent) for cent in cents]
    violations += _compared("open_is_off", off, _sums(found, WAITING))
    violations += _compared("masked_is_even", {}, _sums(found, {"masked"}))
    return (*violations, *_restored(ledger, off, found, disposed, corrections))


def _sums(findings: Sequence[Finding], statuses: Collection[str]) -> defaultdict[Week, Decimal]:
    sums: defaultdict[Week, Decimal] = defaultdict(Decimal)
    for each in findings:
        if each.status in statuses and rule.of(each.rule).is_part_of_residual:
            sums[each.account_id, each.currency, each.week_start] += each.effect or 0
    return sums


def _compared(
    name: str, expected: Mapping[Week, Decimal], found: Mapping[Week, Decimal]
) -> list[Violation]:
    none = Decimal()
    return [
        Violation(name, *week, expected.get(week, none), found.get(week, none))
        for week in sorted({*expected, *found})
        if expected.get(week, none) != found.get(week, none)
    ]


def _restored(
    ledger: Ledger,
    off: Mapping[Week, Decimal],
    found: Sequence[Finding],
    disposed: Sequence[Finding],
    corrections: Sequence[Correction],
) -> list[Violation]:
    """Whether the corrections put right what is off, but for what was accepted."""
    left: defaultdict[Week, Decimal] = defaultdict(Decimal)
    before = {f.finding_id: f.status for f in found}
    accepted = [f for f in disposed if f.status == "accepted" != before[f.finding_id]]
    for week, effect in _sums(accepted, {"accepted"}).items():
        left[week] += effect
    weekday = ledger.profile.week_offset_days
    proposed: dict[Week, Decimal] = defaultdict(Decimal)
    for each in corrections:
        back = (each.effective_date.weekday() - weekday) % 7
        first = date.fromordinal(each.effective_date.toordinal() - back)
        proposed[each.account_id, each.currency, first] += each.amount
    violations = []
    for week in sorted(_settled(ledger, proposed)):
        residual = off.get(week, Decimal())
        if residual + proposed[week] != left.get(week, Decimal()):
            expected = left.get(week, Decimal()) - residual
            name = "corrections_restore" if residual else "none_for_even_weeks"
            violations.append(Violation(name, *week, expected, proposed[week]))
    return violations


def _settled(ledger: Ledger, weeks: Collection[Week]) -> set[Week]:
    """Which of these weeks are settled ones under audit."""
    if not weeks:
        return set()
    accounts, currencies, starts = zip(*weeks, strict=True)
    given = {"accounts": accounts, "currencies": currencies, "weeks": starts}
    found = ledger.con.execute(sql.text("audit", "settled"), given).fetchall()
    return {(account, currency, week) for account, currency, week in found}


def told(violations: Sequence[Violation]) -> list[dict[str, object]]:
    """Each invariant with what it says and where it does not hold, for the manifest."""
    return [
        {
            "name": name,
            "holds_if": statement,
            "violations": [
                f"account {v.account_id}, {v.week_start}, {v.currency}: "
                f"expected {v.expected:f}, found {v.found:f}"
                for v in violations
                if v.invariant == name
            ],
        }
        for name, statement in STATEMENTS.items()
    ]


def withheld(
    ledger: Ledger,
    rule_runs: Sequence[RuleRun],
    limits: tuple[Sequence[Difference], Age | None],
    violations: Sequence[Violation],
) -> tuple[str, ...]:
    """Why the run is incomplete, so that nothing is proposed; empty if it is whole."""
    reasons = []
    if ledger.rejected:
        first = ledger.rejected[0]
        where = f"the first in {first.file}, line {first.line}: {first.reason}"
        reasons.append(f"{formats.count(len(ledger.rejected), 'row')} rejected, {where}")
    off_totals, old = limits
    reasons += [f"a control total of {each.file} is off: {each.total}" for each in off_totals]
    reasons += ["the export is older than it may be"] if old and old.is_older else []
    reasons += [f"rule {run.rule} did not run" for run in rule_runs if run.status == "errored"]
    reasons += [
        f"{STATEMENTS[name]}: not so in {formats.count(number, 'place')}"
        for name, number in Counter(each.invariant for each in violations).items()
    ]
    return tuple(reasons)
