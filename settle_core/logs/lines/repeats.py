"""Lines that stand in a log twice: shippers deliver at least once, and rotated files overlap.

A line whose stamp is told to the microsecond never comes again by itself, so a second one is the
same line. Coarser stamps do not tell that, except where a line also names the run that it is of.
"""

import re
from collections import defaultdict, deque
from typing import Final

# So many lines are remembered.
_REMEMBERED: Final = 200_000
_LOOKED_AT: Final = 400
# At the head of a line, and not within a quoted value of a statement that goes on over lines.
_FINE: Final = re.compile(rb"(?:\{.*?|[^'\"]{0,48}?)\d\d:\d\d:\d\d[.,]\d{6}")
_COARSE: Final = re.compile(rb"(?:\{.*?|[^'\"]{0,48}?)\d\d:\d\d:\d\d[.,]\d")


class Repeats:
    """Tells lines that were there before, in the lines of one group, or in others' of its kind."""

    def __init__(self, seen: set[int], order: deque[int]) -> None:
        """Start with what was seen already, and in which order."""
        self._seen = seen
        # A dictionary would be asked for its oldest key: that takes the longer the more went.
        self._order = order
        self._last = b""
        self._is_dropping = self._is_doubled = False

    def has(self, raw: bytes, told: bytes, *, is_run_log: bool) -> bool:
        """Whether a line is a repeat; one without a stamp goes with the line before it.

        Args:
            raw: the line, without what collectors put around it where it has its own stamp.
            told: of it, what begins with its stamp.
            is_run_log: lines name the run of a job that they are of.
        """
        head = _COARSE if is_run_log else _FINE
        if head.match(told, 0, _LOOKED_AT) is None:
            is_repeat = self._is_dropping or (self._is_doubled and raw == self._last)
            self._last = raw
            return is_repeat
        key = hash(raw)
        is_repeat = key in self._seen
        # Where a shipper repeats line by line, what goes on after the second head is the first's.
        self._is_doubled = is_repeat and raw == self._last
        self._is_dropping = is_repeat and not self._is_doubled
        self._last = raw
        if not is_repeat:
            self._seen.add(key)
            self._order.append(key)
            if len(self._order) > _REMEMBERED:
                self._seen.remove(self._order.popleft())
        return is_repeat


class ByGroup(dict[str, Repeats]):
    """Repeats by the names of groups: one log may have been shipped to two places."""

    def __init__(self) -> None:
        """Start with no group."""
        self._kinds: defaultdict[str, tuple[set[int], deque[int]]] = defaultdict(_none)

    def __missing__(self, group: str) -> Repeats:
        """The group's own, which knows what was seen in others of its kind."""
        self[group] = Repeats(*self._kinds[group.partition(" ")[0]])
        return self[group]


def _none() -> tuple[set[int], deque[int]]:
    return set(), deque()
