"""What is written into a walk: amounts, what writers saw, and how long the week was off.

Everything is placed in order of weight, in the first free place near what it belongs to.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import hypot, inf

from settle_core import formats
from settle_core.audit.walk import NOT_RIGHT, WRONG, Role, Seen, Span, Walk
from settle_core.report.charts import walk_text
from settle_core.report.charts.canvas import (
    Board,
    Box,
    Canvas,
    Point,
    Shape,
    text_box,
    text_width,
    wrap,
)

_COLORS: dict[Role, str] = {
    "late": formats.BLUE,
    "uncountered": formats.RED,
    "right": formats.INK,
    "compensating": formats.AMBER,
}


@dataclass(frozen=True)
class Frame:
    """A walk on its sheet: where things are, and what is taken (``words``: by text)."""

    walk: Walk
    sheet: Canvas
    plot: Box
    low: Decimal
    high: Decimal
    board: Board
    words: Board

    @property
    def gap(self) -> float:
        """Px from one step to the next."""
        return step_gap(self.walk, self.plot)

    @property
    def radius(self) -> float:
        """Of a mark, in px."""
        return min(max(self.gap * 0.2, 3.0), 6.5)

    def x(self, at: float) -> float:
        """Where a step stands."""
        return self.plot.left + (at + 0.75) * self.gap

    def y(self, value: Decimal) -> float:
        """Where a residual stands."""
        share = float((self.high - value) / (self.high - self.low))
        return self.plot.top + share * (self.plot.bottom - self.plot.top)

    def spot(self, at: int) -> Point:
        """Where a step's mark stands; -1 is the state before the first step."""
        if at < 0:
            return self.x(-0.55), self.y(self.walk.start)
        return self.x(at), self.y(self.walk.residuals[at])

    def take(self, box: Box) -> None:
        """Let nothing else be written in a box."""
        self.board.take(box)
        self.words.take(box)


def step_gap(walk: Walk, plot: Box) -> float:
    """Px from one step to the next."""
    return (plot.right - plot.left) / (len(walk.steps) + 0.5)


def color(role: Role) -> str:
    """Give the colour that a role has in every chart."""
    return _COLORS.get(role, formats.RED)


def mark(sheet: Canvas, at: Point, kind: str, role: Role, radius: float) -> None:
    """Draw a step's mark: shape and filling tell its role without the colour too."""
    shape: Shape = "circle"
    if role in WRONG:
        shape = "diamond"
    elif role == "compensating":
        shape = "square"
    filling = formats.WHITE if kind == "entry" else color(role)
    sheet.mark(at, shape, radius, filling, color(role))


def by_weight(walk: Walk) -> list[int]:
    """Order the steps by how much they matter to the reader."""
    named = {key for step in walk.steps if step.role in WRONG for key in step.unseen}

    def weight(at: int) -> tuple[int, Decimal, int]:
        step = walk.steps[at]
        ranks = (
            step.role in WRONG,
            step.role == "compensating",
            step.role == "uncountered",
            step.entry_id in named,
            at in {0, len(walk.steps) - 1},
            True,
        )
        return ranks.index(True), -abs(step.effect), at

    return sorted(range(len(walk.steps)), key=weight)


def band(frame: Frame, span: Span) -> tuple[float, float]:
    """Where a stretch begins and ends, in px."""
    still = span.end >= len(frame.walk.steps)
    return frame.x(span.first), frame.plot.right if still else frame.x(span.end)


_ARROWS_MOST = 5
_FEW = 12  # up to so many steps, each one's amount is bold
# Of a curve's start, bend and end, at each of its points.
_WEIGHTS = tuple(((1 - t) ** 2, 2 * t * (1 - t), t * t) for t in (part / 40 for part in range(41)))
_BENDS = (0.2, -0.2, 0.32, -0.32, 0.1, -0.1, 0.45, -0.45, 0.6, -0.6)


