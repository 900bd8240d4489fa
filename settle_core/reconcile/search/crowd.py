"""A crowd: more late rows than every order of could be tried; only orders near that of recording.

First for one in which every counter-entry is right, or takes back what an earlier one left; else
for one with few faults.
"""

from collections.abc import Iterator, Mapping
from heapq import heappop, heappush, nsmallest
from itertools import accumulate, islice
from operator import or_
from typing import Final, NamedTuple

from settle_core.reconcile.search.model import Cost, Explanation
from settle_core.reconcile.search.ordering import Lineup, Move, bits, free_before

# How many places a row may be away from its own, in turn; and the effort for each, in moves.
WINDOWS: Final = (0, 1, 2, 4, 8, 16, 32, 64)
FAULTY_WINDOWS: Final = (2, 16)
CROWD_MOVES_MAX: Final = 6000
# With faults, so many sets are followed at a time, and so many counter-entries tried as wrong ones.
FOLLOWED_MAX: Final = 12
WRONG_MAX: Final = 3
PREFIXES_MAX: Final = 4
# Sets are formed of at most this many entries, the earliest that wait.
WAITING_MAX: Final = 16
SETS_MAX: Final = 32
# So many sets of waiting entries have their sums remembered.
HALVES_MAX: Final = 1000


def explain_crowd(line: Lineup) -> Explanation:
    """Explain a unit: evenly if any order near that of recording does, else with few faults."""
    found = [line.explanation(line.as_recorded(), is_exhausted=True)]
    sets = _Sets(line)
    for window in WINDOWS:
        if window <= 2 * len(line.rows) and (moves := _EvenSearch(line, sets, window).run()):
            explanation = line.explanation(moves)
            if explanation.cost.faults == explanation.cost.overturned:
                return explanation
            found.append(explanation)
    for window in FAULTY_WINDOWS:
        found.append(line.explanation(_Following(line, sets, window).run(), is_exhausted=True))
        least = min(found, key=lambda explanation: explanation.cost)
        if least.cost.faults - least.cost.overturned <= 1:  # no order is even, so one must be
            return least
    return least


class _Sets:
    """Sets of entries by their sum, remembered: the same ones are asked for again and again."""

    def __init__(self, line: Lineup) -> None:
        self._line = line
        # By the first entry and the set from there on, which is short.
        self._halves: dict[tuple[int, int], tuple[dict[int, list[int]], list[tuple[int, int]]]] = {}
        self._found: dict[tuple[int, int, int], list[int]] = {}

    def of_sum(self, free: int, wanted: int) -> list[int]:
        """Sets of the earliest of some entries with a sum: met in the middle, half each."""
        first = max((free & -free).bit_length() - 1, 0)
        key = first, free >> first
        known = self._found.get((*key, wanted))
        if known is None:
            if key not in self._halves:
                if len(self._halves) >= HALVES_MAX:
                    self._halves.clear()
                    self._found.clear()
                self._halves[key] = self._in_halves(*key)
            left, right = self._halves[key]
            every = (chosen | o for total, chosen in right for o in left.get(wanted - total, ()))
            known = self._found[*key, wanted] = sorted(every)[:SETS_MAX]
        return [chosen << first for chosen in known]

    def _in_halves(
        self, first: int, free: int
    ) -> tuple[dict[int, list[int]], list[tuple[int, int]]]:
        """The sums of the sets of either half, with those sets, counted from the first entry."""
        equal: dict[int, list[int]] = {}
        for i in bits(free)[:WAITING_MAX]:
            equal.setdefault(self._line.rows[first + i].amount, []).append(i)
        groups = list(equal.items())
        middle = len(groups) // 2
        left: dict[int, list[int]] = {}
        for total, chosen in _sums(groups[:middle]):
            left.setdefault(total, []).append(chosen)
        return left, _sums(groups[middle:])


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


class _Moves:
    """What may come next, where a row is at most some places away from its own."""

    def __init__(self, line: Lineup, sets: _Sets, window: int) -> None:
        self.line = line
        self.sets = sets
        self.window = window
        self.forced = [max(count, i - window) for i, count in enumerate(line.forced)]
        self.entries = line.all & ~line.counter_mask

    def _places(self, mask: int) -> Iterator[tuple[int, int, int]]:
        """Each counter-entry that may come next, the entries before it, and those that may be."""
        left = rest = self.line.counter_mask & ~mask
        first = (left & -left).bit_length() - 1
        free = free_before(self.forced, first, self.entries) & ~mask
        while rest:  # in turn: mostly only the first few may come
            counter = (rest & -rest).bit_length() - 1
            rest &= rest - 1
            forced = (1 << self.forced[counter]) - 1 & ~mask
            if forced & left:
                return
            reach = (1 << counter + self.window + 1) - 1
            yield counter, forced, reach & free & ~forced

    def even(self, mask: int) -> Iterator[Move]:
        """Moves after which the counter-entry is right, or compensating."""
        line = self.line
        for counter, forced, free in self._places(mask):
            owed = -line.sum(forced) - line.rows[counter].amount
            wanted = {owed, owed - line.start - line.sum(mask)}
            if not mask & line.history:
                wanted.add(owed - line.start)
            for total in wanted:
                for chosen in self.sets.of_sum(free, total):
                    yield line.move(mask, counter, forced | chosen)
            if line.rounding:
                prefixes = _prefixes(counter, forced, free)
                moves = (line.move(mask, counter, entries) for entries in prefixes)
                yield from filter(line.is_even, moves)

    def wrong(self, mask: int) -> Iterator[Move]:
        """Moves of what was recorded before a counter-entry, but for the last few entries."""
        for counter, forced, free in islice(self._places(mask), WRONG_MAX):
            for prefix in _prefixes(counter, forced, free):
                move = self.line.move(mask, counter, prefix)
                if not self.line.is_even(move):
                    yield move


