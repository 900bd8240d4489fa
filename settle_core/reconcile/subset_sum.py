"""The smallest sets of rows with a given sum: what a writer missed, what nothing answered."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import reduce
from itertools import accumulate, combinations
from typing import Final, NamedTuple

from settle_core.reconcile.model import Row, place

# Of so many rows every set is tried. Of more some set or other would have any sum by chance.
UNSEEN_ROWS_MAX: Final = 14
# Of those only small sets of the latest rows, single rows, and all since a row.
LATEST_ROWS: Final = 20
SMALL_SET: Final = 3
# Sets that are the smallest of some amounts are formed of at most so many.
FEWEST_ROWS_MAX: Final = 20
# Above this many rows no cancelling ones are looked for.
UNCOUNTERED_ROWS_MAX: Final = 14


class _Set(NamedTuple):
    """A set of rows by their positions. The order of the fields says which one is the better."""

    has_no_counter: bool
    size: int
    strangers: int
    last: int
    mask: int

    def joined(self, other: "_Set") -> "_Set":
        return _Set(
            self.has_no_counter and other.has_no_counter,
            self.size + other.size,
            self.strangers + other.strangers,
            max(self.last, other.last),
            self.mask | other.mask,
        )


EMPTY: Final = _Set(has_no_counter=True, size=0, strangers=0, last=-1, mask=0)


def unseen(before: Sequence[Row], row: Row, wanted: int, apart: int) -> tuple[Row, ...]:
    """Rows that the writer of `row` did not see, if its amount is to be what it read.

    A set with a counter-entry in it beats any other, then the smaller one, then the one with more
    rows of the same job, then the later one.

    Args:
        before: the rows placed before `row`, latest first.
        row: a counter-entry.
        wanted: the sum that is missing from what the writer saw, minor units.
        apart: that sum, if the writer missed what earlier wrong counter-entries had left as well;
            asked where there are so many of these that no set with all of them can be tried.

    Returns:
        The rows in the order of recording; none where no set fits.
    """
    singles = [
        _Set(not other.is_counter, 1, other.job_id != row.job_id, k, 1 << k)
        for k, other in enumerate(before)
    ]
    amounts = [other.amount for other in before]
    if len(before) <= UNSEEN_ROWS_MAX:
        fitting = list(_exact(singles, amounts, wanted))
    else:
        fitting = _likely(singles, amounts, wanted) or _likely(singles, amounts, apart)
    if not fitting:
        return ()
    mask = min(fitting).mask
    return tuple(before[k] for k in reversed(range(len(before))) if mask >> k & 1)


def _likely(singles: Sequence[_Set], amounts: Sequence[int], wanted: int) -> list[_Set]:
    """Sets with the sum `wanted`, of those that are likely in a crowd."""
    places: dict[int, list[int]] = defaultdict(list)
    for k, amount in enumerate(amounts[:LATEST_ROWS]):
        places[amount].append(k)
    found = [one for one, amount in zip(singles, amounts, strict=True) if amount == wanted]
    suffixes = zip(accumulate(singles, _Set.joined), accumulate(amounts), strict=True)
    found += [suffix for suffix, total in suffixes if total == wanted]
    for size in range(1, SMALL_SET):
        if not all(one.has_no_counter for one in found):
            break
        for chosen in combinations(range(min(len(amounts), LATEST_ROWS)), size):
            left = wanted - sum([amounts[k] for k in chosen])
            for last in places.get(left, ()):
                if last > chosen[-1]:
                    found.append(reduce(_Set.joined, [singles[k] for k in (*chosen, last)]))
    return found


def fewest(amounts: Sequence[int], are_worse: Sequence[bool], wanted: int) -> tuple[int, ...]:
    """The smallest set of amounts with the sum `wanted`, then the one with the fewest worse ones.

    Args:
        amounts: the likeliest first; only the first `FEWEST_ROWS_MAX` count.
        are_worse: for each, whether a set without it is the better one.
        wanted: in the unit of the amounts.

    Returns:
        The positions in order, none where no set fits. Of sets that are as good the one whose last
        position is the least.
    """
    singles = [
        _Set(has_no_counter=False, size=1, strangers=worse, last=k, mask=1 << k)
        for k, worse in enumerate(are_worse[:FEWEST_ROWS_MAX])
    ]
    mask = min(_exact(singles, amounts, wanted), default=EMPTY).mask
    return tuple(k for k in range(len(singles)) if mask >> k & 1)


def _exact(singles: Sequence[_Set], amounts: Sequence[int], wanted: int) -> Iterator[_Set]:
    """Sets with the sum `wanted`, the best among them: met in the middle, half the rows each."""
    middle = len(singles) // 2
    left = _by_sum(singles[:middle], amounts[:middle])
    right = _by_sum(singles[middle:], amounts[middle:])
    for total, ones in left.items():
        for one in ones:
            for other in right.get(wanted - total, ()):
                if one.size + other.size:
                    yield one.joined(other)


def _by_sum(singles: Sequence[_Set], amounts: Sequence[int]) -> dict[int, tuple[_Set, ...]]:
    """For each sum the best set without a counter-entry and the best with one.

    The best of a whole is made of the best of its halves: each field is a sum, a maximum or `and`.
    """
    best: dict[tuple[int, bool], _Set] = {(0, True): EMPTY}
    for single, amount in zip(singles, amounts, strict=False):
        for (total, _), known in list(best.items()):
            more = known.joined(single)
            key = (total + amount, more.has_no_counter)
            if key not in best or more < best[key]:
                best[key] = more
    by_sum: dict[int, tuple[_Set, ...]] = {}
    for (total, _), known in best.items():
        by_sum[total] = (*by_sum.get(total, ()), known)
    return by_sum


def uncountered(left: Sequence[Row]) -> frozenset[str]:
    """Of unanswered entries, the ids of the fewest that have the sum of all; the others cancel out.

    Among sets of one size the one recorded last.
    """
    latest_first = sorted(left, key=place, reverse=True)
    total = sum(row.amount for row in left)
    if total == 0:
        return frozenset()
    if len(left) <= UNCOUNTERED_ROWS_MAX:
        for size in range(1, len(left)):
            for chosen in combinations(latest_first, size):
                if sum(row.amount for row in chosen) == total:
                    return frozenset(row.entry_id for row in chosen)
    return frozenset(row.entry_id for row in left)
