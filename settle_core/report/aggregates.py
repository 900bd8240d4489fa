"""What an audit's findings add up to: by currency, by cause, by account and day."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Final, NamedTuple

from settle_core import contract, formats
from settle_core.audit.audit import Audit
from settle_core.audit.finding import largest
from settle_core.contract import Finding
from settle_core.report.charts.heat_map import Cell
from settle_core.report.charts.timeline import Moment
from settle_core.rules import rule
from settle_core.rules.rule import Rule

# What a ranking is over several currencies.
IN_TURN: Final = "Amounts of several currencies do not compare: the largest of each, in turn."


class Day(NamedTuple):
    """The breaks of one account's day: wrong counter-entries and late entries not answered."""

    account_id: str
    currency: str
    week_start: date
    effective_date: date
    findings: tuple[Finding, ...]

    @property
    def effect(self) -> Decimal:
        """What they put the day off by, all together."""
        return sum((effect(finding) for finding in self.findings), Decimal(0))

    @property
    def is_open(self) -> bool:
        """Whether something of it still shows in the day's sum."""
        return any(finding.status == "open" for finding in self.findings)


def effect(finding: Finding) -> Decimal:
    """Give the effect of a finding; zero where it has none."""
    return Decimal(0) if finding.effect is None else finding.effect


def entry_level(findings: Iterable[Finding]) -> list[Finding]:
    """Give the findings whose effects add up to the residual: those of entries, not of weeks."""
    return [each for each in _of(findings, lambda found: found.is_of_rows) if each.effective_date]


def breaks(findings: Iterable[Finding]) -> list[Finding]:
    """Give what broke a day: without what only took a break back, or is only told."""
    return _of(entry_level(findings), lambda found: found.is_broken)


def wrong_counters(findings: Iterable[Finding]) -> list[Finding]:
    """Give the counter-entries that should not be as they are."""
    return _of(breaks(findings), lambda found: found.breaks == "counter")


def not_answered(findings: Iterable[Finding]) -> list[Finding]:
    """Give the late entries that no counter-entry answers, or none yet."""
    return _of(breaks(findings), lambda found: found.breaks == "entry")


def _of(findings: Iterable[Finding], wanted: Callable[[Rule], bool]) -> list[Finding]:
    """Give the findings of some rules; each rule is asked once."""
    findings = list(findings)
    names = _named(findings, wanted)
    return [each for each in findings if each.rule in names]


def _named(findings: Iterable[Finding], wanted: Callable[[Rule], bool]) -> set[str]:
    return {name for name in {each.rule for each in findings} if wanted(rule.of(name))}


def net(audit: Audit, currency: str) -> Decimal:
    """Add up what is still off, without what is pending, accepted or masked."""
    still = (f for f in _counted(audit, currency) if f.status == "open")
    return sum(map(effect, still), zero(audit, currency))


def gross(audit: Audit, currency: str) -> Decimal:
    """Add up the size of all breaks, masked ones included."""
    return sum((abs(effect(f)) for f in breaks(_counted(audit, currency))), zero(audit, currency))


def currencies(audit: Audit) -> list[str]:
    """Give the currencies, those with most findings first: where few are shown, it is these."""
    found = Counter(each.currency for each in audit.findings)
    return sorted(audit.currencies, key=lambda currency: -found[currency])


def zero(audit: Audit, currency: str) -> Decimal:
    """Give zero with as many decimals as amounts of a currency are shown with."""
    return Decimal(0).scaleb(-audit.ledger.decimals(currency))


def _counted(audit: Audit, currency: str) -> list[Finding]:
    return [
        finding
        for finding in entry_level(audit.findings)
        if finding.currency == currency and finding.status not in {"pending", "accepted"}
    ]


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal(0))


def week_anchor(finding: Finding) -> str:
    """Name the place of the first finding of an account's week in the table of findings."""
    return formats.anchor("week", finding.account_id, finding.currency, finding.week_start)


