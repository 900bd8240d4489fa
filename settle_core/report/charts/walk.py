"""The walk of a day or week, drawn: a step line of its residual, with what each writer saw.

Late entries are hollow, counter-entries filled; what is wrong is red and a diamond, what took it
back amber and a square. A dashed arrow leads from a wrong counter-entry back to the state that its
writer saw. The time that the settled amount was off is tinted.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal

from settle_core import formats
from settle_core.audit.walk import NOT_RIGHT, WRONG, Role, Seen, Span, Step, Walk
from settle_core.report.charts import walk_text
from settle_core.report.charts.axis import Tick, ticks
from settle_core.report.charts.canvas import Board, Box, Canvas, Picture, Point, text_width, wrap
from settle_core.report.charts.walk_layout import (
    Frame,
    band,
    by_weight,
    color,
    draw_seen,
    mark,
    step_gap,
    write_amounts,
    write_spans,
)

__all__ = ["Role", "Seen", "Span", "Step", "Walk", "figure"]

_WIDTH = 1060
_PLOT_HEIGHT = 340
_LINE = 16  # px from one line of small text to the next
_LABEL = 3 * _LINE + 8  # px of a step's label below the axis
_MARGIN = 30  # px kept free above the highest and below the lowest state
_ALL = 12  # up to so many steps, all amounts are written first


def figure(walk: Walk, links: Mapping[str, str] | None = None) -> Picture:
    """Draw a walk.

    Args:
        walk: at least one step.
        links: by entry id, where its step leads to.

    Returns:
        A picture 1,060 px wide.
    """
    low, high = _range(walk)
    scale = ticks(low, high, _unit(walk))
    title = wrap(walk_text.title(walk), _WIDTH - 8, formats.TITLE_PX, bold=True)
    lead = wrap(walk_text.subtitle(walk), _WIDTH - 8)
    top = 26 + 23 * len(title) + 18 * len(lead)
    left = 36 + max(text_width(tick.text, formats.SMALL_PX) for tick in scale)
    plot = Box(left, top, _WIDTH - 62, top + _PLOT_HEIGHT)
    labels = _labels(walk, plot)
    foot = plot.bottom + 8 + _LABEL * (1 + max(label[1] for label in labels))
    legend = _legend(walk, foot + 20)
    recorded = _recorded(walk)
    (x, y), last = legend[-1]
    is_beside = x + text_width(last.text) + 44 + text_width(recorded) < _WIDTH
    height = int(y + (14 if is_beside else 34))
    sheet = Canvas(_WIDTH, height, f"{walk_text.title(walk)}. {walk_text.subtitle(walk)}")
    frame = Frame(walk, sheet, plot, low, high, Board(_WIDTH, height), Board(_WIDTH, height))
    for number, line in enumerate(title):
        sheet.text((4, 22 + 23 * number), line, size=formats.TITLE_PX, bold=True)
    sheet.text((_WIDTH - 4, height - 14), recorded, color=formats.MUTED, align="right")
    for number, line in enumerate(lead):
        sheet.text((4, 23 + 23 * len(title) + 18 * number), line, color=formats.MUTED)
    _draw_axes(frame, scale)
    _draw_line(frame, links or {})
    _draw_labels(frame, labels)
    _annotate(frame)
    for (x, y), item in legend:
        mark(sheet, (x + 7, y - 4), item.kind, item.role, 5)
        sheet.text((x + 19, y), item.text, color=color(item.role))
    return sheet.picture


def _range(walk: Walk) -> tuple[Decimal, Decimal]:
    """Bounds of the drawn residual, with room for labels on either side."""
    seen = [seen.residual for at in walk.wrong if (seen := walk.seen(at)) is not None]
    values = [Decimal(0), walk.start, *walk.residuals, *seen]
    low, high = min(values), max(values)
    if low == high:
        low, high = low - 1, high + 1
    room = (high - low) * _MARGIN / (_PLOT_HEIGHT - 2 * _MARGIN)
    return low - room, high + room


def _unit(walk: Walk) -> Decimal:
    """Find the smallest amount that the decimals of this walk can tell."""
    places = max(-int(step.amount.as_tuple().exponent) for step in walk.steps)
    return Decimal(1).scaleb(-max(places, 0))


def _draw_axes(frame: Frame, scale: Sequence[Tick]) -> None:
    left, top, right, bottom = frame.plot
    walk = frame.walk
    for span in walk.spans_off:
        start, end = band(frame, span)
        frame.sheet.rects([Box(start, top, end, bottom)], formats.TINT)
    for tick in scale:
        y = frame.y(tick.value)
        if tick.value:
            frame.sheet.line([(left, y), (right, y)], formats.GRID)
        at = left - 8, y + 4
        frame.sheet.text(at, tick.text, size=formats.SMALL_PX, color=formats.MUTED, align="right")
    zero = frame.y(Decimal(0))
    frame.sheet.line([(left, zero), (right + 6, zero)], formats.GREEN, 1.5)
    frame.sheet.text((right + 9, zero + 4), "settled", color=formats.GREEN)
    unit = f", {formats.brief(walk.currency, 12)}" if walk.currency else ""
    middle = (12, (top + bottom) / 2)
    name = f"residual of the {walk.level}{unit}"
    frame.sheet.text(middle, name, color=formats.MUTED, align="center", upright=True)
    frame.take(Box(0, 0, frame.board.width, top - 2))
    frame.take(Box(0, bottom, frame.board.width, frame.board.height))
    frame.take(Box(0, 0, left, bottom))
    frame.take(Box(right, 0, frame.board.width, bottom))
    frame.board.take_line([(left, zero), (right, zero)], 2)


def _draw_line(frame: Frame, links: Mapping[str, str]) -> None:
    walk = frame.walk
    level = frame.y(walk.start)
    path: list[Point] = [(frame.plot.left + 2, level)]
    for at in range(len(walk.steps)):
        x, y = frame.spot(at)
        path += [(x, level), (x, y)]
        level = y
    path.append((frame.plot.right, level))
    frame.sheet.line(path, formats.INK, 2.0 if frame.gap > 2 * frame.radius + 4 else 1.4)
    frame.board.take_line(path, 2)
    for at, step in enumerate(walk.steps):
        x, y = frame.spot(at)
        size = frame.radius + (1 if step.role in NOT_RIGHT else 0)
        with frame.sheet.told(_said(step, frame.walk.currency), links.get(step.entry_id, "")):
            mark(frame.sheet, (x, y), step.kind, step.role, size)
        reach = size * (1.3 if step.role in WRONG else 1.0) + 1.5
        frame.take(Box(x - reach, y - reach, x + reach, y + reach))


def _said(step: Step, currency: str) -> str:
    kind = "late entry" if step.kind == "entry" else "counter-entry"
    unit = f" {formats.brief(currency, 12)}" if currency else ""
    said = f"{kind} {formats.brief(step.entry_id, 24)}: {formats.signed(step.amount)}{unit}"
    if step.expected is not None and step.expected != step.amount:
        said += f", owed {formats.signed(step.expected)}"
    job = f", job {formats.brief(step.job_id, 24)}" if step.job_id else ""
    return f"{said}, recorded {formats.instant(step.recorded_at)}{job}"


def _annotate(frame: Frame) -> None:
    order = by_weight(frame.walk)
    first = [at for at in order if frame.walk.steps[at].role in NOT_RIGHT]
    if len(order) <= _ALL:
        first = order
    write_amounts(frame, first, 54)
    draw_seen(frame)
    write_spans(frame)
    write_amounts(frame, [at for at in order if at not in first], 10)


def _labels(walk: Walk, plot: Box) -> list[tuple[int, int, list[str]]]:
    """Choose the steps that are named below the axis: position, row of labels, lines of text."""
    times = _times([step.recorded_at for step in walk.steps])
    taken = Board(_WIDTH, 2)
    chosen = []
    for at in by_weight(walk):
        step = walk.steps[at]
        kind = "late entry" if step.kind == "entry" else "counter"
        lines = [kind, walk.names[step.entry_id], times[at]]
        half = max(text_width(line, formats.SMALL_PX) for line in lines) / 2 + 4
        x = plot.left + (at + 0.75) * step_gap(walk, plot)
        tiers = 2 if len(walk.steps) > _ALL else 1
        for tier in range(tiers):
            if tier and not taken.place([Box(x - 2, 0, x + 2, 0)]):
                continue  # its line to the axis would cross another label
            if taken.place([Box(x - half, tier, x + half, tier)]):
                chosen.append((at, tier, lines))
                break
    return chosen


def _times(instants: Sequence[datetime]) -> list[str]:
    """Write instants as briefly as they differ: what all share is left out."""
    texts = _as_finely(instants)
    if len({instant.date() for instant in instants}) > 1:
        return [f"{formats.day(at)[:-5]} {text}" for at, text in zip(instants, texts, strict=True)]
    if len({text[:6] for text in texts}) == 1 and len(texts) > 1:
        return [formats.DOTS + text[6:] for text in texts]
    return texts


def _as_finely(instants: Sequence[datetime]) -> list[str]:
    """Write the time of instants to the millisecond, or as finely as it takes to tell them."""
    if not any(instant.microsecond for instant in instants):
        return [f"{instant:%H:%M:%S}" for instant in instants]
    texts = [f"{instant:%H:%M:%S.%f}" for instant in instants]
    rounded = [text[:-3] for text in texts]
    return rounded if len(set(rounded)) == len(set(texts)) else texts


def _recorded(walk: Walk) -> str:
    """Say when the steps were recorded, on the other clock than the day in the title."""
    instants = [step.recorded_at for step in walk.steps]
    first, last = min(instants), max(instants)
    if first.replace(microsecond=0) == last.replace(microsecond=0):
        return f"recorded {formats.day(first)} {first:%H:%M:%S} UTC"
    if first.date() == last.date():
        return f"recorded {formats.day(first)}, {first:%H:%M:%S} to {last:%H:%M:%S} UTC"
    return f"recorded {formats.day(first)} {first:%H:%M} to {formats.day(last)} {last:%H:%M} UTC"


def _draw_labels(frame: Frame, labels: Sequence[tuple[int, int, list[str]]]) -> None:
    top = frame.plot.bottom
    for at, tier, lines in labels:
        x, y = frame.x(at), top + 10 + tier * _LABEL
        if tier:
            frame.sheet.line([(x, top + 2), (x, y)], formats.GRID)
        role = frame.walk.steps[at].role
        tone = color(role) if role in NOT_RIGHT else formats.MUTED
        for number, line in enumerate(lines):
            spot = x, y + 10 + _LINE * number
            frame.sheet.text(spot, line, size=formats.SMALL_PX, color=tone, align="center")


def _legend(walk: Walk, y: float) -> list[tuple[Point, walk_text.Item]]:
    """Set the legend out in rows."""
    x = 4.0
    placed = []
    for item in walk_text.legend(walk):
        wide = text_width(item.text) + 46
        if x > 4 and x + wide > _WIDTH:  # noqa: PLR2004
            x, y = 4.0, y + 20
        placed.append(((x, y), item))
        x += wide
    return placed
