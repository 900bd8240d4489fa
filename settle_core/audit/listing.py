"""Findings as a table for a terminal, and one finding as plain data."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from settle_core import formats
from settle_core.contract import Finding

_HEAD: Final = ("finding", "account", "day", "entry", "rule", "status", "cause", "effect", "")
_RIGHT: Final = {"effect"}
_LONGEST: Final = 24  # characters of an id


def table(
    findings: Sequence[Finding], width: int, paint: Callable[[str, str], str] = lambda _, text: text
) -> list[str]:
    """Lines of a table no wider than a terminal; what does not fit is cut at the rule and cause.

    Args:
        findings: in the order to be shown.
        width: columns of the terminal.
        paint: gives a status its colour: the word, and the word with the blanks behind it.
    """
    accounts = formats.apart([f.account_id for f in findings], _LONGEST)
    rows = [_HEAD, *(_cells(f, accounts[f.account_id]) for f in findings)]
    widths = [max(len(row[at]) for row in rows) for at in range(len(_HEAD))]
    over = sum(widths) + 2 * (len(widths) - 1) - width
    for name in ("cause", "rule", "entry", "account"):
        at = _HEAD.index(name)
        less = min(max(over, 0), max(widths[at] - 8, 0))
        widths[at] -= less
        over -= less
    lines = [_line(rows[0], widths, lambda _, text: text)]
    lines += [_line(row, widths, paint) for row in rows[1:]]
    said = formats.count(len(findings), "finding")
    return [*lines, "", said] if findings else ["no finding"]


def _cells(f: Finding, account: str) -> tuple[str, ...]:
    return (
        f.finding_id[:8],
        account,
        formats.day(f.effective_date) if f.effective_date else f"week {formats.day(f.week_start)}",
        formats.brief(f.entry_id, _LONGEST),
        formats.words(f.rule),
        f.status,
        f"{formats.words(f.cause)} ({f.evidence})" if f.cause != "unknown" else "",
        "" if f.effect is None else formats.signed(f.effect),
        formats.brief(f.currency, 12),
    )


def _line(row: Sequence[str], widths: Sequence[int], paint: Callable[[str, str], str]) -> str:
    cells = []
    for name, value, width in zip(_HEAD, row, widths, strict=True):
        text = value if len(value) <= width else value[: width - 1] + formats.DOTS
        cell = text.rjust(width) if name in _RIGHT else text.ljust(width)
        cells.append(paint(value, cell) if name == "status" else cell)
    return "  ".join(cells).rstrip()


def as_dict(finding: Finding) -> dict[str, object]:
    """A finding as plain data: amounts as text at their scale, instants in UTC."""
    return {name: _plain(value) for name, value in finding._asdict().items()}


def _plain(value: object) -> object:
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds") + "Z"
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value
