"""A sheet in CSS pixels, y downwards, on which the charts are drawn as SVG.

The SVG is written here and not by a plotting library: the same bytes on every machine and with
every version of anything, text as text, nothing to be fetched, and no second spent on an import.
Strict nbval compares SVG text, so a chart with wrong data fails a test.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, reduce
from html import escape
from itertools import pairwise
from math import hypot
from operator import or_
from typing import Literal, NamedTuple
from unicodedata import east_asian_width

from settle_core import formats

Point = tuple[float, float]


class Box(NamedTuple):
    """A rectangle on the sheet: left, top, right, bottom in px."""

    left: float
    top: float
    right: float
    bottom: float


class Board:
    """Which pixels of a sheet are taken, one integer of bits for each row."""

    def __init__(self, width: int, height: int) -> None:
        """Start with a sheet of so many px, all free."""
        self.width = width
        self.height = height
        self._rows = [0] * height

    def taken(self, top: float, bottom: float) -> int:
        """Which columns of a band are taken in any row of it; all where it leaves the sheet."""
        if top < 0 or bottom > self.height:
            return -1
        return reduce(or_, self._rows[int(top) : int(bottom) + 1], 0)

    def free(self, top: float, bottom: float, wide: float) -> int:
        """At which columns a box of a band and so wide may begin: lies on the sheet, touches none.

        A box that begins at a whole px takes as many more as its width has whole ones.
        """
        taken = self.taken(top, bottom)
        if taken < 0 or wide > self.width:
            return 0
        needed, reached = int(wide) + 1, 1
        while reached < needed:  # what is taken, spread to the left over the whole box
            more = min(reached, needed - reached)
            taken |= taken >> more
            reached += more
        return ~taken & ((1 << (int(self.width - wide) + 1)) - 1)

    def is_free(self, box: Box) -> bool:
        """Tell whether a box lies on the sheet and touches nothing."""
        if box.left < 0 or box.right > self.width:
            return False
        if box.top < 0 or box.bottom > self.height:
            return False
        left = int(box.left)
        mask = ((1 << (int(box.right) + 1 - left)) - 1) << left
        for row in self._rows[int(box.top) : int(box.bottom) + 1]:  # noqa: SIM110  half the time
            if row & mask:
                return False
        return True

    def take(self, box: Box) -> None:
        """Mark a box as taken, as far as it lies on the sheet."""
        self._mark(int(box.left), int(box.top), int(box.right), int(box.bottom))

    def _mark(self, left: int, top: int, right: int, bottom: int) -> None:
        left, right = max(left, 0), max(right + 1, 0)
        mask = ((1 << max(right - left, 0)) - 1) << left
        rows = self._rows
        for row in range(max(top, 0), min(bottom + 1, self.height)):
            rows[row] |= mask

    def take_line(self, points: Sequence[Point], pad: float) -> None:
        """Mark a line of several pieces as taken, with so many px, 2 or more, on either side."""
        dots: list[tuple[int, int, int, int]] = []
        for (x0, y0), (x1, y1) in pairwise(points):
            if x0 == x1 or y0 == y1:
                self.take(
                    Box(min(x0, x1) - pad, min(y0, y1) - pad, max(x0, x1) + pad, max(y0, y1) + pad)
                )
                self._mark_dots(dots)
                dots = []
                continue
            pieces = int(max(abs(x1 - x0), abs(y1 - y0)) / 2) + 1
            for piece in range(pieces + 1):
                x, y = x0 + (x1 - x0) * piece / pieces, y0 + (y1 - y0) * piece / pieces
                dots.append((int(x - pad), int(y - pad), int(x + pad), int(y + pad)))
        self._mark_dots(dots)

    def _mark_dots(self, dots: Sequence[tuple[int, int, int, int]]) -> None:
        """Mark boxes each of which touches the next: those of one height, or width, at once."""
        if not dots:
            return
        left, top, right, bottom = dots[0]
        for dot in dots:
            x0, y0, x1, y1 = dot
            if y0 == top and y1 == bottom:
                left, right = min(left, x0), max(right, x1)
            elif x0 == left and x1 == right:
                top, bottom = min(top, y0), max(bottom, y1)
            else:
                self._mark(left, top, right, bottom)
                left, top, right, bottom = dot
        self._mark(left, top, right, bottom)

    def place(self, boxes: Iterable[Box]) -> Box | None:
        """Take the first of the boxes that is free; None if there is none."""
        for box in boxes:
            if self.is_free(box):
                self.take(box)
                return box
        return None


Align = Literal["left", "center", "right"]
Shape = Literal["circle", "diamond", "square", "up", "down"]

_CORNERS = {
    "diamond": ((0, -1.3), (1.3, 0), (0, 1.3), (-1.3, 0)),
    "square": ((-0.95, -0.95), (0.95, -0.95), (0.95, 0.95), (-0.95, 0.95)),
    "up": ((0, -1.2), (1.1, 0.8), (-1.1, 0.8)),
    "down": ((0, 1.2), (1.1, -0.8), (-1.1, -0.8)),
}
_HEAD_PX = 13.0  # of a title
_ANCHORS = {"center": ' text-anchor="middle"', "right": ' text-anchor="end"', "left": ""}

# Widths of DejaVu Sans in thousandths of its size, from space to tilde. Verdana has the same.
_PLAIN = (
    *(318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636),
    *(636, 636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698),
    *(770, 632, 575, 775, 752, 295, 295, 656, 557, 863, 748, 787, 603, 787, 695, 635, 611, 732),
    *(684, 989, 685, 611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635, 615, 352, 635),
    *(634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592),
    *(525, 636, 337, 636, 838),
)
_BOLD = (
    *(348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415, 380, 365, 696, 696),
    *(696, 696, 696, 696, 696, 696, 696, 696, 400, 400, 838, 838, 838, 580, 1000, 774, 762, 734),
    *(830, 683, 683, 821, 837, 372, 372, 775, 637, 995, 837, 850, 733, 850, 770, 720, 682, 812),
    *(774, 1103, 771, 724, 725, 457, 365, 457, 838, 500, 500, 675, 716, 593, 716, 678, 435, 716),
    *(712, 343, 343, 665, 343, 1042, 712, 687, 716, 716, 493, 595, 478, 712, 652, 924, 645, 652),
    *(582, 712, 365, 712, 838),
)
_OTHERS = {formats.MINUS: 838, formats.GAP: 318, formats.DOTS: 1000}
_LETTER, _WIDE = 850, 1030  # of what is in no table: rather too much than too little


class _Widths(dict[str, int]):
    """The width of each letter, those in no table too."""

    def __missing__(self, char: str) -> int:
        return _WIDE if east_asian_width(char) in "WF" else _LETTER


_LETTERS = tuple(map(chr, range(32, 127)))
_PLAIN_WIDTHS = _Widths({**dict(zip(_LETTERS, _PLAIN, strict=True)), **_OTHERS})
_BOLD_WIDTHS = _Widths({**dict(zip(_LETTERS, _BOLD, strict=True)), **_OTHERS})


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart as SVG: one ``<svg>`` element, shown as it is by a notebook and by the report."""

    svg: str

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        """Stand for the picture where only text is shown."""
        return "<picture>"


