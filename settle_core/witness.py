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

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import combinations
from typing import Final

from settle_core import crowd
from settle_core.explanation import Cost, Explanation, Judged, Row, blamed
from settle_core.lineup import Lineup, Move

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
        near = crowd.explain(line)
        if near.cost.faults == near.cost.overturned:
            return near
        exact = _Search(line).run()
        return min((exact, near), key=lambda e: (e.cost, e.is_exhausted)) if exact else near
    return _Search(line).run() or crowd.explain(line)


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
                    yield Move(mask, counter, forced | chosen)

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
            sum(1 << i for i in c) for c in few if sum(line.rows[i].amount for i in c) == wanted
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
