"""The lane of a walk's log: reads, answers of a cache, inserts and commits, in their order."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from settle_core import formats
from settle_core.report.charts.canvas import Canvas, Picture, cut

WIDTH: Final = 1060
_LEFT, _RIGHT, _ROW, _TOP = 150, 30, 74, 44
_STEPS_MOST: Final = 14  # more labels would lie on each other


class Logged(NamedTuple):
    """A line of a log in the lane.

    `lane` is the job or session, `kind` one of read, cache, insert, commit and other; `at` is the
    time of day as text.
    """

    lane: str
    kind: str
    label: str
    at: str


def log_lane(lines: Sequence[Logged]) -> Picture:
    """Draw the lines of a log, each by its kind, one lane for each job; time goes to the right.

    Args:
        lines: at least one, in the order of time; of more than fit the first are drawn.
    """
    shown = list(lines)[:_STEPS_MOST]
    lanes = list(dict.fromkeys(line.lane for line in shown))
    height = _TOP + _ROW * len(lanes)
    said = f"What the log tells, line by line: {'; '.join(line.label for line in shown)}"
    canvas = Canvas(WIDTH, height, said)
    canvas.text((12, 20), "What the log tells", bold=True)
    step = (WIDTH - _LEFT - _RIGHT) / max(len(shown), 1)
    for number, lane in enumerate(lanes):
        y = _TOP + _ROW * number + 24
        canvas.text((12, y + 4), cut(lane or "no job", _LEFT - 30), color=formats.MUTED)
        canvas.line([(_LEFT, y), (WIDTH - _RIGHT, y)], formats.GRID, 2)
    for position, line in enumerate(shown):
        x = _LEFT + step * (position + 0.5)
        y = _TOP + _ROW * lanes.index(line.lane) + 24
        with canvas.told(f"{line.at} {line.label}"):
            _mark(canvas, (x, y), line.kind)
        width = step - 8
        canvas.text(
            (x, y + 24),
            cut(line.label, width, formats.SMALL_PX),
            align="center",
            size=formats.SMALL_PX,
        )
        canvas.text(
            (x, y + 38),
            cut(line.at, width, formats.SMALL_PX),
            align="center",
            size=formats.SMALL_PX,
            color=formats.MUTED,
        )
    return canvas.picture


def _mark(canvas: Canvas, at: tuple[float, float], kind: str) -> None:
    """A read is full, one that a cache answered is hollow; a commit is a bar."""
    x, y = at
    if kind == "read":
        canvas.mark(at, "circle", 7, formats.BLUE, formats.BLUE)
    elif kind == "cache":
        canvas.mark(at, "circle", 7, formats.WHITE, formats.RED)
    elif kind == "insert":
        canvas.fill([(x - 6, y - 6), (x + 6, y - 6), (x + 6, y + 6), (x - 6, y + 6)], formats.INK)
    elif kind == "commit":
        canvas.line([(x, y - 11), (x, y + 11)], formats.GREEN, 4)
    else:
        canvas.mark(at, "circle", 4, formats.MUTED, formats.MUTED)
