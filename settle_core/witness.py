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

from settle_core import subset
from settle_core.explanation import (
    UNEXPLAINED_ROWS,
    Cost,
    Explanation,
    Judged,
    Row,
    blamed,
    place,
)

# Search effort per unit, in states; beyond it the order of recording is taken as it stands.
STATES_MAX: Final = 4000
FLOATING_MAX: Final = 6
ALTERNATIVES_MAX: Final = 16


def explain(rows: Sequence[Row], skew_us: int, start: int = 0) -> Explanation:
    """Explain a unit under the `sum` policy.

    Args:
        rows: the late rows of an account's day, or week.
        skew_us: rows closer than this may have been written in either order.
        start: the unit's residual before the first row, minor units.
    """
    return _Search(sorted(rows, key=place), skew_us, start).run()


@dataclass
class _Step:
    cost: Cost
    # (previous state, counter, entries placed before it), one for each equally cheap way.
    ways: list[tuple[int, int, int]]


class _Search:
    """Shortest path over sets of placed rows (bit masks): each step places one counter-entry.

    After a counter-entry nothing is owed, so what is placed is all there is to know of a state.
    """

    def __init__(self, rows: list[Row], skew_us: int, start: int) -> None:
        self.rows = rows
        self.start = start
        self.skew_us = skew_us
        indices = range(len(rows))
        self.counters = [i for i in indices if rows[i].is_counter]
        self.counter_mask = sum(1 << i for i in self.counters)
        self.all = (1 << len(rows)) - 1
        # Rows that stand before row i by the clocks.
        self.forced = []
        first_free = 0
        for i in indices:
            while self._is_before(rows[first_free], rows[i]):
                first_free += 1
            self.forced.append((1 << first_free) - 1)

    def _is_before(self, row: Row, other: Row) -> bool:
        gap = other.recorded_us - row.recorded_us
        return gap >= self.skew_us and gap > 0

    def run(self) -> Explanation:
        steps = {0: _Step(Cost(), [])}
        queue: list[tuple[Cost, int]] = [(Cost(), 0)]
        closed: set[int] = set()
        ends: list[tuple[Cost, int]] = []
        while queue:
            cost, mask = heappop(queue)
            if mask in closed:
                continue
            if ends and ends[0][0] < cost:
                break
            if len(closed) > STATES_MAX:
                return self._as_recorded()
            closed.add(mask)
            if mask & self.counter_mask == self.counter_mask:
                missing = subset.uncountered(self._left(mask))
                ends.append((cost.plus(len(missing), 0, 0, 0), mask))
                ends.sort()
                continue
            for counter, entries in self._moves(mask):
                after = mask | entries | 1 << counter
                cost_after = cost.plus(*self._judge(mask, counter, entries)[1])
                known = steps.get(after)
                if known is None or cost_after < known.cost:
                    steps[after] = _Step(cost_after, [(mask, counter, entries)])
                    heappush(queue, (cost_after, after))
                elif cost_after == known.cost:
                    known.ways.append((mask, counter, entries))
        return self._best(steps, ends)

    def _moves(self, mask: int) -> Iterator[tuple[int, int]]:
        """Each counter-entry that may come next, with each set of entries that may precede it."""
        for counter in self.counters:
            if mask >> counter & 1:
                continue
            forced = self.forced[counter] & ~mask
            if forced & self.counter_mask:
                return
            base = forced
            free = [
                i
                for i in range(len(self.rows))
                if not (mask | base) >> i & 1
                and not self.rows[i].is_counter
                and not self._is_before(self.rows[counter], self.rows[i])
                and not self.forced[i] & ~mask & self.counter_mask
            ]
            for chosen in self._choices(counter, base, free):
                if all(
                    not self.forced[i] & ~(mask | base | chosen) for i in free if chosen >> i & 1
                ):
                    yield counter, base | chosen

    def _choices(self, counter: int, base: int, free: list[int]) -> Iterator[int]:
        """Subsets of the free entries: all of a few, of many those that could make it right."""
        if len(free) <= FLOATING_MAX:
            for size in range(len(free) + 1):
                for chosen in combinations(free, size):
                    yield sum(1 << i for i in chosen)
            return
        seen = set()
        prefix = 0
        prefixes = [0]
        for i in free:
            prefix |= 1 << i
            prefixes.append(prefix)
        wanted = -self.rows[counter].amount - self._sum(base)
        few = (c for size in (1, 2) for c in combinations(free, size))
        hits = [
            sum(1 << i for i in c) for c in few if sum(self.rows[i].amount for i in c) == wanted
        ]
        for choice in (*hits, *prefixes):
            if choice not in seen:
                seen.add(choice)
                yield choice

    def _sum(self, mask: int) -> int:
        return sum(self.rows[i].amount for i in _bits(mask))

    def _judge(
        self, mask: int, counter: int, entries: int
    ) -> tuple[Judged, tuple[int, int, int, int]]:
        rows, row = self.rows, self.rows[counter]
        owed = -self._sum(entries)
        placed = mask | entries
        residual = self.start + self._sum(placed)
        overturned = displaced = 0
        for i, other in enumerate(rows):
            is_later = not placed >> i & 1 and i != counter
            if other.is_counter:
                overturned += is_later and 0 < other.rank < row.rank
            else:
                gap = other.recorded_us - row.recorded_us
                displaced += gap < 0 if is_later else gap > 0
        if row.amount == owed:
            return Judged(row, "right", owed), (overturned, 0, overturned, displaced)
        if row.amount == -residual:
            return Judged(row, "compensating", owed), (overturned, 0, overturned, displaced)
        before = [rows[i] for i in reversed(_bits(placed))]
        unseen = subset.unseen(before, row, residual + row.amount)
        explained = any(other.is_counter for other in unseen)
        ids = tuple(other.entry_id for other in unseen)
        judged = Judged(row, "wrong" if explained else "unexplained", owed, ids)
        size = len(ids) or UNEXPLAINED_ROWS
        faults = 1 if explained else 2
        return judged, (faults + overturned, size, overturned, displaced)

    def _left(self, mask: int) -> list[Row]:
        return [self.rows[i] for i in _bits(self.all & ~mask)]

    def _best(self, steps: dict[int, _Step], ends: list[tuple[Cost, int]]) -> Explanation:
        cost = ends[0][0]
        paths: list[tuple[Judged, ...]] = []
        for end_cost, mask in ends:
            if end_cost == cost:
                paths += self._paths(steps, mask)
        # Among equals the order of recording.
        paths.sort(key=lambda path: [place(judged.row) for judged in path])
        sets = [blamed(path) for path in paths]
        others = tuple(dict.fromkeys(ids for ids in sets[1:] if ids != sets[0]))
        return Explanation(cost, paths[0], others)

    def _paths(self, steps: dict[int, _Step], end: int) -> list[tuple[Judged, ...]]:
        """The judged rows of each equally cheap way to `end`, the first found first."""
        paths: list[tuple[Judged, ...]] = []
        tail = self._tail(end)
        stack: list[tuple[int, tuple[Judged, ...]]] = [(end, tail)]
        while stack and len(paths) < ALTERNATIVES_MAX:
            mask, judged = stack.pop()
            if not mask:
                paths.append(judged)
                continue
            for before, counter, entries in reversed(steps[mask].ways):
                late = tuple(Judged(self.rows[i], "late", 0) for i in _bits(entries))
                head = (*late, self._judge(before, counter, entries)[0])
                stack.append((before, head + judged))
        return paths

    def _tail(self, mask: int) -> tuple[Judged, ...]:
        left = self._left(mask)
        missing = subset.uncountered(left)
        return tuple(
            Judged(row, "uncountered" if row.entry_id in missing else "late", 0) for row in left
        )

    def _as_recorded(self) -> Explanation:
        """The rows judged in the order of recording, for a unit too entangled to search."""
        mask = entries = 0
        cost = Cost()
        judged: list[Judged] = []
        for i in _bits(self.all):
            if not self.rows[i].is_counter:
                entries |= 1 << i
                continue
            verdict, price = self._judge(mask, i, entries)
            judged += [Judged(self.rows[k], "late", 0) for k in _bits(entries)]
            judged.append(verdict)
            cost = cost.plus(*price)
            mask |= entries | 1 << i
            entries = 0
        tail = self._tail(mask)
        cost = cost.plus(len(blamed(tail)), 0, 0, 0)
        return Explanation(cost, (*judged, *tail), is_exhausted=True)


def _bits(mask: int) -> list[int]:
    bits = []
    while mask:
        low = mask & -mask
        bits.append(low.bit_length() - 1)
        mask ^= low
    return bits