@lru_cache(maxsize=2000)
def text_width(text: str, size: float = formats.TEXT_PX, *, bold: bool = False) -> float:
    """Measure a line of text, in px."""
    widths = _BOLD_WIDTHS if bold else _PLAIN_WIDTHS
    return sum(map(widths.__getitem__, text)) * size / 1000


def wrap(
    text: str, width: float, size: float = formats.TEXT_PX, *, bold: bool = False
) -> list[str]:
    """Break text between words into lines of at most so many px; a longer word is cut."""
    lines: list[str] = []
    for word in formats.clean(text).split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and text_width(longer, size, bold=bold) <= width:
            lines[-1] = longer
        else:
            lines.append(cut(word, width, size, bold=bold))
    return lines


def cut(text: str, width: float, size: float = formats.TEXT_PX, *, bold: bool = False) -> str:
    """Cut a line of text to at most so many px, with dots where something is left out."""
    if text_width(text, size, bold=bold) <= width:
        return text
    kept = len(text)
    while kept and text_width(text[:kept] + formats.DOTS, size, bold=bold) > width:
        kept -= 1
    return text[:kept] + formats.DOTS


def heading(title: str, width: float) -> list[str]:
    """Break the title of a sheet so wide into lines, which `Canvas.head` writes 18 px apart."""
    return wrap(title, width - 8, _HEAD_PX, bold=True)


def text_box(x: float, y: float, width: float, size: float, align: Align = "left") -> Box:
    """Give the box of a line of text whose baseline is at y."""
    left = x - {"left": 0.0, "center": width / 2, "right": width}[align]
    return Box(left, y - 0.8 * size, left + width, y + 0.22 * size)


