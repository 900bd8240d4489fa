"""The late rows of a unit in line: who may stand before whom, and what a counter-entry is there.

Sets of rows are bit masks, bit i standing for the i-th row recorded. After a counter-entry nothing
is owed, so the set of the rows placed is all there is to know of a walk up to it. Of many rows a
mask is long: none is kept for each row, and of those that were met only the latest.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import Any, Final, NamedTuple

import numpy as np

from settle_core.reconcile.search import subset_sum
from settle_core.reconcile.search.missed import Missed
from settle_core.reconcile.search.model import (
    UNEXPLAINED_ROWS,
    Cost,
    Explanation,
    Judged,
    Row,
    blamed,
    place,
)
from settle_core.reconcile.search.rounding import Rounding

# So many sums, and as many of what else is asked again, are remembered.
KEPT_MAX: Final = 10_000


class Move(NamedTuple):
    """A counter-entry placed next, after some entries; the set of rows placed before and after.

    Among `entries` may be `Lineup.history`: the counter-entry offsets what the unit was off by.
    """

    before: int
    counter: int
    entries: int

    @property
    def after(self) -> int:
        """The set of rows placed with it."""
        return self.before | self.entries | 1 << self.counter


class Lineup:
    """Rows in the order of recording, with the limits that their clocks set to any other order."""

    def __init__(
        self, rows: Sequence[Row], skew_us: int, start: int, rounding: Rounding | None = None
    ) -> None:
        """Compare all rows; `start` is the unit's residual before the first, minor units."""
        self.rows = sorted(rows, key=place)
        self.start = start
        self.rounding = rounding
        self.all = (1 << len(rows)) - 1
        # Stands in a set of rows for what the unit was off by at its settlement, once offset.
        self.history = 1 << len(rows)
        self.counters = [i for i, row in enumerate(self.rows) if row.is_counter]
        self.counter_mask = sum(1 << i for i in self.counters)
        self._amounts = [*(row.amount for row in self.rows), 0]
        self._sums: dict[int, int] = {}
        self._unseen: dict[tuple[int, int], tuple[Row, ...]] = {}
        self.forced = self._forced(skew_us)
        self._ranks = np.array([row.rank if row.is_counter else 0 for row in self.rows])
        self._clock = self._by_clock()
        self._around: dict[int, tuple[int, int, int]] = {}

    def _forced(self, skew_us: int) -> list[int]:
        """By row how many of the first ones stand before it by the clocks, the later the more."""
        forced = []
        first_free = 0
        for row in self.rows:
            while row.recorded_us - self.rows[first_free].recorded_us >= max(skew_us, 1):
                first_free += 1
            forced.append(first_free)
        return forced

    def _by_clock(self) -> tuple[list[int], list[int]]:
        """By row the first one of its instant, and the first one after it."""
        firsts: list[int] = []
        for i, row in enumerate(self.rows):
            is_new = not i or row.recorded_us != self.rows[i - 1].recorded_us
            firsts.append(i if is_new else firsts[-1])
        nexts = [0] * len(firsts)
        after = len(firsts)
        for i in reversed(range(len(firsts))):
            nexts[i] = after
            after = i if firsts[i] == i else after
        return firsts, nexts

    def around(self, counter: int) -> tuple[int, int, int]:
        """The counter-entries of a lower rank, the entries recorded before and after one."""
        found = self._around.get(counter)
        if found is None:
            _make_room(self._around)
            entries = self.all & ~self.counter_mask
            earlier = entries & (1 << self._clock[0][counter]) - 1
            later = entries >> self._clock[1][counter] << self._clock[1][counter]
            is_lower = (self._ranks > 0) & (self._ranks < self._ranks[counter])
            lower = int.from_bytes(np.packbits(is_lower, bitorder="little").tobytes(), "little")
            found = self._around[counter] = lower, earlier, later
        return found

    def sum(self, mask: int) -> int:
        """Sum of the amounts of a set, minor units."""
        found = self._sums.get(mask)
        if found is None:
            _make_room(self._sums)
            found = self._sums[mask] = sum([self._amounts[i] for i in bits(mask)])
        return found

    def go(self, move: Move) -> None:
        """Remember the sum after a move that is followed: it need not be added up anew."""
        if move.after not in self._sums:
            amount = self._amounts[move.counter]
            self._sums[move.after] = self.sum(move.before) + self.sum(move.entries) + amount

    def move(self, before: int, counter: int, entries: int) -> Move:
        """A counter-entry that goes beyond what was owed by minus what history left offsets that.

        Once: what is offset is not there any more.
        """
        if self.start and not before & self.history:
            beyond = self._amounts[counter] + self.sum(entries)
            entries |= self.history if beyond == -self.start else 0
        return Move(before, counter, entries)

    def is_even(self, move: Move) -> bool:
        """Whether the counter-entry is right, or compensating: nothing is held against it."""
        if move.entries & self.history:
            return True
        amount = self._amounts[move.counter]
        total = self.sum(move.entries)
        even = {-total, -total - self.start - self.sum(move.before)}
        return amount in even or self.is_rounded(move.before, move.counter, total)

    def is_rounded(self, before: int, counter: int, total: int) -> bool:
        """Whether a counter-entry is what entries of a sum were owed, or all is, rounded."""
        if self.rounding is None:
            return False
        left = total + self.sum(before)
        seen = {total, left, left + self.start}
        return any(self.rounding.fits(-each, self._amounts[counter]) for each in seen)

    def disorder(self, move: Move) -> Cost:
        """What the place of the counter-entry costs, whatever its amount."""
        placed = move.before | move.entries
        lower, earlier, later = self.around(move.counter)
        overturned = (lower & ~placed).bit_count()
        displaced = (earlier & ~placed).bit_count() + (later & placed).bit_count()
        return Cost(overturned, 0, overturned, displaced)

    def judge(self, move: Move) -> tuple[Judged, Cost]:
        """What the counter-entry is where it stands, and what saying so costs."""
        row = self.rows[move.counter]
        cost = self.disorder(move)
        owed = -self.sum(move.entries)
        residual = self.start + self.sum(move.before) - owed
        if row.amount == owed:
            return Judged(row, "right", owed), cost
        is_offset = row.amount == -residual or bool(move.entries & self.history)
        if self.rounding and self.is_rounded(move.before, move.counter, -owed):
            # Sums are off by less than a step before it, and it is after it.
            if abs(row.amount - owed) < 2 * self.rounding.step:
                return Judged(row, "rounded", owed), cost
            return Judged(row, "compensating" if is_offset else "absorbing", owed), cost
        if is_offset:
            return Judged(row, "compensating", owed), cost
        key = ((move.before | move.entries) & self.all, move.counter)
        unseen = self._unseen.get(key)
        if unseen is None:
            _make_room(self._unseen)
            unseen = self._unseen[key] = self._unseen_by(*key, residual, row.amount - owed)
        explained = any(other.is_counter for other in unseen)
        ids = tuple(other.entry_id for other in unseen)
        judged = Judged(row, "wrong" if explained else "unexplained", owed, ids)
        return judged, cost.plus(1 if explained else 2, len(ids) or UNEXPLAINED_ROWS, 0, 0)

    def _unseen_by(self, placed: int, counter: int, residual: int, apart: int) -> tuple[Row, ...]:
        """The rows that a writer did not see, of those placed before it."""
        row, unseen = self.rows[counter], tuple[Row, ...]()
        wanted = residual + row.amount
        is_crowd = placed.bit_count() > subset_sum.UNSEEN_ROWS_MAX
        if is_crowd:
            unseen = tuple([self.rows[i] for i in self._missed.by(counter, placed, wanted, apart)])
        if is_crowd and (unseen or not self.rounding):
            return unseen
        before = [self.rows[i] for i in reversed(bits(placed))]
        if not is_crowd:
            unseen = subset_sum.unseen(before, row, wanted)
        if self.rounding and not unseen:
            least, most = self.rounding.reach(row.amount)
            unseen = subset_sum.unseen_nearly(before, row, residual + least, residual + most)
        return unseen

    @cached_property
    def _missed(self) -> Missed:
        return Missed(self.rows, self.start)

    def tail(self, mask: int) -> tuple[Judged, ...]:
        """The rows that no counter-entry came after."""
        left = [self.rows[i] for i in bits(self.all & ~mask)]
        missing = subset_sum.uncountered(left)
        is_small = self.rounding is not None and any(
            self.rounding.fits(-total, 0)
            for total in (sum(row.amount for row in left), self.start + self.sum(self.all))
        )
        role = "small" if is_small else "uncountered"
        return tuple(Judged(row, role if row.entry_id in missing else "late", 0) for row in left)

    def tell(self, move: Move) -> tuple[Judged, ...]:
        """The rows that a move places, judged."""
        return (*self._late(move), self.judge(move)[0])

    def _late(self, move: Move) -> Iterator[Judged]:
        return (Judged(self.rows[i], "late", 0) for i in bits(move.entries & self.all))

    def explanation(self, moves: Iterable[Move], *, is_exhausted: bool = False) -> Explanation:
        """The explanation that some moves give, which place all counter-entries."""
        cost, told, mask = Cost(), list[Judged](), 0
        for move in moves:
            self.go(move)
            judged, more = self.judge(move)
            told += self._late(move)
            told.append(judged)
            cost, mask = cost.plus(*more), move.after
        tail = self.tail(mask)
        cost = cost.plus(len(blamed(tail)), 0, 0, 0)
        return Explanation(cost, (*told, *tail), is_exhausted=is_exhausted)

    def as_recorded(self) -> Iterator[Move]:
        """The moves of the order of recording."""
        before = entries = 0
        for i in range(len(self.rows)):
            if self.counter_mask >> i & 1:
                move = self.move(before, i, entries)
                yield move
                before, entries = move.after, 0
            else:
                entries |= 1 << i


def free_before(forced: Sequence[int], row: int, others: int) -> int:
    """Those of some other rows that need not stand behind a row.

    Args:
        forced: by row, how many of the first ones stand before it, the later the more.
        row: the row.
        others: a set of rows.
    """
    return others & (1 << bisect_right(forced, row)) - 1


def _make_room(kept: dict[Any, Any]) -> None:
    """Forget what is remembered where it is too much: what is met again lies near."""
    if len(kept) >= KEPT_MAX:
        kept.clear()


def bits(mask: int) -> list[int]:
    """The numbers of the bits that are set."""
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found
