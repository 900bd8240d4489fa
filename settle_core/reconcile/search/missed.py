"""What a writer did not see, where there are too many rows to try every set of them.

Only likely sets are tried: single rows, all since a row, and small sets of the latest. Of more rows
some set or other would have any sum by chance. Nearly all rows but the last ones are placed in
order, so that a look takes no longer for there being many.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import accumulate, combinations
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from settle_core.reconcile.search.model import Row
from settle_core.reconcile.search.subset_sum import is_mixed_likelier

LATEST_ROWS: Final = 20
SMALL_SETS: Final = (2, 3)
# No sum of such amounts leaves 64 bits.
SAFE: Final = 1 << 62
Chosen = tuple[int, ...]  # places of rows, in order
Places = NDArray[np.intp]


class Missed:
    """Rows in the order of recording, found by their amounts and by the sums up to them."""

    def __init__(self, rows: Sequence[Row], start: int) -> None:
        """Lay out the rows; `start` as in `Lineup`."""
        self._amounts = [row.amount for row in rows]
        self._are_counters = [row.is_counter for row in rows]
        self._jobs = [row.job_id for row in rows]
        self._sums = [*accumulate(self._amounts, initial=0)]
        self._at = defaultdict[tuple[object, ...], list[int]](list)
        self._since = defaultdict[int, list[int]](list)
        self._last_counter = [-1]  # before each row
        for i, row in enumerate(rows):
            self._at[row.amount, row.is_counter].append(i)
            self._at[row.amount, row.is_counter, row.job_id].append(i)
            self._since[self._sums[i]].append(i)
            self._last_counter.append(i if row.is_counter else self._last_counter[-1])
        is_safe = sum(map(abs, self._amounts)) + abs(start) < SAFE
        self._kind: type = np.int64 if is_safe else np.object_

    def by(self, counter: int, placed: int, wanted: int, apart: int) -> Chosen:
        """Rows that the writer of a counter-entry did not see; sets are rated as `unseen` does.

        Args:
            counter: its place.
            placed: the set of rows before it.
            wanted: the sum that is missing from what the writer saw, minor units.
            apart: that sum, if the writer missed what earlier wrong counter-entries had left as
                well: there may be so many that no set with all of them is tried.

        Returns:
            Their places, in order; none where no set fits.
        """
        gap = ~placed
        first = (gap & -gap).bit_length() - 1  # all before it are placed
        rest = placed >> first
        after = [first + i for i in range(rest.bit_length()) if rest >> i & 1]
        job = self._jobs[counter]
        return self._likely(first, after, job, wanted) or self._likely(first, after, job, apart)

    def _likely(self, first: int, after: list[int], job: str | None, wanted: int) -> Chosen:
        """The best set with the sum `wanted`, of the rows before the first and of some after it."""
        found = list(self._single(first, after, job, wanted))
        since = [self._all_since(first, after, wanted, is_mixed=mixed) for mixed in (False, True)]
        for size in SMALL_SETS:
            if since[True] or any(map(self._is_mixed, found)):
                break
            found += self._small(first, after, size, wanted)

        def rank(chosen: Chosen) -> tuple[int, int, list[int]]:
            others = sum([self._jobs[i] != job for i in chosen])
            return len(chosen), others, [-i for i in chosen]

        plain, mixed = (
            min(
                [each for each in found if self._is_mixed(each) == is_mixed]
                + ([since[is_mixed]] if since[is_mixed] else []),
                key=rank,
                default=(),
            )
            for is_mixed in (False, True)
        )
        return mixed if is_mixed_likelier(len(mixed), len(plain)) else plain

    def _is_mixed(self, chosen: Chosen) -> bool:
        return any(map(self._are_counters.__getitem__, chosen))

    def _single(
        self, first: int, after: list[int], job: str | None, wanted: int
    ) -> Iterator[Chosen]:
        """The best single rows: of each kind the latest of the job, else the latest."""
        fitting = [i for i in reversed(after) if self._amounts[i] == wanted]
        for is_counter in (False, True):
            latest = [i for i in fitting if self._are_counters[i] == is_counter]
            own = [i for i in latest if self._jobs[i] == job]
            for key, found in (((job,), own), ((), latest)):
                places = self._at.get((wanted, is_counter, *key), [])
                count = bisect_left(places, first)
                if found or count:
                    yield (found[0] if found else places[count - 1],)
                    break

    def _all_since(self, first: int, after: list[int], wanted: int, *, is_mixed: bool) -> Chosen:
        """The fewest rows that are all since one; with a counter-entry among them, or without."""
        total, has_counter = 0, False
        for k in reversed(range(len(after))):
            total += self._amounts[after[k]]
            has_counter |= self._are_counters[after[k]]
            if total == wanted and has_counter == is_mixed:
                return tuple(after[k:])
        # The rows before the first: from a row on, of which the sum before it is told.
        least, most = 0, first
        if not has_counter:
            last = self._last_counter[first]
            least, most = (0, last + 1) if is_mixed else (last + 1, first)
        elif not is_mixed:
            return ()
        places = self._since.get(self._sums[first] + total - wanted, [])
        count = bisect_left(places, most)
        if count and places[count - 1] >= least:
            return (*range(places[count - 1], first), *after)
        return ()

    def _small(self, first: int, after: list[int], size: int, wanted: int) -> list[Chosen]:
        """The sets of some of the latest rows."""
        count = max(LATEST_ROWS - len(after), 0)
        latest = [*range(max(first - count, 0), first), *after[-LATEST_ROWS:]]
        amounts: NDArray[Any] = np.array([self._amounts[i] for i in latest], self._kind)
        places = _sets(len(latest), size)
        (fitting,) = (amounts[places].sum(axis=0) == wanted).nonzero()
        return [tuple([latest[k] for k in each]) for each in places[:, fitting].T.tolist()]


@cache
def _sets(count: int, size: int) -> Places:
    """The places of all sets of a size, a column each."""
    return np.array(list(combinations(range(count), size)), np.intp).T