class Canvas:
    """A sheet to draw on; what is drawn later lies above what was drawn before."""

    def __init__(self, width: int, height: int, label: str) -> None:
        """Make a white sheet of so many px; the label tells those who don't see it."""
        self._head = (
            f' width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" role="img" aria-label="{_escaped(label)}" '
            f'font-family="{formats.FONTS}">'
        )
        self._parts = [f'<path d="M0 0h{width}v{height}H0z" fill="{formats.WHITE}"/>']
        self._is_linked = False

    @property
    def picture(self) -> Picture:
        """What was drawn so far."""
        links = ' xmlns:xlink="http://www.w3.org/1999/xlink"' if self._is_linked else ""
        head = f'<svg xmlns="http://www.w3.org/2000/svg"{links}{self._head}'
        return Picture("\n".join([head, *self._parts, "</svg>"]))

    @contextmanager
    def told(self, title: str, href: str = "") -> Iterator[None]:
        """What is drawn within tells its numbers under the mouse, and may lead somewhere.

        The link is an `xlink:href`: JupyterLab takes every `a` with a `href` for one of HTML, fails
        to set it, and shows the whole output as an error.
        """
        words = f"<title>{_escaped(title)}</title>"
        self._is_linked |= bool(href)
        self._parts.append(f'<a xlink:href="{escape(href)}">{words}' if href else f"<g>{words}")
        yield
        self._parts.append("</a>" if href else "</g>")

    def line(
        self,
        points: Sequence[Point],
        color: str,
        width: float = 1.0,
        dash: tuple[float, float] | None = None,
    ) -> None:
        """Draw a line of several pieces; dash gives px drawn and px left out."""
        dashes = f' stroke-dasharray="{_n(dash[0])} {_n(dash[1])}"' if dash else ""
        self._parts.append(
            f'<path d="{_path(points)}" fill="none" stroke="{color}" '
            f'stroke-width="{_n(width)}"{dashes}/>'
        )

    def fill(self, corners: Sequence[Point], color: str, edge: str = "none") -> None:
        """Draw a filled area, with an outline of 2 px where an edge colour is given."""
        outline = "" if edge == "none" else f' stroke="{edge}" stroke-width="2"'
        self._parts.append(f'<path d="{_path(corners)}z" fill="{color}"{outline}/>')

    def rects(self, boxes: Iterable[Box], color: str) -> None:
        """Draw filled boxes of one colour."""
        shapes = "".join(
            f"M{_n(box.left)} {_n(box.top)}H{_n(box.right)}V{_n(box.bottom)}H{_n(box.left)}z"
            for box in boxes
        )
        if shapes:
            self._parts.append(f'<path d="{shapes}" fill="{color}"/>')

    def hit(self, at: Point, radius: float) -> None:
        """Make a round place that is not seen but answers to the mouse."""
        x, y = at
        self._parts.append(f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" fill-opacity="0"/>')

    def mark(self, at: Point, shape: Shape, radius: float, color: str, edge: str) -> None:
        """Draw a marker round a point."""
        x, y = at
        if shape == "circle":
            self._parts.append(
                f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" fill="{color}" '
                f'stroke="{edge}" stroke-width="2"/>'
            )
            return
        corners = [(x + dx * radius, y + dy * radius) for dx, dy in _CORNERS[shape]]
        self.fill(corners, color, edge)

    def arrow(self, path: Sequence[Point], color: str) -> None:
        """Draw a dashed arrow along a line of many pieces, its head at the last point."""
        (x, y), (fromx, fromy) = path[-1], path[-min(3, len(path))]
        length = max(hypot(x - fromx, y - fromy), 0.1)
        ux, uy = (x - fromx) / length, (y - fromy) / length
        self.line(path[:-1], color, 1.6, (6, 3.5))
        wings = [(x - 11 * ux + side * 4 * uy, y - 11 * uy - side * 4 * ux) for side in (1, -1)]
        self.fill([(x, y), *wings], color)

    def text(  # noqa: PLR0913 each is one plain choice
        self,
        at: Point,
        text: str,
        *,
        size: float = formats.TEXT_PX,
        color: str = formats.INK,
        bold: bool = False,
        align: Align = "left",
        upright: bool = False,
    ) -> None:
        """Write one line, its baseline at the point; upright runs from bottom to top."""
        x, y = map(_n, at)
        weight = ' font-weight="700"' if bold else ""
        turn = f' transform="rotate(-90 {x} {y})"' if upright else ""
        self._parts.append(
            f'<text x="{x}" y="{y}" font-size="{_n(size)}" fill="{color}"'
            f"{weight}{_ANCHORS[align]}{turn}>{_escaped(text)}</text>"
        )

    def head(self, lines: Sequence[str]) -> None:
        """Write a title's lines, from `heading`, at the top of the sheet."""
        for number, line in enumerate(lines):
            self.text((4, 14 + 18 * number), line, size=_HEAD_PX, bold=True)


def _escaped(text: str) -> str:
    return escape(formats.clean(text))


def _n(value: float) -> str:
    """Write a number of px to the hundredth: alike on every machine."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _path(points: Sequence[Point]) -> str:
    return "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points)
