"""What the writer of each counter-entry saw: the cheapest explanation of one unit's late rows.

A counter-entry of the `sum` policy is its own witness: it was made from the sum that its writer
read, so its amount tells which rows that sum held. Under the `delta` policy it answers one late
entry. Clocks and ids give the order of commits only roughly, so an explanation chooses any order
that they allow, and the one with the fewest faults wins.

Of two counter-entries that did not see each other, either could be blamed. The later id is: an
explanation that turns the order of two ids round pays for it as for a fault, so it may free a unit
of accusations, but not just move one.

The method, inferring what happened from what was observed, follows Elle (Kingsbury, Alvaro 2020).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush, nsmallest
from itertools import accumulate, combinations, islice
from operator import or_
from typing import Final, NamedTuple

from settle_core.reconcile.model import Cost, Explanation, Judged, Row, blamed
from settle_core.reconcile.ordering import Lineup, Move, bits

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


def explain_crowd(line: Lineup) -> Explanation:
    """Explain a unit: evenly if any order near that of recording does, else with few faults."""
    found = [line.explanation(list(line.as_recorded()), is_exhausted=True)]
    for window in WINDOWS:
        if window <= 2 * len(line.rows) and (moves := _EvenSearch(line, window).run()):
            explanation = line.explanation(moves)
            if explanation.cost.faults == explanation.cost.overturned:
                return explanation
            found.append(explanation)
    for window in FAULTY_WINDOWS:
        found.append(line.explanation(_Following(line, window).run(), is_exhausted=True))
        least = min(found, key=lambda explanation: explanation.cost)
        if least.cost.faults - least.cost.overturned <= 1:  # no order is even, so one must be
            return least
    return least


class _Moves:
    """What may come next, where a row is at most some places away from its own."""

    def __init__(self, line: Lineup, window: int) -> None:
        self.line = line
        self.window = window
        self.forced = [f | (1 << max(i - window, 0)) - 1 for i, f in enumerate(line.forced)]

    def _places(self, mask: int) -> Iterator[tuple[int, int, list[int]]]:
        """Each counter-entry that may come next, the entries before it, and those that may be."""
        line = self.line
        for counter in line.counters:
            if mask >> counter & 1:
                continue
            forced = self.forced[counter] & ~mask
            if forced & line.counter_mask:
                return
            reach = (1 << counter + self.window + 1) - 1
            waiting = reach & line.all & ~(mask | forced | line.counter_mask)
            yield (
                counter,
                forced,
                [i for i in bits(waiting) if not self.forced[i] & ~mask & line.counter_mask],
            )

    def even(self, mask: int) -> Iterator[Move]:
        """Moves after which the counter-entry is right, or compensating."""
        line = self.line
        for counter, forced, free in self._places(mask):
            owed = -line.sum(forced) - line.rows[counter].amount
            wanted = {owed, owed - line.start - line.sum(mask)}
            if not mask & line.history:
                wanted.add(owed - line.start)
            for total in wanted:
                for chosen in _sets(line, free, total):
                    yield line.move(mask, counter, forced | chosen)

    def wrong(self, mask: int) -> Iterator[Move]:
        """Moves of what was recorded before a counter-entry, but for the last few entries."""
        for counter, forced, free in islice(self._places(mask), WRONG_MAX):
            prefixes = accumulate((1 << i for i in free if i < counter), or_, initial=0)
            for prefix in list(prefixes)[-PREFIXES_MAX:]:
                move = self.line.move(mask, counter, forced | prefix)
                if not self.line.is_even(move):
                    yield move


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
            if not here.left:
                return _path(came, here.mask)
            for move in self.even(here.mask):
                moves += 1
                cost = here.cost.plus(*self.line.disorder(move))
                heappush(queue, _Reached(here.left - 1, cost, move.after, move))
        return []


class _Following(_Moves):
    """A way to place all counter-entries with few faults, the likeliest sets followed in step."""

    def run(self) -> list[Move]:
        """The moves."""
        came: dict[int, Move] = {}
        here = {0: Cost()}
        for _ in self.line.counters:
            there: dict[int, tuple[Cost, Move]] = {}
            for mask, cost in here.items():
                for move in self.even(mask):
                    _reach(there, cost.plus(*self.line.disorder(move)), move)
            for cost, move in self._wrong(here):
                _reach(there, cost, move)
            best = nsmallest(FOLLOWED_MAX, there.values())
            came |= {move.after: move for _, move in best}
            here = {move.after: cost for cost, move in best}
        return _path(came, min(here, key=lambda mask: here[mask]))

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


def _path(came: Mapping[int, Move], mask: int) -> list[Move]:
    path: list[Move] = []
    while mask:  # the set before all moves is empty
        path.append(came[mask])
        mask = path[-1].before
    return path[::-1]


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


# Up to this many rows every order is tried that the clocks allow.
ROWS_MAX: Final = 12
# Search effort, in moves; beyond it only orders near that of recording are tried.
MOVES_MAX: Final = 40_000
FLOATING_MAX: Final = 6
ALTERNATIVES_MAX: Final = 16


def explain(rows: Sequence[Row], skew_us: int, start: int = 0) -> Explanation:
    """Explain a unit under the `sum` policy.

    Args:
        rows: the late rows of an account's day, or week.
        skew_us: rows closer than this may have been written in either order.
        start: the unit's residual before the first row, minor units.
    """
    line = Lineup(rows, skew_us, start)
    if len(rows) > ROWS_MAX:
        near = explain_crowd(line)
        if near.cost.faults == near.cost.overturned:
            return near
        exact = _Search(line).run()
        return min((exact, near), key=lambda e: (e.cost, e.is_exhausted)) if exact else near
    return _Search(line).run() or explain_crowd(line)


@dataclass
class _Step:
    cost: Cost
    # One for each equally cheap way here.
    ways: list[Move]


class _Search:
    """Shortest path over sets of placed rows: each step places one counter-entry."""

    def __init__(self, line: Lineup) -> None:
        self.line = line
        self.steps = {0: _Step(Cost(), [])}
        # (cost, set, is it the least cost of the set, the move there if that is yet to be priced)
        self.queue: list[tuple[Cost, int, bool, Move | None]] = [(Cost(), 0, True, None)]

    def run(self) -> Explanation | None:
        """The cheapest explanation, None if the effort did not suffice."""
        line, closed, effort = self.line, set[int](), 0
        ends: list[tuple[Cost, int]] = []
        while self.queue:
            cost, mask, _, move = heappop(self.queue)
            if ends and ends[0][0] < cost:
                break
            if move is not None:
                self._reach(self.steps[move.before].cost.plus(*line.judge(move)[1]), mask, move)
                continue
            if mask in closed:
                continue
            closed.add(mask)
            if mask & line.counter_mask == line.counter_mask:
                ends.append((cost.plus(len(blamed(line.tail(mask))), 0, 0, 0), mask))
                ends.sort()
                continue
            for after in self._moves(mask):
                effort += 1
                if effort > MOVES_MAX:
                    return None
                least = cost.plus(*line.disorder(after))
                if line.is_even(after):
                    self._reach(least, after.after, after)
                else:
                    # At least one fault and one unseen row; which, is looked up when it matters.
                    heappush(self.queue, (least.plus(1, 1, 0, 0), after.after, False, after))
        return self._best(ends)

    def _reach(self, cost: Cost, mask: int, move: Move) -> None:
        known = self.steps.get(mask)
        if known is None or cost < known.cost:
            self.steps[mask] = _Step(cost, [move])
            heappush(self.queue, (cost, mask, True, None))
        elif cost == known.cost:
            known.ways.append(move)

    def _moves(self, mask: int) -> Iterator[Move]:
        """Each counter-entry that may come next, with each set of entries that may precede it."""
        line = self.line
        for counter in line.counters:
            if mask >> counter & 1:
                continue
            forced = line.forced[counter] & ~mask
            if forced & line.counter_mask:
                return
            free = [
                i
                for i in range(len(line.rows))
                if not (mask | forced | line.counter_mask) >> i & 1
                and not line.forced[i] >> counter & 1
                and not line.forced[i] & ~mask & line.counter_mask
            ]
            for chosen in self._choices(counter, forced, free):
                placed = mask | forced | chosen
                if all(not line.forced[i] & ~placed for i in free if chosen >> i & 1):
                    yield line.move(mask, counter, forced | chosen)

    def _choices(self, counter: int, base: int, free: list[int]) -> Iterator[int]:
        """Subsets of the free entries: all of a few, of many those that could make it right."""
        line = self.line
        if len(free) <= FLOATING_MAX:
            for size in range(len(free) + 1):
                for chosen in combinations(free, size):
                    yield sum(1 << i for i in chosen)
            return
        prefix = 0
        prefixes = [0]
        for i in free:
            prefix |= 1 << i
            prefixes.append(prefix)
        wanted = -line.rows[counter].amount - line.sum(base)
        few = (c for size in (1, 2) for c in combinations(free, size))
        hits = [
            sum(1 << i for i in c)
            for c in few
            if sum(line.rows[i].amount for i in c) in {wanted, wanted - line.start}
        ]
        yield from dict.fromkeys((*hits, *prefixes))

    def _best(self, ends: list[tuple[Cost, int]]) -> Explanation:
        cost = ends[0][0]
        paths: list[tuple[Judged, ...]] = []
        for end_cost, mask in ends:
            if end_cost == cost:
                paths += self._paths(mask)
        sets = [blamed(path) for path in paths]
        others = tuple(dict.fromkeys(ids for ids in sets[1:] if ids != sets[0]))
        return Explanation(cost, paths[0], others)

    def _paths(self, end: int) -> list[tuple[Judged, ...]]:
        """The judged rows of each equally cheap way to `end`, the first found first."""
        paths: list[tuple[Judged, ...]] = []
        stack: list[tuple[int, tuple[Judged, ...]]] = [(end, self.line.tail(end))]
        while stack and len(paths) < ALTERNATIVES_MAX:
            mask, judged = stack.pop()
            if not mask:
                paths.append(judged)
                continue
            ways = reversed(self.steps[mask].ways)
            stack += [(move.before, self.line.tell(move) + judged) for move in ways]
        return paths
