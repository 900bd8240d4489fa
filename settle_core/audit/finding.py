"""Findings: breaks with an identity, a severity and a fixed order; the verdict; and their files."""

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, TypeVar

from settle_core import contract, formats, sql
from settle_core.contract import Finding
from settle_core.exports import frames
from settle_core.rules import rule

if TYPE_CHECKING:
    from settle_core.exports.ledger import Ledger

T = TypeVar("T")
# So many findings are held as text at once.
WRITTEN_TOGETHER: Final = 50_000
# What stands before an id in a sentence; an amount stands behind "Counter-entry".
NAMED: Final = re.compile(r"(?:(?<![Cc]ounter-)\bentry|\bcounter-entry|\baccount|\bjob) $")


class OpenCent(NamedTuple):
    """A day or week whose findings do not add up to its residual."""

    account_id: str
    currency: str
    effective_date: date
    residual: Decimal
    explained: Decimal


def identity(name: str, account_id: str, currency: str, week_start: date, entry_id: str) -> str:
    """The finding's id: the same in every run that finds the same."""
    parts = (name, account_id, currency, week_start.isoformat(), entry_id)
    # Lengths keep parts with separators in them apart.
    text = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def assemble(breaks: Iterable[Finding]) -> tuple[Finding, ...]:
    """Give what rules found its identity and the severity of its status, and the fixed order."""
    findings = [
        b._replace(
            finding_id=identity(b.rule, b.account_id, b.currency, b.week_start, b.entry_id),
            severity=_severity(b.severity, b.status),
        )
        for b in breaks
    ]
    return tuple(sorted(findings, key=_order))


def restated(finding: Finding, status: str, note: str) -> Finding:
    """The finding with another status, and why in its explanation."""
    severity = finding.severity if status == finding.status else _severity(finding.severity, status)
    explanation = f"{finding.explanation} {note}"
    return finding._replace(status=status, severity=severity, explanation=explanation)


def verdict(findings: Sequence[Finding], *, is_complete: bool) -> str:
    """The worst that applies, of `contract.VERDICTS`; what is accepted or only told counts not."""
    if not is_complete:
        return "incomplete"
    statuses = {f.status for f in findings if f.severity != "info"}
    for status, name in (("open", "broken"), ("masked", "masked"), ("pending", "pending")):
        if status in statuses:
            return name
    return "reconciled"


def weeks_masked(findings: Sequence[Finding]) -> int:
    """How many account weeks are at their settled amount but hold masked breaks."""
    off = {
        (f.account_id, f.currency, f.week_start)
        for f in findings
        if rule.of(f.rule).effect == "residual"
    }
    masked = {
        (f.account_id, f.currency, f.week_start)
        for f in findings
        if f.status == "masked" and f.severity != "info"
    }
    return len(masked - off)


def at_scale(
    findings: Sequence[Finding], scale: int, decimals: Callable[[str], int]
) -> tuple[Finding, ...]:
    """Findings with the decimals of their currency, in their sentences too.

    Args:
        findings: with the decimals that money has in all of the run.
        scale: how many these are.
        decimals: how many a currency has.
    """
    return tuple(_scaled(f, scale, decimals(f.currency)) for f in findings)


def _scaled(f: Finding, scale: int, decimals: int) -> Finding:
    if decimals >= scale:
        return f
    amounts = (f.amount, f.expected_amount, f.effect)
    amount, expected, effect = (a if a is None else formats.scaled(a, decimals) for a in amounts)
    told = re.compile(rf"(?<![\w.,/-])-?(?:\d+\.\d{{{scale}}}|0\.00)(?![\w/]|[.,-]\w)")
    sentence = told.sub(partial(_shown, decimals), f.explanation)
    return f._replace(amount=amount, expected_amount=expected, effect=effect, explanation=sentence)


