"""Charts of a whole audit: where it is off, since when, why, by which jobs, and how late.

Every chart is a function of plain records and gives a picture that a notebook shows. Amounts stay
exact up to their label; only the place on the sheet is a float.
"""

from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from math import ceil
from typing import NamedTuple

from settle_core import formats
from settle_core.report.charts.canvas import Box, Canvas, Picture, text_width, wrap
from settle_core.report.charts.heat_map import Cell, heat_map
from settle_core.report.charts.timeline import Moment, residual_over_time

__all__ = [
    "Cause",
    "Cell",
    "Job",
    "Moment",
    "by_job",
    "causes",
    "heat_map",
    "latency",
    "residual_over_time",
]

_WIDTH = 1060
_JOBS_MOST = 12
_ROW = 24  # px
_BARS_HEIGHT = 150  # px
_FILLS = {"proved": formats.RED, "consistent": "#d98880"}  # how sure, told by the label too
_BOUNDS_SECONDS = (
    *(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20),
    *(60, 120, 300, 600, 1800, 3600, 7200, 21600, 86400, 604800),
)


class Cause(NamedTuple):
    """How many findings have a cause and evidence, and their effect."""

    cause: str
    evidence: str
    findings: int
    effect: Decimal


class Job(NamedTuple):
    """How many findings a job is behind, and their effect; without id: not recorded."""

    job_id: str | None
    findings: int
    effect: Decimal


class _Bar(NamedTuple):
    label: str
    length: Decimal
    text: str
    color: str


def causes(
    rows: Sequence[tuple[str, str, int, Decimal]], currency: str, width: int = _WIDTH
) -> Picture:
    """Show what the findings were caused by, with their effect.

    Args:
        rows: (cause, evidence, findings, effect), as ``Cause``.
        currency: of all effects.
        width: of the sheet, in px.
    """
    found = sorted((Cause(*row) for row in rows), key=lambda row: (-row.findings, row))
    total = sum(row.findings for row in found)
    bars = [
        _Bar(
            f"{formats.words(row.cause)}, {row.evidence}",
            Decimal(row.findings),
            f"{formats.count(row.findings, 'finding')}, {formats.amount(row.effect)}"
            f"{_unit(currency)}",
            _FILLS.get(row.evidence, formats.MUTED),
        )
        for row in found
    ]
    return _bars(f"{formats.count(total, 'finding')} by cause and evidence", bars, width)


def by_job(
    rows: Sequence[tuple[str | None, int, Decimal]], currency: str, width: int = _WIDTH
) -> Picture:
    """Show which jobs posted what is wrong, those with the largest effect first.

    Args:
        rows: (job id or None, findings, effect), as ``Job``.
        currency: of all effects.
        width: of the sheet, in px.
    """
    found = sorted(
        (Job(*row) for row in rows), key=lambda row: (-abs(row.effect), row.job_id or "")
    )
    names = formats.abbreviate(row.job_id for row in found if row.job_id)
    bars = [
        _Bar(
            names[row.job_id] if row.job_id else "no job recorded",
            abs(row.effect),
            f"{formats.amount(row.effect)}{_unit(currency)}, "
            f"{formats.count(row.findings, 'finding')}",
            formats.RED,
        )
        for row in found[:_JOBS_MOST]
    ]
    title = f"{formats.count(len(found), 'job')} behind the findings"
    if len(found) > _JOBS_MOST:
        title += f", the {_JOBS_MOST} with the largest effect"
    return _bars(title, bars, width)


def _unit(currency: str) -> str:
    return f" {formats.brief(currency, 12)}" if currency else ""


def _bars(title: str, bars: Sequence[_Bar], width: int) -> Picture:
    """Draw bars with their labels: nothing to be looked up elsewhere."""
    lines = wrap(title, width - 8, 13, bold=True)
    top = 14 + 18 * len(lines)
    sheet = Canvas(width, round(top + _ROW * len(bars) + 6), title)
    for number, line in enumerate(lines):
        sheet.text((4, 14 + 18 * number), line, size=13, bold=True)
    left = 16 + max((text_width(bar.label) for bar in bars), default=0)
    room = width - left - 16 - max((text_width(bar.text) for bar in bars), default=0)
    longest = max((bar.length for bar in bars), default=Decimal(0)) or Decimal(1)
    for number, bar in enumerate(bars):
        y = top + _ROW * number
        end = left + max(float(bar.length / longest) * room, 1.0)
        sheet.text((left - 10, y + 15), bar.label, align="right")
        sheet.rects([Box(left, y + 3, end, y + _ROW - 4)], bar.color)
        sheet.text((end + 8, y + 15), bar.text, color=formats.MUTED)
    return sheet.picture


def latency(seconds: Sequence[float], width: int = _WIDTH) -> Picture:
    """Show how long after a late entry its counter-entry came.

    Args:
        seconds: one for each late entry that was answered; below zero where the clocks say so.
        width: of the sheet, in px.
    """
    ranked = sorted(seconds)
    if not ranked:
        return _bars("No late entry was answered", [], width)
    half, most = (ranked[ceil(share * len(ranked)) - 1] for share in (0.5, 0.99))
    title = (
        f"Half of {formats.count(len(ranked), 'late entry', 'late entries')} answered "
        f"within {formats.span(half)}, 99{formats.GAP}% within {formats.span(most)}"
    )
    counts = Counter(
        sum(1 for bound in _BOUNDS_SECONDS if second > bound) if second > 0 else -1
        for second in ranked
    )
    places = range(min(counts), max(counts) + 1)
    lines = wrap(title, width - 8, 13, bold=True)
    bottom = 36 + 18 * len(lines) + _BARS_HEIGHT
    sheet = Canvas(width, bottom + 44, title)
    for number, line in enumerate(lines):
        sheet.text((4, 14 + 18 * number), line, size=13, bold=True)
    pitch = min((width - 8) / len(places), 90.0)
    for column, place in enumerate(places):
        x = 4 + pitch * column
        height = counts[place] / max(counts.values()) * _BARS_HEIGHT
        sheet.rects([Box(x + 2, bottom - height, x + pitch - 2, bottom)], formats.BLUE)
        middle = x + pitch / 2
        if counts[place]:
            number_text = formats.count(counts[place])
            sheet.text((middle, bottom - height - 6), number_text, size=11, align="center")
        name = _bin_name(place)
        sheet.text((middle, bottom + 16), name, size=10, color=formats.MUTED, align="center")
    sheet.line([(4, bottom), (4 + pitch * len(places), bottom)], formats.INK)
    note = "time from the late entry to the counter-entry that answers it, up to"
    sheet.text((4, bottom + 36), note, size=formats.SMALL_PX, color=formats.MUTED)
    return sheet.picture


def _bin_name(place: int) -> str:
    if place < 0:
        return "0"
    if place == len(_BOUNDS_SECONDS):
        return "longer"
    return formats.span(_BOUNDS_SECONDS[place]).replace(".0", "")
