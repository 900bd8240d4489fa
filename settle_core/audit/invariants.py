"""What must hold of every run, whatever the export: checked each time, and named where it does not.

A violation makes the run incomplete: its findings, or what it proposes, cannot be relied on.
"""

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal
from typing import Final, NamedTuple

from settle_core import formats, sql
from settle_core.audit.age import Age
from settle_core.audit.correction import Week
from settle_core.audit.finding import OpenCent
from settle_core.exports.files.control_totals import Difference
from settle_core.exports.reading.ledger import Ledger
from settle_core.rules.rule import RuleRun

STATEMENTS: Final = {
    "every_cent_is_explained": "each day's effects add up to what its late rows leave it off by",
    "open_is_off": "each week's open and pending effects add up to its residual",
    "masked_is_even": "each week's masked effects add up to nothing",
    "corrections_restore": "each week with proposed corrections is at its settled amount with them",
    "none_for_even_weeks": "no correction is proposed for a week that holds its settled amount",
}


class Violation(NamedTuple):
    """Where an invariant does not hold; amounts in major units."""

    invariant: str
    account_id: str
    currency: str
    week_start: date
    expected: Decimal
    found: Decimal


def check(ledger: Ledger, cents: Sequence[OpenCent]) -> tuple[Violation, ...]:
    """Check all of them, over the findings and what is proposed for them.

    Args:
        ledger: with the tables of the pipeline, `finding` and `ruled.proposed`.
        cents: days that the findings leave unexplained.
    """
    given = {"week_offset_days": ledger.profile.week_offset_days}
    rows = [
        _Off(*row)
        for row in ledger.con.execute(sql.text("audit", "invariant_week"), given).fetchall()
    ]
    explained = [Violation("every_cent_is_explained", *cent) for cent in cents]
    is_off, masked = [], []
    for each in rows:
        if each.residual != each.waiting:
            is_off.append(Violation("open_is_off", *each.week, each.residual, each.waiting))
        if each.masked:
            masked.append(Violation("masked_is_even", *each.week, Decimal(), each.masked))
    return (
        *explained,
        *is_off,
        *masked,
        *_restored(ledger, [r for r in rows if r.is_not_restored]),
    )


class _Off(NamedTuple):
    account_id: str
    currency: str
    week_start: date
    residual: Decimal
    waiting: Decimal
    masked: Decimal
    accepted: Decimal
    proposed: Decimal
    is_not_restored: bool

    @property
    def week(self) -> Week:
        return self.account_id, self.currency, self.week_start


def _restored(ledger: Ledger, rows: Sequence[_Off]) -> list[Violation]:
    """Whether the corrections put right what is off, but for what was accepted."""
    settled = _settled(ledger, [each.week for each in rows])
    return [
        Violation(
            "corrections_restore" if each.residual else "none_for_even_weeks",
            *each.week,
            each.accepted - each.residual,
            each.proposed,
        )
        for each in rows
        if each.week in settled
    ]


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
