"""A walk on its sheet: where each step stands, in which colour and shape, and what is taken."""

from dataclasses import dataclass
from decimal import Decimal

from settle_core import style
from settle_core.board import Board, Box, Point
from settle_core.canvas import Canvas, Shape
from settle_core.step import WRONG, Role, Span, Walk

_COLORS: dict[Role, str] = {
    "late": style.BLUE,
    "uncountered": style.RED,
    "right": style.INK,
    "compensating": style.AMBER,
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
    return _COLORS.get(role, style.RED)


def mark(sheet: Canvas, at: Point, kind: str, role: Role, radius: float) -> None:
    """Draw a step's mark: shape and filling tell its role without the colour too."""
    shape: Shape = "circle"
    if role in WRONG:
        shape = "diamond"
    elif role == "compensating":
        shape = "square"
    filling = style.WHITE if kind == "entry" else color(role)
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
