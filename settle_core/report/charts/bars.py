"""The jobs behind what is wrong, as bars: plain records in, a picture that a notebook shows out.

Amounts stay exact up to their label; only the place on the sheet is a float.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import NamedTuple

from settle_core import formats
from settle_core.report.charts.canvas import Box, Canvas, Picture, heading, text_width

_WIDTH = 1060
_JOBS_MOST = 12
_ROW = 24  # px


class Job(NamedTuple):
    """How many findings a job is behind, and their effect; without id: not recorded."""

    job_id: str | None
    findings: int
    effect: Decimal


class _Bar(NamedTuple):
    label: str
    length: Decimal
    text: str


def by_job(rows: Sequence[tuple[str | None, int, Decimal]], currency: str) -> Picture:
    """Show which jobs posted what is wrong, those with the largest effect first.

    Args:
        rows: (job id or None, findings, effect), as ``Job``.
        currency: of all effects.
    """
    found = sorted(
        (Job(*row) for row in rows), key=lambda row: (-abs(row.effect), row.job_id or "")
    )
    names = formats.abbreviate(row.job_id for row in found if row.job_id)
    unit = f" {formats.brief(currency, 12)}" if currency else ""
    bars = [
        _Bar(
            names[row.job_id] if row.job_id else "no job recorded",
            abs(row.effect),
            f"{formats.amount(row.effect)}{unit}, {formats.count(row.findings, 'finding')}",
        )
        for row in found[:_JOBS_MOST]
    ]
    title = f"{formats.count(len(found), 'job')} behind the findings"
    if len(found) > _JOBS_MOST:
        title += f", the {_JOBS_MOST} with the largest effect"
    return _bars(title, bars)


def _bars(title: str, bars: Sequence[_Bar]) -> Picture:
    """Draw bars with their labels: nothing to be looked up elsewhere."""
    lines = heading(title, _WIDTH)
    top = 14 + 18 * len(lines)
    sheet = Canvas(_WIDTH, round(top + _ROW * len(bars) + 6), title)
    sheet.head(lines)
    left = 16 + max((text_width(bar.label) for bar in bars), default=0)
    room = _WIDTH - left - 16 - max((text_width(bar.text) for bar in bars), default=0)
    longest = max((bar.length for bar in bars), default=Decimal(0)) or Decimal(1)
    for number, bar in enumerate(bars):
        y = top + _ROW * number
        end = left + max(float(bar.length / longest) * room, 1.0)
        sheet.text((left - 10, y + 15), bar.label, align="right")
        sheet.rects([Box(left, y + 3, end, y + _ROW - 4)], formats.RED)
        sheet.text((end + 8, y + 15), bar.text, color=formats.MUTED)
    return sheet.picture