def write_amounts(frame: Frame, steps: Sequence[int], farthest: float) -> None:
    """Write the amounts of some steps at most so many px off their marks, where there is room."""
    few = len(frame.walk.steps) <= _FEW
    for at in steps:
        step = frame.walk.steps[at]
        bold = few or step.role in NOT_RIGHT
        size = 13.0 if few else 11.0
        text = formats.signed(step.amount)
        width = text_width(text, size, bold=bold)
        x, y = frame.spot(at)
        box = frame.board.place(
            _beside(frame.radius, (x, y), width, size, farthest, up=step.amount > 0)
        )
        if box is None:
            continue
        frame.words.take(box)
        baseline = (box.left + box.right) / 2, box.bottom - 0.22 * size - 1
        frame.sheet.text(
            baseline, text, size=size, color=color(step.role), bold=bold, align="center"
        )
        away = box.top - y if box.top > y else y - box.bottom
        if away > frame.radius + 12:
            end = box.top if box.top > y else box.bottom
            tip = y + (frame.radius if box.top > y else -frame.radius)
            frame.sheet.line(
                [(x, tip), (min(max(x, box.left), box.right), end)], formats.MUTED, 0.7
            )


def _beside(  # noqa: PLR0913
    radius: float, at: Point, width: float, size: float, farthest: float, *, up: bool
) -> Iterator[Box]:
    """Try the places round a mark, the nearest first, on the side of the movement first."""
    x, y = at
    side = width / 2 + radius + 5
    for away in (4, 10, 18, 28, 40, 54):
        for sign in ((-1, 1) if up else (1, -1)) if away <= farthest else ():
            for shift in (0, width * 0.3, -width * 0.3, side, -side):
                middle = y + sign * (radius + away + size / 2)
                box = text_box(x + shift, middle + 0.3 * size, width, size, "center")
                yield Box(box.left - 1, box.top - 1, box.right + 1, box.bottom + 1)


