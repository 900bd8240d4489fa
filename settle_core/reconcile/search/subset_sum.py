"""The smallest sets of rows with a given sum: what a writer missed, what nothing answered.

Every set is tried, so of few rows; see `missed` for many.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, combinations
from typing import Final, NamedTuple

from settle_core.reconcile.search.model import Row, place

# Of so many rows every set is tried. Of more some set or other would have any sum by chance.
UNSEEN_ROWS_MAX: Final = 14
# Where amounts are rounded, single counter-entries only if they were recorded so shortly before.
NEAR_US: Final = 60_000_000
# So many rows, a counter-entry and what it answers, cancel out: to have missed them tells nothing.
IDLE_ROWS: Final = 2
# Sets that are the smallest of some amounts are formed of at most so many.
FEWEST_ROWS_MAX: Final = 20
# Above this many rows no cancelling ones are looked for.
UNCOUNTERED_ROWS_MAX: Final = 14


class _Weights(NamedTuple):
    """What rows weigh, so that of two sets the one that weighs less is the better one.

    A weight is a number: of a set, the sum of those of its rows. Its lowest bits are the set
    itself, by positions; above them it counts rows that are the worse ones, above these all rows.
    """

    each: list[int]
    all: int  # the bits that are the set itself

    @classmethod
    def of(cls, are_worse: Sequence[bool]) -> "_Weights":
        count = len(are_worse)
        one = 1 << count + count.bit_length()
        each = [one + (worse << count) + (1 << k) for k, worse in enumerate(are_worse)]
        return cls(each, (1 << count) - 1)


def unseen(before: Sequence[Row], row: Row, wanted: int) -> tuple[Row, ...]:
    """Rows that the writer of `row` did not see, if its amount is to be what it read.

    A set with a counter-entry in it beats any other, unless that takes more rows by as many as
    cancel out; then the smaller one, then the one with more rows of the same job, then the later
    one.

    Args:
        before: the rows placed before `row`, latest first, `UNSEEN_ROWS_MAX` at most.
        row: a counter-entry.
        wanted: the sum that is missing from what the writer saw, minor units.

    Returns:
        The rows in the order of recording; none where no set fits.
    """
    weights = _Weights.of([other.job_id != row.job_id for other in before])
    amounts = [other.amount for other in before]
    counters = sum([1 << k for k, other in enumerate(before) if other.is_counter])
    mask = _exact(weights.each, amounts, counters, wanted) & weights.all
    return tuple([before[k] for k in reversed(range(len(before))) if mask >> k & 1])


def unseen_nearly(before: Sequence[Row], row: Row, least: int, most: int) -> tuple[Row, ...]:
    """Rows that the writer of `row` did not see, where its amount is but rounded.

    Any set would fit by chance, so only these are tried: each counter-entry of the last minute, and
    all since a row with a counter-entry of that amount, the answer that an old read gives again.

    Args:
        before: the rows placed before `row`, latest first.
        row: a counter-entry.
        least: the least sum that is missing from what the writer saw; `most` likewise.
        most: see there.
    """
    latest = [o for o in before if o.is_counter and row.recorded_us - o.recorded_us <= NEAR_US]
    singles = [other for other in latest if least <= other.amount <= most]
    if singles:
        same = (row.amount, row.job_id)
        return (next((o for o in singles if (o.amount, o.job_id) == same), singles[0]),)
    is_again = False
    for size, total in enumerate(accumulate(other.amount for other in before), 1):
        other = before[size - 1]
        is_again |= other.is_counter and other.amount == row.amount
        if is_again and least <= total <= most:
            return tuple(reversed(before[:size]))
    return ()


def _likelier(mixed: int, plain: int, rows: int) -> int:
    counts = (mixed & rows).bit_count(), (plain & rows).bit_count()
    return mixed if is_mixed_likelier(*counts) else plain


def is_mixed_likelier(mixed: int, plain: int) -> bool:
    """Whether a writer rather missed a set with a counter-entry than one without.

    Args:
        mixed: how many rows are in the best set with one; 0: there is none.
        plain: likewise without one.
    """
    return not plain or (mixed > 0 and mixed - plain < IDLE_ROWS)


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
    weights = _Weights.of(are_worse[:FEWEST_ROWS_MAX])
    mask = _exact(weights.each, amounts, weights.all, wanted) & weights.all
    return tuple(k for k in range(len(weights.each)) if mask >> k & 1)


def _exact(weights: Sequence[int], amounts: Sequence[int], counters: int, wanted: int) -> int:
    """The best set with the sum `wanted`, 0 for none: met in the middle, half the rows each.

    A set with one of the counter-entries beats any other, as far as `_likelier` says.
    """
    middle = len(weights) // 2
    plain, mixed = _by_sum(weights[:middle], amounts[:middle], counters)
    others, mixed_others = _by_sum(weights[middle:], amounts[middle:], counters)
    with_counter = [(mixed, others), (mixed, mixed_others), (plain, mixed_others)]
    found = [_least(left, right, wanted) for left, right in with_counter]
    best, rows = min(filter(None, found), default=0), (1 << len(weights)) - 1
    return _likelier(best, _least(plain, others, wanted), rows)


def _least(left: Mapping[int, int], right: Mapping[int, int], wanted: int) -> int:
    """The least weight of a set of both halves with the sum `wanted`, 0 for none."""
    fits = [weight + right[wanted - t] for t, weight in left.items() if wanted - t in right]
    return min(filter(None, fits), default=0)


def _by_sum(
    weights: Sequence[int], amounts: Sequence[int], counters: int
) -> tuple[dict[int, int], dict[int, int]]:
    """For each sum the least weight of a set without a counter-entry, and of one with.

    The best of a whole is made of the best of its halves: a weight is a sum.
    """
    plain, mixed = {0: 0}, dict[int, int]()
    for weight, amount in zip(weights, amounts, strict=False):
        if weight & counters:
            known = [*plain.items(), *mixed.items()]
            _offer(mixed, known, weight, amount)
        else:
            _offer(plain, list(plain.items()), weight, amount)
            _offer(mixed, list(mixed.items()), weight, amount)
    return plain, mixed


def _offer(
    best: dict[int, int], known: Iterable[tuple[int, int]], weight: int, amount: int
) -> None:
    """Take sets with one more row where they are the best of their sum."""
    for total, others in known:
        whole = total + amount
        if whole not in best or others + weight < best[whole]:
            best[whole] = others + weight


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
