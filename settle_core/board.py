"""What on a sheet is taken: so that labels never overlap."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

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

    def is_free(self, box: Box) -> bool:
        """Tell whether a box lies on the sheet and touches nothing."""
        if box.left < 0 or box.top < 0 or box.right > self.width or box.bottom > self.height:
            return False
        left, right = int(box.left), int(box.right) + 1
        mask = ((1 << (right - left)) - 1) << left
        return not any(row & mask for row in self._rows[int(box.top) : int(box.bottom) + 1])

    def take(self, box: Box) -> None:
        """Mark a box as taken, as far as it lies on the sheet."""
        left, right = max(int(box.left), 0), max(int(box.right) + 1, 0)
        mask = ((1 << max(right - left, 0)) - 1) << left
        for row in range(max(int(box.top), 0), min(int(box.bottom) + 1, self.height)):
            self._rows[row] |= mask

    def take_line(self, points: Sequence[Point], pad: float) -> None:
        """Mark a line of several pieces as taken, with so many px on either side."""
        for (x0, y0), (x1, y1) in pairwise(points):
            if x0 == x1 or y0 == y1:
                self.take(
                    Box(min(x0, x1) - pad, min(y0, y1) - pad, max(x0, x1) + pad, max(y0, y1) + pad)
                )
                continue
            pieces = int(max(abs(x1 - x0), abs(y1 - y0)) / 2) + 1
            for piece in range(pieces + 1):
                x, y = x0 + (x1 - x0) * piece / pieces, y0 + (y1 - y0) * piece / pieces
                self.take(Box(x - pad, y - pad, x + pad, y + pad))

    def place(self, boxes: Iterable[Box]) -> Box | None:
        """Take the first of the boxes that is free; None if there is none."""
        for box in boxes:
            if self.is_free(box):
                self.take(box)
                return box
        return None
