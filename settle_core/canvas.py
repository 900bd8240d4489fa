"""A sheet in CSS pixels, y downwards, on which the charts are drawn.

matplotlib writes the SVG; it is imported when the first sheet is made, not before.
"""

import warnings
from collections.abc import Sequence
from functools import lru_cache
from math import hypot
from typing import Any, Literal
from unicodedata import east_asian_width

from settle_core import style
from settle_core.board import Box, Point
from settle_core.picture import PX_PER_INCH

Align = Literal["left", "center", "right"]
Shape = Literal["circle", "diamond", "square", "up", "down"]

_CORNERS = {
    "diamond": ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
    "square": ((-0.95, -0.95), (0.95, -0.95), (0.95, 0.95), (-0.95, 0.95)),
    "up": ((0, -1.2), (1.1, 0.8), (-1.1, 0.8)),
    "down": ((0, 1.2), (1.1, -0.8), (-1.1, -0.8)),
}
_POINTS_PER_PX = 0.75
_FAMILY = ["DejaVu Sans"]  # ships with matplotlib, so its widths are known everywhere


@lru_cache(maxsize=4096)
def text_width(text: str, size: float = style.TEXT_PX, *, bold: bool = False) -> float:
    """Measure a line of text, in px."""
    from matplotlib.textpath import text_to_path  # noqa: PLC0415

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a glyph that DejaVu lacks
        width, _, _ = text_to_path.get_text_width_height_descent(
            text, _font(size, bold=bold), ismath=False
        )
    wide = sum(east_asian_width(char) in "WF" for char in text)
    return float(width) / _POINTS_PER_PX + wide * size / 2


def wrap(text: str, width: float, size: float = style.TEXT_PX, *, bold: bool = False) -> list[str]:
    """Break text between words into lines of at most so many px; a longer word is cut."""
    lines: list[str] = []
    for word in style.clean(text).split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold=bold) <= width:
            lines[-1] = longer
        else:
            lines.append(cut(word, width, size, bold=bold))
    return lines


def cut(text: str, width: float, size: float = style.TEXT_PX, *, bold: bool = False) -> str:
    """Cut a line of text to at most so many px, with dots where something is left out."""
    if text_width(text, size, bold=bold) <= width:
        return text
    kept = len(text)
    while kept and text_width(text[:kept] + style.DOTS, size, bold=bold) > width:
        kept -= 1
    return text[:kept] + style.DOTS


def text_box(x: float, y: float, width: float, size: float, align: Align = "left") -> Box:
    """Give the box of a line of text whose baseline is at y."""
    left = x - {"left": 0.0, "center": width / 2, "right": width}[align]
    return Box(left, y - 0.8 * size, left + width, y + 0.22 * size)


def _font(size: float, *, bold: bool) -> Any:  # noqa: ANN401 matplotlib's, loaded on use
    from matplotlib.font_manager import FontProperties  # noqa: PLC0415

    weight = "bold" if bold else "normal"
    return FontProperties(family=_FAMILY, size=size * _POINTS_PER_PX, weight=weight)


class Canvas:
    """A sheet to draw on."""

    def __init__(self, width: int, height: int, label: str) -> None:
        """Make a white sheet of so many px; the label tells those who don't see it."""
        from matplotlib.figure import Figure  # noqa: PLC0415

        size = (width / PX_PER_INCH, height / PX_PER_INCH)
        self.figure = Figure(figsize=size, dpi=PX_PER_INCH, facecolor=style.WHITE, label=label)
        self._axes = self.figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0))
        self._axes.set_axis_off()
        self._drawn = 0

    def _above(self) -> int:
        """Give what is drawn next its place above everything drawn before."""
        self._drawn += 1
        return self._drawn

    def line(
        self,
        points: Sequence[Point],
        color: str,
        width: float = 1.0,
        dash: tuple[float, float] | None = None,
    ) -> None:
        """Draw a line of several pieces; dash gives px drawn and px left out."""
        from matplotlib.lines import Line2D  # noqa: PLC0415

        line = Line2D(
            [x for x, _ in points],
            [y for _, y in points],
            color=color,
            linewidth=width * _POINTS_PER_PX,
            linestyle="-" if dash is None else (0, tuple(part / width for part in dash)),
            solid_capstyle="butt",
            solid_joinstyle="miter",
            dash_capstyle="butt",
            clip_on=False,
            zorder=self._above(),
        )
        self._axes.add_line(line)

    def fill(self, corners: Sequence[Point], color: str, edge: str = "none") -> None:
        """Draw a filled area, with an outline of 2 px where an edge colour is given."""
        from matplotlib.patches import Polygon  # noqa: PLC0415

        self._axes.add_patch(
            Polygon(
                corners,
                facecolor=color,
                edgecolor=edge,
                linewidth=2 * _POINTS_PER_PX if edge != "none" else 0,
                clip_on=False,
                zorder=self._above(),
            )
        )

    def rect(self, box: Box, color: str, edge: str = "none") -> None:
        """Draw a filled box."""
        left, top, right, bottom = box
        self.fill([(left, top), (right, top), (right, bottom), (left, bottom)], color, edge)

    def mark(self, at: Point, shape: Shape, radius: float, color: str, edge: str) -> None:
        """Draw a marker round a point."""
        from matplotlib.patches import Circle  # noqa: PLC0415

        x, y = at
        if shape == "circle":
            self._axes.add_patch(
                Circle(
                    at,
                    radius,
                    facecolor=color,
                    edgecolor=edge,
                    linewidth=2 * _POINTS_PER_PX,
                    clip_on=False,
                    zorder=self._above(),
                )
            )
            return
        corners = tuple((x + dx * radius, y + dy * radius) for dx, dy in _CORNERS[shape])
        self.fill(corners, color, edge)

    def arrow(self, path: Sequence[Point], color: str) -> None:
        """Draw a dashed arrow along a line of many pieces, its head at the last point."""
        (x, y), (fromx, fromy) = path[-1], path[-min(3, len(path))]
        length = max(hypot(x - fromx, y - fromy), 0.1)
        ux, uy = (x - fromx) / length, (y - fromy) / length
        self.line(path[:-1], color, 1.6, (6, 3.5))
        self.fill(
            [(x, y)]
            + [(x - 11 * ux + side * 4 * uy, y - 11 * uy - side * 4 * ux) for side in (1, -1)],
            color,
        )

    def text(  # noqa: PLR0913 each is one plain choice
        self,
        at: Point,
        text: str,
        *,
        size: float = style.TEXT_PX,
        color: str = style.INK,
        bold: bool = False,
        align: Align = "left",
        upright: bool = False,
    ) -> None:
        """Write one line, its baseline at the point; upright runs from bottom to top."""
        self._axes.text(
            *at,
            style.clean(text),
            fontproperties=_font(size, bold=bold),
            color=color,
            horizontalalignment=align,
            verticalalignment="baseline",
            rotation=90 if upright else 0,
            rotation_mode="anchor",
            parse_math=False,  # a dollar sign is a dollar sign
            clip_on=False,
            zorder=self._above(),
        )
