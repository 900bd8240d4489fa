"""Units of many late rows within moments of each other: searched near the order of recording.

Every order within the clocks' skew is too many. Rows were committed nearly in the order in which
they were recorded, so first orders are tried in which no row is far from its place: one that
explains everything is taken. Otherwise the fault is looked for near that order.
"""

from collections.abc import Iterable, Iterator
from heapq import heapify, heappop, heappush, nsmallest
from itertools import accumulate
from operator import or_
from typing import Final, NamedTuple

from settle_core.explanation import Cost, Explanation
from settle_core.lineup import Lineup, Move, bits

# How many places a row may be away from its own, in turn; and the effort for each, in moves.
WINDOWS: Final = (0, 1, 2, 4, 8, 16, 32, 64)
FAULTY_WINDOWS: Final = (2, 16)
MOVES_MAX: Final = 6000
# How many of the deepest sets reached a wrong counter-entry is looked for behind.
DEEPEST: Final = 12
PREFIXES_MAX: Final = 4
FAULTS_MAX: Final = 8
# Sets are formed of at most this many entries, the earliest that wait.
WAITING_MAX: Final = 16
SETS_MAX: Final = 32


def explain(line: Lineup) -> Explanation:
    """Explain a unit: evenly if any order near that of recording does, else with few faults."""
    found = [line.explanation(list(line.as_recorded()), is_exhausted=True)]
    for window in WINDOWS:
        if window <= 2 * len(line.rows) and (moves := _Search(line, window, 0).run()):
            explanation = line.explanation(moves)
            if explanation.cost.faults == explanation.cost.overturned:
                return explanation
            found.append(explanation)
    for window in FAULTY_WINDOWS:
        least = min(found, key=lambda explanation: explanation.cost)
        faults = least.cost.faults - least.cost.overturned
        if faults <= 1:  # no order is even, so one there must be
            return least
        if moves := _Search(line, window, min(faults - 1, FAULTS_MAX)).run():
            found.append(line.explanation(moves, is_exhausted=True))
    return min(found, key=lambda explanation: explanation.cost)


class _Reached(NamedTuple):
    """A set of placed rows, how many counter-entries are left, and the move that led there."""

    left: int
    cost: Cost
    mask: int
    move: Move | None


class _Search:
    """The way to place all counter-entries with the fewest faults, going deep first."""

    def __init__(self, line: Lineup, window: int, faults_max: int) -> None:
        self.line = line
        self.window = window
        self.faults_max = faults_max
        self.forced = [f | (1 << max(i - window, 0)) - 1 for i, f in enumerate(line.forced)]

    def run(self) -> list[Move]:
        """The moves, none if the effort did not suffice."""
        came: dict[int, Move] = {}
        queue = [_Reached(len(self.line.counters), Cost(), 0, None)]
        for faults in range(self.faults_max + 1):
            reached = self._evenly(queue, came)
            if reached and not reached[-1].left:
                return self._path(came, reached[-1].mask)
            if faults < self.faults_max:
                # Not far from where no even move is left, a counter-entry is wrong.
                queue = [w for r in nsmallest(DEEPEST, reached) for w in self._wrong(r)]
                heapify(queue)
        return []

    def _evenly(self, queue: list[_Reached], came: dict[int, Move]) -> list[_Reached]:
        """What even moves reach, as deep as they go; the last one is the end if they come there."""
        reached: list[_Reached] = []
        moves = 0
        while queue and moves < MOVES_MAX:
            here = heappop(queue)
            if here.mask in came:
                continue
            if here.move is not None:
                came[here.mask] = here.move
            reached.append(here)
            if not here.left:
                break
            for move in self._moves(here.mask, is_even=True):
                moves += 1
                cost = here.cost.plus(*self.line.disorder(move))
                heappush(queue, _Reached(here.left - 1, cost, move.after, move))
        return reached

    def _wrong(self, here: _Reached) -> Iterator[_Reached]:
        for move in self._moves(here.mask, is_even=False):
            cost = here.cost.plus(*self.line.judge(move)[1])
            yield _Reached(here.left - 1, cost, move.after, move)

    def _path(self, came: dict[int, Move], mask: int) -> list[Move]:
        path: list[Move] = []
        while mask:  # the set before all moves is empty
            path.append(came[mask])
            mask = path[-1].before
        return path[::-1]

    def _moves(self, mask: int, *, is_even: bool) -> Iterator[Move]:
        line = self.line
        for counter in line.counters:
            if mask >> counter & 1:
                continue
            forced = self.forced[counter] & ~mask
            if forced & line.counter_mask:
                return
            reach = (1 << counter + self.window + 1) - 1
            waiting = reach & line.all & ~(mask | forced | line.counter_mask)
            free = [i for i in bits(waiting) if not self.forced[i] & ~mask & line.counter_mask]
            choices = self._even_sets if is_even else self._recorded_sets
            for chosen in choices(mask, counter, forced, free):
                yield Move(mask, counter, forced | chosen)

    def _even_sets(self, mask: int, counter: int, forced: int, free: list[int]) -> Iterable[int]:
        """Sets of free entries after which the counter-entry is right, or compensating."""
        line = self.line
        owed = -line.sum(forced) - line.rows[counter].amount
        wanted = {owed, owed - line.start - line.sum(mask)}
        return [s for total in wanted for s in _sets(line, free, total)]

    def _recorded_sets(
        self, mask: int, counter: int, forced: int, free: list[int]
    ) -> Iterable[int]:
        """What was recorded before the counter-entry, but for the last few entries, if not even."""
        prefixes = accumulate((1 << i for i in free if i < counter), or_, initial=0)
        for prefix in list(prefixes)[-PREFIXES_MAX:]:
            if not self.line.is_even(Move(mask, counter, forced | prefix)):
                yield prefix


def _sets(line: Lineup, free: list[int], wanted: int) -> list[int]:
    """Sets of the earliest free entries with the sum `wanted`: met in the middle, half each."""
    equal: dict[int, list[int]] = {}
    for i in free[:WAITING_MAX]:
        equal.setdefault(line.rows[i].amount, []).append(i)
    groups = list(equal.items())
    middle = len(groups) // 2
    left: dict[int, list[int]] = {}
    for total, chosen in _sums(groups[:middle]):
        left.setdefault(total, []).append(chosen)
    found = []
    for total, chosen in _sums(groups[middle:]):
        found += [chosen | other for other in left.get(wanted - total, ())]
    return sorted(found)[:SETS_MAX]


def _sums(groups: list[tuple[int, list[int]]]) -> list[tuple[int, int]]:
    """Sums and sets of entries in groups of one amount, of each the earliest ones."""
    sums = [(0, 0)]
    for amount, equal in groups:
        some, chosen = [(0, 0)], 0
        for count, i in enumerate(equal, start=1):
            chosen |= 1 << i
            some.append((count * amount, chosen))
        sums = [(total + more, known | taken) for total, known in sums for more, taken in some]
    return sums
