"""How well an audit does on an export whose truth is known."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from recorded import Export, write

from settle_core.audit import audit
from settle_core.contract import Finding

WRONG = {"duplicate_counter", "wrong_counter", "orphan_counter"}
Key = tuple[str, str, date, Decimal]
Day = tuple[str, str, date]


class Score(NamedTuple):
    """What was found of what is there. Equal counters of a day are interchangeable.

    Attributes:
        name: of the export.
        days, days_found, days_false: broken (account, currency, day) in truth, of these found,
            and found but not in truth.
        rows, rows_found, rows_false: likewise the wrong counters by (account, day, amount).
        undetermined: wrong counters found whose evidence is `undetermined`.
        miscaused: those with other evidence, whose cause is not the true one.
        open_cents: days whose findings do not add up to their residual.
        days_off: days whose open effects are not those of the truth.
        other: findings of any other kind, by rule.
        rejected: rows not accepted.
        verdict: of the run.
    """

    name: str
    days: int
    days_found: int
    days_false: int
    rows: int
    rows_found: int
    rows_false: int
    undetermined: int
    miscaused: int
    open_cents: int
    days_off: int
    other: Counter[str]
    rejected: int
    verdict: str

    @property
    def recall(self) -> float:
        """Share of the wrong counters that were found."""
        return self.rows_found / self.rows if self.rows else 1.0

    @property
    def precision(self) -> float:
        """Share of the findings that are true."""
        found = self.rows_found + self.rows_false
        return self.rows_found / found if found else 1.0

    @staticmethod
    def header() -> str:
        """Head of the table of `line`."""
        names = "| degradation | export | broken days | found | false | wrong rows | found | false "
        names += "| recall | precision | undetermined | miscaused | verdict |"
        return names + "\n" + "|---|---" * 1 + "|---:" * 10 + "|---|"

    def line(self, degradation: str) -> str:
        """One row of a Markdown table."""
        return (
            f"| {degradation} | {self.name} | {self.days} | {self.days_found} | {self.days_false} "
            f"| {self.rows} | {self.rows_found} | {self.rows_false} | {self.recall:.1%} "
            f"| {self.precision:.1%} | {self.undetermined} | {self.miscaused} | {self.verdict} |"
        )


def score(export: Export, folder: Path) -> Score:
    """Write an export, audit it with its profile, and compare with the truth."""
    profile = write(export, folder)
    result = audit.run(folder / "export", str(profile))
    found = [f for f in result.findings if f.rule in WRONG]
    rows, true = (
        Counter(map(_key, found)),
        Counter((w.account_id, w.currency, w.effective_date, w.amount) for w in export.wrong),
    )
    days, true_days = {k[:3] for k in rows}, {k[:3] for k in true}
    causes = {(w.account_id, w.currency, w.effective_date): w.cause for w in export.wrong}
    claimed = [f for f in found if f.evidence != "undetermined"]
    others = (f.rule for f in result.findings if f.rule not in WRONG)
    return Score(
        name=export.name,
        days=len(true_days),
        days_found=len(days & true_days),
        days_false=len(days - true_days),
        rows=true.total(),
        rows_found=(rows & true).total(),
        rows_false=(rows - true).total(),
        undetermined=len(found) - len(claimed),
        miscaused=sum(causes.get(_key(f)[:3], f.cause) != f.cause for f in claimed),
        open_cents=len(result.open_cents),
        days_off=_days_off(result.findings, export),
        other=Counter(others),
        rejected=len(result.rejected),
        verdict=result.verdict,
    )


def _key(finding: Finding) -> Key:
    assert finding.effective_date is not None
    assert finding.amount is not None
    return finding.account_id, finding.currency, finding.effective_date, finding.amount


def _days_off(findings: Sequence[Finding], export: Export) -> int:
    """Days on which the effects found do not sum to what stands in the ledger."""
    off: dict[Day, Decimal] = defaultdict(Decimal)
    settled = {(s.account_id, s.currency, s.week_start): s.settled_at for s in export.settlements}
    weekday = export.settlements[0].week_start.weekday()
    for f in findings:
        if f.effective_date and f.effect is not None:
            off[f.account_id, f.currency, f.effective_date] += f.effect
    for e in export.entries:
        start = date.fromordinal(
            e.effective_date.toordinal() - (e.effective_date.weekday() - weekday) % 7
        )
        at = settled.get((e.account_id, e.currency, start))
        if at is not None and e.recorded_at > at:
            off[e.account_id, e.currency, e.effective_date] -= e.amount
    return sum(bool(total) for total in off.values())