def cells(audit: Audit, currency: str, listed: Iterable[Finding] = ()) -> list[Cell]:
    """Give the weeks that are off or masked, for the heat map.

    Args:
        audit: the audit.
        currency: of the weeks.
        listed: the findings that the report lists; a week of one of these leads to it.
    """
    links = {(f.account_id, f.week_start, f.currency): f"#{week_anchor(f)}" for f in listed}
    residuals: dict[tuple[str, date], Decimal] = {}
    masked: set[tuple[str, date]] = set()
    sums = _named(audit.findings, lambda found: found.effect == "residual")
    for finding in audit.findings:
        key = finding.account_id, finding.week_start
        if finding.currency == currency and finding.rule in sums:
            residuals[key] = effect(finding)
        elif finding.currency == currency and finding.status == "masked":
            masked.add(key)
    keys = sorted(residuals.keys() | masked)
    return [
        Cell(*key, residuals.get(key, Decimal(0)), key in masked, links.get((*key, currency), ""))
        for key in keys
    ]


def causes(audit: Audit, currency: str) -> list[tuple[str, str, int, Decimal]]:
    """Count the breaks of each cause and evidence, with their effect; the most frequent first."""
    groups: defaultdict[tuple[str, str], list[Decimal]] = defaultdict(list)
    for finding in breaks(audit.findings):
        if finding.currency == currency:
            groups[finding.cause, finding.evidence].append(effect(finding))
    rows = [(*key, len(effects), _sum(effects)) for key, effects in groups.items()]
    return sorted(rows, key=lambda row: (-row[2], row[0], row[1]))


def over_time(audit: Audit, currency: str) -> list[Moment]:
    """Follow net and gross in the order in which the rows were recorded."""
    recorded = [(f.recorded_at, f) for f in _counted(audit, currency) if f.recorded_at is not None]
    broken = set(map(id, breaks(found for _, found in recorded)))
    moments: list[Moment] = []
    total = size = zero(audit, currency)
    for at, finding in sorted(recorded, key=lambda item: (item[0], item[1].entry_id)):
        total += effect(finding)
        size += abs(effect(finding)) if id(finding) in broken else 0
        moments.append(Moment(at, total, size))
    return moments


def week_end(week_start: date) -> date:
    """Give the last day of a settled week."""
    return week_start + timedelta(days=6)


def worst(audit: Audit, most: int = 8) -> list[Day]:
    """Choose the days with the largest effects in their currency: open ones first, then masked."""
    groups: defaultdict[tuple[str, str, date, date], list[Finding]] = defaultdict(list)
    for finding in breaks(audit.findings):
        if finding.effective_date:
            key = finding.account_id, finding.currency, finding.week_start, finding.effective_date
            groups[key].append(finding)
    days = [Day(*key, tuple(groups[key])) for key in sorted(groups)]
    shown = largest((day for day in days if day.is_open), most)
    masked = largest((day for day in days if not day.is_open), most)
    # One masked day is always among them: it is what a look at the sums would never show.
    return [*shown[: most - bool(masked)], *masked][:most]


def biggest(findings: Iterable[Finding], most: int) -> list[Finding]:
    """Choose the most severe: entries before weeks, the largest effects of each currency first."""
    rank = {severity: number for number, severity in enumerate(contract.SEVERITIES)}
    alike: defaultdict[tuple[int, bool], list[Finding]] = defaultdict(list)
    for each in findings:
        alike[rank.get(each.severity, 9), not each.entry_id].append(each)
    chosen: list[Finding] = []
    for _, found in sorted(alike.items()):
        left = most - len(chosen)
        chosen += largest(found, left) if left else []
    return chosen


def problems(audit: Audit) -> list[str]:
    """Say what keeps the audit from being complete."""
    said = []
    refused = sum(each.rows_rejected for each in audit.inputs)
    if refused:
        read = sum(each.rows_read for each in audit.inputs)
        said.append(f"{formats.count(refused)} of {formats.count(read, 'row')} could not be read")
    lost = sum(each.rows_lost for each in audit.inputs)
    if lost:
        said.append(f"{formats.count(abs(lost), 'row is', 'rows are')} unaccounted for")
    if audit.off_totals:
        off = audit.off_totals[0]
        said.append(
            f"a control total of {off.file} is off ({off.total}: the database had {off.expected}, "
            f"the file has {off.found})"
        )
    errored = [run.rule for run in audit.rule_runs if run.status == "errored"]
    if errored:
        said.append(f"{formats.count(len(errored), 'rule')} did not run ({', '.join(errored)})")
    if audit.open_cents:
        count = formats.count(len(audit.open_cents), "day has", "days have")
        said.append(f"{count} findings that do not add up to the residual")
    return said
