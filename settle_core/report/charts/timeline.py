"""Since when the weeks are off: the residual of all settled weeks over time."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from settle_core import formats
from settle_core.report.charts.axis import ticks, time_ticks
from settle_core.report.charts.canvas import Box, Canvas, Picture, Point, heading, text_width

_WIDTH = 1060  # of the sheet, px
_HEIGHT = 190  # of the plot, px
_BINS = 600  # about as many as there are pixels: more moments than that are thinned
_TOLD_MOST = 400  # moments that answer to the mouse: more stand closer than it can point
_TOUCH = 16  # px: labels closer than this are moved apart


class Moment(NamedTuple):
    """The residual of all settled weeks together at an instant; gross: signs ignored."""

    at: datetime
    net: Decimal
    gross: Decimal


def residual_over_time(
    moments: Sequence[tuple[datetime, Decimal, Decimal]], currency: str
) -> Picture:
    """Show how the residual of all settled weeks came about.

    Args:
        moments: (instant, net, gross) in order of time, at least one.
        currency: of all of them.
    """
    shown = thin([Moment(*moment) for moment in moments])
    first, last = shown[0], shown[-1]
    unit = f" {formats.brief(currency, 12)}" if currency else ""
    title = (
        f"Off since {formats.day(first.at)}: "
        f"{formats.amount(last.net)}{unit} net, {formats.amount(last.gross)}{unit} gross"
    )
    lines = heading(title, _WIDTH)
    values = [Decimal(0), *(value for _, *pair in shown for value in pair)]
    low, high = min(values), max(values)
    if low == high:
        high = low + 1
    scale = ticks(low, high, Decimal(1).scaleb(-8), 6)
    names = f"net {formats.amount(last.net)}", f"gross {formats.amount(last.gross)}"
    left = 14 + max(text_width(tick.text, formats.SMALL_PX) for tick in scale)
    right = _WIDTH - 16 - max(text_width(name, bold=True) for name in names)
    top = 24.0 + 18 * len(lines)
    plot = Box(left, top, right, top + _HEIGHT)
    sheet = Canvas(_WIDTH, round(plot.bottom + 40), title)
    sheet.head(lines)

    def y(value: Decimal) -> float:
        return plot.bottom - float((value - low) / (high - low)) * _HEIGHT

    for tick in scale:
        level = y(tick.value)
        sheet.line([(left, level), (right, level)], formats.GRID if tick.value else formats.GREEN)
        at = left - 8, level + 4
        sheet.text(at, tick.text, size=formats.SMALL_PX, color=formats.MUTED, align="right")
    x = _draw_time(sheet, plot, first.at, last.at)
    _draw_steps(sheet, [(x(moment.at), y(moment.gross)) for moment in shown], right, (5.0, 2.0))
    _draw_steps(sheet, [(x(moment.at), y(moment.net)) for moment in shown], right, None)
    if len(shown) <= _TOLD_MOST:
        for moment in shown:
            net, gross = formats.amount(moment.net), formats.amount(moment.gross)
            said = f"{formats.instant(moment.at)}: {net}{unit} net, {gross}{unit} gross"
            with sheet.told(said):
                sheet.hit((x(moment.at), y(moment.net)), 4)
    heights = _apart(y(last.net), y(last.gross))
    for name, height in zip(names, heights, strict=True):
        tone = formats.INK if name == names[0] else formats.MUTED
        sheet.text((right + 8, height + 4), name, color=tone, bold=name == names[0])
    return sheet.picture


def thin(moments: Sequence[Moment]) -> list[Moment]:
    """Keep of each stretch of time what is seen of it: its first, last and extreme moments."""
    if len(moments) <= 2 * _BINS:
        return list(moments)
    start = moments[0].at
    width = (moments[-1].at - start) / _BINS or timedelta(microseconds=1)
    bins: dict[int, list[Moment]] = {}
    for moment in moments:
        bins.setdefault((moment.at - start) // width, []).append(moment)
    kept: list[Moment] = []
    for found in bins.values():
        at = {0, len(found) - 1}
        for key in ("net", "gross"):
            values = [getattr(moment, key) for moment in found]
            at |= {values.index(min(values)), values.index(max(values))}
        kept += [found[place] for place in sorted(at)]
    return kept


def _draw_time(
    sheet: Canvas, plot: Box, first: datetime, last: datetime
) -> Callable[[datetime], float]:
    """Draw the axis of time; gives the way from an instant to its place."""
    length = max(last - first, timedelta(seconds=1))
    scale = time_ticks(first, first + length, max(int((plot.right - plot.left) / 110), 3))

    def x(instant: datetime) -> float:
        return plot.left + (instant - first) / length * (plot.right - plot.left)

    for tick in scale:
        place = x(tick.value)
        sheet.line([(place, plot.bottom), (place, plot.bottom + 4)], formats.MUTED)
        if place + text_width(tick.text, formats.SMALL_PX) / 2 > plot.right + 4:
            continue  # it would run into the labels of the lines
        at = place, plot.bottom + 17
        sheet.text(at, tick.text, size=formats.SMALL_PX, color=formats.MUTED, align="center")
    days = f"{formats.day(first)} to {formats.day(last)}, recorded at, UTC"
    if first.date() == last.date():
        days = f"recorded at, {formats.day(first)}, UTC"
    at = plot.right, plot.bottom + 34
    sheet.text(at, days, size=formats.SMALL_PX, color=formats.MUTED, align="right")
    return x


def _draw_steps(
    sheet: Canvas, points: Sequence[Point], right: float, dash: tuple[float, float] | None
) -> None:
    path = [points[0]]
    for (_, y0), (x1, y1) in pairwise(points):
        path += [(x1, y0), (x1, y1)]
    path.append((right, points[-1][1]))
    sheet.line(
        path, formats.INK if dash is None else formats.MUTED, 1.8 if dash is None else 1.4, dash
    )


def _apart(net: float, gross: float) -> tuple[float, float]:
    """Move two labels apart where they would touch."""
    if abs(net - gross) >= _TOUCH:
        return net, gross
    shift = _TOUCH / 2 if net >= gross else -_TOUCH / 2
    middle = (net + gross) / 2
    return middle + shift, middle - shift