def _shown(decimals: int, found: re.Match[str]) -> str:
    """An amount in a sentence; what stands behind the name of a thing is an id, and stays."""
    if NAMED.search(found.string[: found.start()]):
        return found[0]
    return f"{formats.scaled(Decimal(found[0]), decimals):f}"


def open_cents(ledger: "Ledger", findings: Sequence[Finding]) -> tuple[OpenCent, ...]:
    """Days (weeks, where those are balanced) whose entry-level effects miss their residual."""
    scale = ledger.scale
    effects = frames.frame(
        [
            (f.account_id, f.currency, f.week_start, f.effective_date, int(f.effect.scaleb(scale)))
            for f in findings
            if f.effective_date and f.effect is not None and rule.of(f.rule).is_of_rows
        ],
        columns=["account_id", "currency", "week_start", "effective_date", "effect_minor"],
    )
    ledger.con.register("entry_effect", effects)
    query = sql.text("audit", "open_cent")
    rows = ledger.con.execute(query, {"minor_per_major": 10**scale}).fetchall()
    ledger.con.unregister("entry_effect")
    return tuple(OpenCent._make((*row, Decimal(minor).scaleb(-scale))) for *row, minor in rows)


def write_csv(path: Path, findings: Sequence[Finding]) -> None:
    """Write findings as CSV (UTF-8, LF), text that a spreadsheet would run made harmless."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(formats.csv_line(contract.FINDING_COLUMNS))
        for first in range(0, len(findings), WRITTEN_TOGETHER):
            columns = _columns(findings[first : first + WRITTEN_TOGETHER])
            cells = [_each_once(column, _cell) for column in columns]
            file.writelines(f"{','.join(row)}\n" for row in zip(*cells, strict=True))


def _cell(text: str) -> str:
    return formats.csv_field(formats.harmless(text))


def store(ledger: "Ledger", findings: Sequence[Finding]) -> None:
    """Make the table `finding`: ids and lists as text, amounts DECIMAL, instants UTC."""
    texts = dict(zip(contract.FINDING_COLUMNS, _columns(findings), strict=False))
    frame = frames.frame(texts, columns=list(contract.FINDING_COLUMNS), dtype="str")
    ledger.con.register("finding_text", frame)
    query = sql.text("audit", "finding")
    ledger.con.execute("DROP TABLE IF EXISTS finding")
    ledger.con.sql(query).create("finding")
    ledger.con.unregister("finding_text")


def write_parquet(ledger: "Ledger", path: Path) -> None:
    """Write the table `finding` as Parquet, in the order of findings.csv."""
    ledger.write_parquet(ledger.con.table("finding"), path)


def _columns(findings: Sequence[Finding]) -> list[list[str]]:
    """The findings as text, column by column."""
    return [_each_once(column, _text) for column in zip(*findings, strict=True)]


def _each_once(values: Sequence[T], told: Callable[[T], str]) -> list[str]:
    """What is told of values, asked once of each; but equal decimals may be written in two ways."""
    if Decimal in set(map(type, values)):
        return [told(value) for value in values]
    known = {value: told(value) for value in set(values)}
    return [known[value] for value in values]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"  # str() would write 0.00000001 as 1E-8
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds") + "Z"
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value)


def _severity(of_rule: str, status: str) -> str:
    """A masked break has lost its effect, a pending one may yet be answered."""
    if of_rule == "info":
        return of_rule
    return {"masked": "medium", "pending": "low", "accepted": "info"}.get(status, of_rule)


def _order(finding: Finding) -> tuple[object, ...]:
    return (
        _natural(finding.account_id),
        finding.currency,
        finding.week_start,
        finding.effective_date or date.min,
        finding.recorded_at or datetime.min,  # noqa: DTZ901  all are UTC without a zone
        _natural(finding.entry_id),
        finding.rule,
    )


def _natural(text: str) -> tuple[int, int, str]:
    """Whole numbers in their own order, before other text."""
    try:
        return (0, int(text), text)
    except ValueError:
        return (1, 0, text)
