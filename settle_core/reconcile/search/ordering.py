"""The late rows of a unit in line: who may stand before whom, and what a counter-entry is there.

Sets of rows are bit masks, bit i standing for the i-th row recorded. After a counter-entry nothing
is owed, so the set of the rows placed is all there is to know of a walk up to it.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from settle_core.reconcile.search import subset_sum
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
        by_rank = sorted((self.rows[i].rank, i) for i in self.counters if self.rows[i].rank > 0)
        lower_rank = [0] * len(rows)
        lower = equal = last = 0
        for rank, i in by_rank:
            if rank != last:
                lower, equal, last = lower | equal, 0, rank
            lower_rank[i] = lower
            equal |= 1 << i
        # By row: the counter-entries of a lower rank, the entries recorded before and after it.
        self.around = list(zip(lower_rank, *self._by_clock(), strict=True))

    def _forced(self, skew_us: int) -> list[int]:
        """By row what stands before it by the clocks: all up to some row, the later the more."""
        forced = []
        first_free = 0
        for row in self.rows:
            while row.recorded_us - self.rows[first_free].recorded_us >= max(skew_us, 1):
                first_free += 1
            forced.append((1 << first_free) - 1)
        return forced

    def _by_clock(self) -> tuple[list[int], list[int]]:
        """For each row the entries recorded before it and those recorded after it."""
        entries = self.all & ~self.counter_mask
        earlier = []
        later = [0] * len(self.rows)
        first = 0
        for i, row in enumerate(self.rows):
            if row.recorded_us != self.rows[first].recorded_us:
                first = i
            earlier.append(entries & ((1 << first) - 1))
        last = len(self.rows)
        for i in reversed(range(len(self.rows))):
            if last < len(self.rows) and self.rows[i].recorded_us == self.rows[last].recorded_us:
                later[i] = later[last]
                continue
            later[i] = entries & ~((1 << (i + 1)) - 1)
            last = i
        return earlier, later

    def sum(self, mask: int) -> int:
        """Sum of the amounts of a set, minor units."""
        if mask not in self._sums:
            self._sums[mask] = sum(self._amounts[i] for i in bits(mask))
        return self._sums[mask]

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
        lower, earlier, later = self.around[move.counter]
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
        if key not in self._unseen:
            before = [self.rows[i] for i in reversed(bits(key[0]))]
            wanted = residual + row.amount
            self._unseen[key] = subset_sum.unseen(before, row, wanted, row.amount - owed)
            if self.rounding and not self._unseen[key]:
                least, most = self.rounding.reach(row.amount)
                self._unseen[key] = subset_sum.unseen_nearly(
                    before, row, residual + least, residual + most
                )
        unseen = self._unseen[key]
        explained = any(other.is_counter for other in unseen)
        ids = tuple(other.entry_id for other in unseen)
        judged = Judged(row, "wrong" if explained else "unexplained", owed, ids)
        return judged, cost.plus(1 if explained else 2, len(ids) or UNEXPLAINED_ROWS, 0, 0)

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
        late = tuple(Judged(self.rows[i], "late", 0) for i in bits(move.entries & self.all))
        return (*late, self.judge(move)[0])

    def explanation(self, moves: Sequence[Move], *, is_exhausted: bool = False) -> Explanation:
        """The explanation that some moves give, which place all counter-entries."""
        tail = self.tail(moves[-1].after if moves else 0)
        cost = Cost(len(blamed(tail)))
        for move in moves:
            cost = cost.plus(*self.judge(move)[1])
        judged = tuple(j for move in moves for j in self.tell(move))
        return Explanation(cost, (*judged, *tail), is_exhausted=is_exhausted)

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


def free_before(forced: Sequence[int], others: int) -> list[int]:
    """By row, those of some other rows that need not stand behind it.

    Args:
        forced: by row, all up to some row that stand before it, the later the more.
        others: a set of rows.
    """
    counts = [mask.bit_length() for mask in forced]
    return [others & (1 << bisect_right(counts, i)) - 1 for i in range(len(forced))]


def bits(mask: int) -> list[int]:
    """The numbers of the bits that are set."""
    found = []
    while mask:
        low = mask & -mask
        found.append(low.bit_length() - 1)
        mask ^= low
    return found
