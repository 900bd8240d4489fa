"""Open breaks from run to run as columns: new and persisting above the line, resolved below."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from settle_core import formats
from settle_core.report.charts.canvas import Box, Canvas, Picture, heading, text_width

_WIDTH = 1060
_HEIGHT = 210  # of all columns together, px
_WIDEST = 90  # px from one column to the next
_RUNS_MOST = 40  # the latest ones
_NAMES = (("new", formats.RED), ("persisting", formats.INK), ("resolved", formats.GREEN))


class Run(NamedTuple):
    """A run, and how many breaks are new, persisting and resolved in it."""

    as_of: datetime
    verdict: str
    new: int
    persisting: int
    resolved: int


def columns(changes: Sequence[Run], title: str) -> Picture:
    """Draw a column for each run.

    Args:
        changes: at least one, in order.
        title: what is seen.
    """
    shown = changes[-_RUNS_MOST:]
    lines = heading(title, _WIDTH)
    top = 52.0 + 18 * len(lines)
    above = max(c.new + c.persisting for c in shown) or 1
    below = max(c.resolved for c in shown)
    unit = _HEIGHT / (above + below)
    zero = top + above * unit
    foot = zero + below * unit + (16 if below else 0)
    sheet = Canvas(_WIDTH, round(foot + 62), title)
    sheet.head(lines)
    _legend(sheet, 22.0 + 18 * len(lines))
    pitch = min((_WIDTH - 8) / len(shown), _WIDEST)
    every = int(64 // pitch) + 1  # so that names below the columns do not touch
    for place, change in enumerate(shown):
        x = 4 + pitch * place
        _column(sheet, Box(x + pitch * 0.15, zero, x + pitch * 0.85, zero), unit, change)
        if place % every == 0:
            _name(sheet, x + pitch / 2, foot, change)
    sheet.line([(4, zero), (4 + pitch * len(shown), zero)], formats.MUTED)
    note = "as of, UTC" + (f", the latest {len(shown)} runs" if len(shown) < len(changes) else "")
    sheet.text((4, foot + 56), note, size=formats.SMALL_PX, color=formats.MUTED)
    return sheet.picture


def _legend(sheet: Canvas, y: float) -> None:
    x = 4.0
    for name, color in _NAMES:
        sheet.rects([Box(x, y - 9, x + 12, y + 2)], color)
        sheet.text((x + 18, y), name, color=color)
        x += 44 + text_width(name)


def _column(sheet: Canvas, base_line: Box, unit: float, change: Run) -> None:
    left, zero, right, _ = base_line
    middle = (left + right) / 2
    base = zero
    when = formats.instant(change.as_of)
    parts = (
        (change.persisting, "persisting", formats.INK),
        (change.new, "new", formats.RED),
    )
    for found, word, color in parts:
        if not found:
            continue
        height = found * unit
        number = formats.count(found)
        with sheet.told(f"{when}: {number} {word}"):
            sheet.rects([Box(left, base - height, right, base)], color)
            base -= height
            if height > 14:  # noqa: PLR2004  px, room for a number
                spot = middle, base + 12
                sheet.text(spot, number, size=10, color=formats.WHITE, align="center")
    total = change.persisting + change.new
    sheet.text((middle, base - 5), formats.count(total), size=11, align="center", bold=True)
    if change.resolved:
        end = zero + change.resolved * unit
        number = formats.count(change.resolved)
        with sheet.told(f"{when}: {number} resolved"):
            sheet.rects([Box(left, zero, right, end)], formats.GREEN)
        sheet.text((middle, end + 12), number, size=11, color=formats.GREEN, align="center")


def _name(sheet: Canvas, x: float, foot: float, change: Run) -> None:
    at = change.as_of
    texts = (formats.day(at)[:-5], f"{at:%H:%M:%S}", change.verdict)
    for number, text in enumerate(texts):
        spot = x, foot + 14 + 13 * number
        sheet.text(spot, text, size=10, color=formats.MUTED, align="center")
