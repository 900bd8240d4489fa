"""What findings come to: the verdict, what is proposed, and whether what must hold of a run does.

All weeks are judged and checked, whichever are asked for; what is told of those is taken from that,
so that a run over a few weeks says of them what the run over the whole export says.
"""

from collections.abc import Sequence
from typing import NamedTuple

from settle_core import sql
from settle_core.audit import correction, finding, invariants
from settle_core.audit.age import Age
from settle_core.audit.correction import Correction
from settle_core.audit.finding import Findings, OpenCent
from settle_core.audit.invariants import Violation
from settle_core.contract import Several
from settle_core.exports.files.control_totals import Difference
from settle_core.exports.reading.ledger import Ledger
from settle_core.reconcile.walk import steps, suspects, told_weeks
from settle_core.reconcile.walk.steps import Scope
from settle_core.rules import rule
from settle_core.rules.rule import RuleRun


class Checked(NamedTuple):
    """The verdict and what is proposed; where an invariant does not hold, and why nothing is."""

    verdict: str
    weeks_masked: int
    corrections: tuple[Correction, ...]
    open_cents: tuple[OpenCent, ...]
    violations: tuple[Violation, ...]
    withheld: tuple[str, ...]
    off_totals: tuple[Difference, ...]
    age: Age | None


def check(
    ledger: Ledger,
    rule_runs: Sequence[RuleRun],
    limits: tuple[tuple[Difference, ...], Age | None],
) -> Checked:
    """Propose corrections, and check what must hold of every run; without that, propose none."""
    with suspects.only(ledger):
        ledger.con.sql(sql.text("audit", "week_off")).create("main.week_off")
        open_cents = finding.open_cents(ledger)
        corrections = correction.propose(ledger)
        violations = invariants.check(ledger, open_cents)
    withheld = invariants.withheld(ledger, rule_runs, limits, violations)
    outcome = finding.outcome(ledger)
    verdict = "incomplete" if withheld else outcome.verdict
    proposed = Several(() if withheld else corrections)
    told = (verdict, outcome.weeks_masked, proposed, open_cents, violations, withheld)
    return Checked(*told, *limits)


Told = tuple[Findings, list[RuleRun], Checked]


def told(ledger: Ledger, limits: Scope, of_all: Told, weeks: str) -> Told:
    """What is told of some weeks, of what was found, run and checked of all.

    Args:
        ledger: whose weeks are judged.
        limits: of the audit.
        of_all: the same of all weeks.
        weeks: as asked for; empty: all.
    """
    if not weeks:
        return of_all
    findings, rule_runs, checked = of_all
    first, last, _ = steps.asked(weeks, "")
    corrections = () if checked.withheld else correction.propose(ledger, first, last)
    kept = finding.within(findings, first, last)
    found, outcome = finding.counts(ledger), finding.outcome(ledger)
    told_weeks.narrow(ledger, limits.parameters)
    rows = ledger.con.table("population").select("settled_weeks", "late_entries", "counters")
    ((settled, late_entries, counters),) = rows.fetchall()
    of = {
        "settled_week": settled,
        "told_week": settled,
        "late_entry": late_entries,
        "late_counter": counters,
    }
    return (
        kept,
        [rule.recounted(run, of, found.get(run.rule, 0)) for run in rule_runs],
        checked._replace(
            verdict="incomplete" if checked.withheld else outcome.verdict,
            weeks_masked=outcome.weeks_masked,
            corrections=Several(corrections),
        ),
    )