def draw_seen(frame: Frame) -> None:
    """Lead an arrow from wrong counter-entries back to what their writers saw, and say it."""
    walk = frame.walk
    ranked = sorted(walk.wrong, key=lambda at: (-abs(walk.steps[at].effect), at))
    seen_by = {at: seen for at in ranked if (seen := walk.seen(at)) is not None}
    arcs: dict[tuple[int | None, tuple[int, ...]], list[int]] = {}
    for at, seen in list(seen_by.items())[:_ARROWS_MOST]:
        missed = () if seen.after is not None else seen.unseen
        arcs.setdefault((seen.after, missed), []).append(at)
    told = []
    for steps in arcs.values():
        drawn = [_arrow(frame, at, _target(frame, at, seen_by[at])) for at in sorted(steps)]
        told.append((walk_text.saw(walk, sorted(steps), seen_by[steps[0]]), drawn[-1]))
    for text, arc in told:
        _write(frame, text, arc[len(arc) // 4 : len(arc) * 3 // 4 : 6], (230, 300, 160), frame.plot)


def _target(frame: Frame, at: int, seen: Seen) -> Point:
    if seen.after is not None:
        x, y = frame.spot(seen.after)
        return x + frame.radius + 5, y
    # True after no step: a short bar at the level that was read.
    level = frame.y(seen.residual)
    end = frame.x(at) - 0.35 * frame.gap
    frame.sheet.line([(end - 0.5 * frame.gap, level), (end, level)], formats.RED, 2.0)
    frame.board.take(Box(end - 0.5 * frame.gap, level - 3, end, level + 3))
    return end - 0.1 * frame.gap, level


def _arrow(frame: Frame, at: int, target: Point) -> list[Point]:
    start = frame.spot(at)
    path, crossed = _curve(start, target, _BENDS[0]), inf
    for bend in _BENDS:
        bent = _curve(start, target, bend)
        if (cost := _crossings(frame, bent, crossed)) < crossed:
            path, crossed = bent, cost
    clear = frame.radius * 1.3 + 3
    outside = [at for at in path if hypot(at[0] - start[0], at[1] - start[1]) > clear]
    path = outside if len(outside) > len(path) // 4 else path
    frame.sheet.arrow(path, formats.RED)
    frame.board.take_line(path, 3)
    return path


def _curve(start: Point, end: Point, bend: float) -> list[Point]:
    (x0, y0), (x2, y2) = start, end
    x1, y1 = (x0 + x2) / 2 + bend * (y2 - y0), (y0 + y2) / 2 - bend * (x2 - x0)
    return [(a * x0 + b * x1 + c * x2, a * y0 + b * y1 + c * y2) for a, b, c in _WEIGHTS]


def _crossings(frame: Frame, points: Sequence[Point], most: float) -> float:
    """Give what a path crosses; it need not be told further where it is `most` or more."""
    cost = 0
    (startx, starty), (endx, endy) = points[0], points[-1]
    reach = 1.3 * frame.radius + 5
    left, top, right, bottom = frame.plot
    for x, y in points:
        if hypot(x - startx, y - starty) < reach or hypot(x - endx, y - endy) < reach:
            continue  # at its own mark
        dot = Box(x - 2, y - 2, x + 2, y + 2)
        if not (left < x < right and top < y < bottom):
            cost += 20
        if not frame.board.is_free(dot):  # what words take is taken on the board as well
            cost += 1 if frame.words.is_free(dot) else 11
        if cost >= most:
            break
    return cost


def write_spans(frame: Frame) -> None:
    """Say within each tinted band by how much, and how long, the settled amount was off."""
    for span in frame.walk.spans_off:
        left, right = band(frame, span)
        middle = [((left + right) / 2, frame.y(Decimal(0)))]
        inside = Box(left + 3, frame.plot.top, right - 3, frame.plot.bottom)
        room = right - left - 14
        widths = [min(230, room), *(width for width in (120, 75) if width <= room)]
        _write(frame, _off(frame.walk, span), middle, widths, inside)


def _off(walk: Walk, span: Span) -> str:
    seconds = walk.seconds(span)
    if seconds is None:
        return f"still off by {formats.signed(span.effects[-1])}"
    most = formats.signed(max(span.effects, key=abs))
    said = f"up to {most}" if len(span.effects) > 1 else most
    return f"off by {said} for {formats.span(seconds)}"


def _write(
    frame: Frame, text: str, near: Sequence[Point], widths: Sequence[float], bounds: Box
) -> None:
    """Write text in the free place nearest to some points, broken as narrowly as needed."""
    line = 16
    for width in widths:
        lines = wrap(text, width)
        wide = max(text_width(part) for part in lines) + 8
        tall = line * len(lines) + 4
        found = _nearest(frame, near, bounds, wide, tall)
        if found is not None:
            frame.board.take(found)
            frame.words.take(found)
            for number, part in enumerate(lines):
                at = found.left + 4, found.top + 13 + line * number
                frame.sheet.text(at, part, color=formats.RED)
            return


def _nearest(
    frame: Frame, near: Sequence[Point], bounds: Box, wide: float, tall: float
) -> Box | None:
    """Find the free place nearest to some points; of equally near ones, the leftmost, topmost."""
    across, along = zip(*near, strict=True)
    left, top, right, bottom = min(across), min(along), max(across), max(along)
    # How far a place is at least, by its column and by its row: the nearest ones come first.
    columns = sorted(
        (_least(at, wide, left, right), at)
        for at in range(int(bounds.left), int(bounds.right - wide) + 1, 12)
    )
    rows = sorted(
        (_least(at, tall, top, bottom), at)
        for at in range(int(bounds.top) + 2, int(bounds.bottom - tall) - 1, 8)
    )
    nearest, found = inf, None
    for least_along, row in rows:
        if least_along - 1 > nearest:
            break
        free = frame.board.free(row, row + tall, wide)
        for least_across, column in columns:
            if hypot(least_across, least_along) - 1 > nearest:
                break
            if free >> column & 1:
                box = Box(column, row, column + wide, row + tall)
                nearest, found = min((_distance(box, near), box), (nearest, found or box))
    return found


def _least(at: float, size: float, first: float, last: float) -> float:
    """Give how far, along one axis, a place is at least from points between two, as `_distance`."""
    middle = at + size / 2
    return max(first - (at + size), at - last, 0) + 0.2 * max(first - middle, middle - last, 0)


def _distance(box: Box, near: Sequence[Point]) -> float:
    """Give how far a box is from the nearest of some points, its middle counting a little too."""
    left, top, right, bottom = box
    x, y = (left + right) / 2, (top + bottom) / 2
    wide, tall = right - x, bottom - y
    best = inf
    for px, py in near:
        middle = 0.2 * hypot(x - px, y - py)
        if middle < best:
            across, along = abs(px - x) - wide, abs(py - y) - tall
            outside = hypot(across if across > 0 else 0, along if along > 0 else 0)  # noqa: FURB136
            best = min(best, outside + middle)
    return best
