"""What a writer did not see, where there are too many rows to try every set of them.

Only likely sets are tried: single rows, all since a row, and small sets of the latest. Of more rows
some set or other would have any sum by chance.
"""

from collections.abc import Iterable, Sequence
from functools import cache
from itertools import combinations
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from settle_core.reconcile.search.model import Row
from settle_core.reconcile.search.subset_sum import is_mixed_likelier

LATEST_ROWS: Final = 20
SMALL_SETS: Final = (2, 3)
# No sum of such amounts leaves 64 bits.
SAFE: Final = 1 << 62
Chosen = tuple[int, ...]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]


class Missed:
    """Rows in the order of recording, as arrays; of `start` as in `Lineup`."""

    def __init__(self, rows: Sequence[Row], start: int) -> None:
        """Lay out the rows."""
        amounts = [row.amount for row in rows]
        is_safe = sum(map(abs, amounts)) + abs(start) < SAFE
        self._amounts = np.array(amounts, np.int64 if is_safe else np.object_)
        self._are_counters = np.array([row.is_counter for row in rows], np.bool_)
        numbers: dict[str | None, int] = {}
        self._jobs = np.array([numbers.setdefault(row.job_id, len(numbers)) for row in rows])
        self._bytes = (len(rows) + 7) // 8

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
        packed = np.frombuffer(placed.to_bytes(self._bytes, "little"), np.uint8)
        latest = np.unpackbits(packed, bitorder="little").nonzero()[0][::-1]
        amounts, counters = self._amounts[latest], self._are_counters[latest]
        are_worse = self._jobs[latest] != self._jobs[counter]
        found = _likely(amounts, counters, are_worse, wanted)
        found = found or _likely(amounts, counters, are_worse, apart)
        return tuple(latest[list(reversed(found))].tolist())


def _likely(amounts: NDArray[Any], counters: Flags, are_worse: Flags, wanted: int) -> Chosen:
    """The best set with the sum `wanted`, as ascending places; none where no set fits."""
    found = [*_single(amounts, counters, are_worse, wanted), *_since(amounts, counters, wanted)]
    latest = amounts[:LATEST_ROWS]
    for size in SMALL_SETS:
        if any(counters[[*chosen]].any() for chosen in found):
            break
        places = _small(len(latest), size)
        fitting = (latest[places].sum(axis=0) == wanted).nonzero()[0]
        found += map(tuple, places[:, fitting].T.tolist())
    mixed = [chosen for chosen in found if counters[[*chosen]].any()]
    plain = [chosen for chosen in found if not counters[[*chosen]].any()]
    best, other = _best(mixed, are_worse), _best(plain, are_worse)
    return best if is_mixed_likelier(len(best), len(other)) else other


def _single(
    amounts: NDArray[Any], counters: Flags, are_worse: Flags, wanted: int
) -> Iterable[Chosen]:
    """The best single rows: the first of each kind and job."""
    (fitting,) = (amounts == wanted).nonzero()
    if len(fitting):
        for is_counter in (False, True):
            for is_worse in (False, True):
                is_such = (counters[fitting] == is_counter) & (are_worse[fitting] == is_worse)
                if is_such.any():
                    yield (int(fitting[is_such.argmax()]),)


def _since(amounts: NDArray[Any], counters: Flags, wanted: int) -> Iterable[Chosen]:
    """All rows since one: the fewest without a counter-entry, and the fewest with one."""
    (fitting,) = (amounts.cumsum() == wanted).nonzero()
    if len(fitting):
        first = int(counters.argmax()) if counters.any() else len(counters)
        for last in (fitting[fitting < first], fitting[fitting >= first]):
            yield from (tuple(range(int(k) + 1)) for k in last[:1])


@cache
def _small(count: int, size: int) -> Places:
    """The places of all sets of a size, a column each."""
    return np.array(list(combinations(range(count), size)), np.intp).T


def _best(sets: Sequence[Chosen], are_worse: Flags) -> Chosen:
    """The fewest rows, then the fewest worse ones, then the latest."""

    def rank(chosen: Chosen) -> tuple[int, int, Chosen]:
        return len(chosen), int(np.count_nonzero(are_worse[[*chosen]])), chosen[::-1]

    return min(sets, key=rank, default=())
