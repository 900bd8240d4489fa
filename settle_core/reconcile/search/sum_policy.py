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

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush
from itertools import combinations
from typing import Final, NamedTuple

from settle_core.reconcile.search.crowd import explain_crowd
from settle_core.reconcile.search.model import Cost, Explanation, Judged, Row, blamed
from settle_core.reconcile.search.ordering import Lineup, Move, bits, free_before
from settle_core.reconcile.search.rounding import Rounding

# More faults than any story has.
FAULTS_MAX: Final = 1 << 62
# Up to this many rows every order is tried that the clocks allow.
ROWS_MAX: Final = 12
# Search effort, in moves; beyond it only orders near that of recording are tried.
MOVES_MAX: Final = 40_000
FLOATING_MAX: Final = 6
ALTERNATIVES_MAX: Final = 16


def explain(
    rows: Sequence[Row], skew_us: int, start: int = 0, rounding: Rounding | None = None
) -> Explanation:
    """Explain a unit under the `sum` policy.

    Args:
        rows: the late rows of an account's day, or week.
        skew_us: rows closer than this may have been written in either order.
        start: the unit's residual before the first row, minor units.
        rounding: of its counter-entries.
    """
    line = Lineup(rows, skew_us, start, rounding)
    if len(rows) > ROWS_MAX:
        near = explain_crowd(line)
        if near.cost.faults == near.cost.overturned:
            return near
        return _Search(line, near.cost).run() or near
    return _Search(line).run() or explain_crowd(line)


@dataclass
class _Step:
    cost: Cost
    # One for each equally cheap way here.
    ways: list[Move]


class _Choices(NamedTuple):
    """Sets of entries that may stand between what is placed and a counter-entry.

    Attributes:
        sets: with the sum of each.
        of_sum: their positions among the sets, by that sum.
    """

    sets: list[tuple[int, int]]
    of_sum: dict[int, list[int]]


class _Search:
    """Shortest path over sets of placed rows: each step places one counter-entry."""

    def __init__(self, line: Lineup, most: Cost | None = None) -> None:
        """Search; what costs more than `most` is not wanted."""
        self.line = line
        self.most = most or Cost(FAULTS_MAX)
        self.steps = {0: _Step(Cost(), [])}
        # (cost, set, is it the least cost of the set, the move there if that is yet to be priced)
        self.queue: list[tuple[Cost, int, bool, Move | None]] = [(Cost(), 0, True, None)]
        self.entries = line.all & ~line.counter_mask
        self._known: dict[tuple[int, ...], _Choices] = {}

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
            for counter, choices in self._turns(mask):
                effort += len(choices.sets)
                if effort > MOVES_MAX:
                    return None
                self._place(cost, mask, counter, choices)
        return self._best(ends) if ends and ends[0][0] <= self.most else None

    def _place(self, cost: Cost, mask: int, counter: int, choices: _Choices) -> None:
        """Follow a set by a counter-entry, after each choice of entries."""
        line, most = self.line, self.most
        owed = -line.rows[counter].amount
        even = {owed, owed - line.start - line.sum(mask)}
        if not mask & line.history:
            even.add(owed - line.start)
        lower, earlier, later = line.around(counter)
        lower, earlier = lower & ~mask, earlier & ~mask
        behind = (later & mask).bit_count()
        if cost.faults < most.faults:
            chosen: Iterable[tuple[int, int]] = choices.sets
        else:  # there is no room for a fault
            if line.rounding:
                even |= {t for t in choices.of_sum if line.is_rounded(mask, counter, t)}
            places = sorted(k for total in even for k in choices.of_sum.get(total, ()))
            chosen = [choices.sets[k] for k in places]
        for entries, total in chosen:
            # At least one fault and one unseen row; which, is looked up when it matters.
            wrong = total not in even
            if wrong and line.rounding:
                wrong = not line.is_rounded(mask, counter, total)
            overturned = (lower & ~entries).bit_count()
            faults = cost.faults + overturned + wrong
            if faults > most.faults:
                continue
            displaced = behind + (earlier & ~entries).bit_count() + (later & entries).bit_count()
            least = Cost(
                faults,
                cost.unseen + wrong,
                cost.overturned + overturned,
                cost.displaced + displaced,
            )
            if least <= most:
                move = line.move(mask, counter, entries)
                if wrong:
                    heappush(self.queue, (least, move.after, False, move))
                else:
                    self._reach(least, move.after, move)

    def _reach(self, cost: Cost, mask: int, move: Move) -> None:
        known = self.steps.get(mask)
        if known is None or cost < known.cost:
            self.steps[mask] = _Step(cost, [move])
            heappush(self.queue, (cost, mask, True, None))
        elif cost == known.cost:
            known.ways.append(move)

    def _turns(self, mask: int) -> Iterator[tuple[int, _Choices]]:
        """Each counter-entry that may come next, with each set of entries that may precede it."""
        line = self.line
        left = rest = line.counter_mask & ~mask
        first = (left & -left).bit_length() - 1
        waiting = free_before(line.forced, first, self.entries) & ~mask
        while rest:
            counter = (rest & -rest).bit_length() - 1
            rest &= rest - 1
            forced = (1 << line.forced[counter]) - 1 & ~mask
            if forced & left:
                return
            free = waiting & ~forced
            is_crowd = free.bit_count() > FLOATING_MAX
            key = (forced, free, mask & ~line.counter_mask, counter if is_crowd else -1)
            if key not in self._known:
                self._known[key] = self._choices(mask, counter, forced, bits(free))
            yield counter, self._known[key]

    def _choices(self, mask: int, counter: int, forced: int, free: list[int]) -> _Choices:
        line = self.line
        sets: list[tuple[int, int]] = []
        of_sum: dict[int, list[int]] = {}
        for chosen in self._subsets(counter, forced, free):
            placed = mask | forced | chosen
            if all(not (1 << line.forced[i]) - 1 & ~placed for i in free if chosen >> i & 1):
                total = line.sum(forced | chosen)
                of_sum.setdefault(total, []).append(len(sets))
                sets.append((forced | chosen, total))
        return _Choices(sets, of_sum)

    def _subsets(self, counter: int, base: int, free: list[int]) -> Iterator[int]:
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