def _prefixes(counter: int, forced: int, free: int) -> list[int]:
    """What was recorded before a counter-entry, but for the last few of the entries."""
    earlier = bits(free & (1 << counter) - 1)
    prefixes = accumulate((1 << i for i in earlier), or_, initial=forced)
    return list(prefixes)[-PREFIXES_MAX:]


class _Reached(NamedTuple):
    """A set of placed rows, how many counter-entries are left, and the move that led there."""

    left: int
    cost: Cost
    mask: int
    move: Move | None


class _EvenSearch(_Moves):
    """The way to place all counter-entries without a fault, going deep first."""

    def run(self) -> list[Move]:
        """The moves, none if the effort did not suffice."""
        came: dict[int, Move] = {}
        queue = [_Reached(len(self.line.counters), Cost(), 0, None)]
        moves = 0
        while queue and moves < CROWD_MOVES_MAX:
            here = heappop(queue)
            if here.mask in came:
                continue
            if here.move is not None:
                came[here.mask] = here.move
                self.line.go(here.move)
            if not here.left:
                return _path(came, here.mask)
            for move in self.even(here.mask):
                moves += 1
                cost = here.cost.plus(*self.line.disorder(move))
                heappush(queue, _Reached(here.left - 1, cost, move.after, move))
        return []


class _Step(NamedTuple):
    """A move that was followed, short: the step before, the counter-entry, the entries from one on.

    `before` is None for the first one.
    """

    before: "_Step | None"
    counter: int
    first: int
    entries: int


class _Following(_Moves):
    """A way to place all counter-entries with few faults, the likeliest sets followed in step."""

    def run(self) -> Iterator[Move]:
        """The moves."""
        here = {0: Cost()}
        steps: dict[int, _Step | None] = {0: None}
        for _ in self.line.counters:
            there: dict[int, tuple[Cost, Move]] = {}
            for mask, cost in here.items():
                for move in self.even(mask):
                    _reach(there, cost.plus(*self.line.disorder(move)), move)
            for cost, move in self._wrong(here):
                _reach(there, cost, move)
            best = nsmallest(FOLLOWED_MAX, there.values())
            for _, move in best:
                self.line.go(move)
            here = {move.after: cost for cost, move in best}
            steps = {move.after: _step(steps[move.before], move) for _, move in best}
        return _moves(steps[min(here, key=lambda mask: here[mask])])

    def _wrong(self, here: Mapping[int, Cost]) -> Iterator[tuple[Cost, Move]]:
        """The cheapest moves that leave a counter-entry wrong."""
        line = self.line
        # At least one fault and one unseen row; which, is looked up where it matters.
        least = [
            (cost.plus(*line.disorder(move)).plus(1, 1, 0, 0), move)
            for mask, cost in here.items()
            for move in self.wrong(mask)
        ]
        for _, move in nsmallest(2 * FOLLOWED_MAX, least):
            yield here[move.before].plus(*line.judge(move)[1]), move


def _reach(there: dict[int, tuple[Cost, Move]], cost: Cost, move: Move) -> None:
    known = there.get(move.after)
    if known is None or (cost, move) < known:
        there[move.after] = cost, move


def _step(before: _Step | None, move: Move) -> _Step:
    first = max((move.entries & -move.entries).bit_length() - 1, 0)
    return _Step(before, move.counter, first, move.entries >> first)


def _moves(last: _Step | None) -> Iterator[Move]:
    """The moves up to a step."""
    steps: list[_Step] = []
    while last is not None:
        steps.append(last)
        last = last.before
    mask = 0
    for step in reversed(steps):
        move = Move(mask, step.counter, step.entries << step.first)
        yield move
        mask = move.after


def _path(came: Mapping[int, Move], mask: int) -> list[Move]:
    path: list[Move] = []
    while mask:  # the set before all moves is empty
        path.append(came[mask])
        mask = path[-1].before
    return path[::-1]
