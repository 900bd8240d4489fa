"""The smallest sets of rows with a given sum: what a writer missed, what nothing answered."""

from collections.abc import Iterator, Sequence
from itertools import combinations
from typing import Final

from settle_core.explanation import Row, place

# Above this many rows subsets are no longer tried one by one.
ROWS_MAX: Final = 14


def unseen(before: Sequence[Row], row: Row, wanted: int) -> tuple[Row, ...]:
    """Rows that the writer of `row` did not see, if its amount is to be what it read.

    A set with a counter-entry in it beats any other, then the smaller one, then the one with more
    rows of the same job, then the later one.

    Args:
        before: the rows placed before `row`, latest first.
        row: a counter-entry.
        wanted: the sum that is missing from what the writer saw, minor units.

    Returns:
        The rows in the order of recording; none where no set fits.
    """
    best: tuple[tuple[bool, int, int, int], tuple[int, ...]] | None = None
    for chosen in _sets(before, wanted):
        has_counter = any(before[k].is_counter for k in chosen)
        strangers = sum(before[k].job_id != row.job_id for k in chosen)
        key = (not has_counter, len(chosen), strangers, max(chosen))
        if best is not None and best[0][0] is False and len(chosen) > best[0][1]:
            break
        if best is None or key < best[0]:
            best = (key, chosen)
    return tuple(before[k] for k in reversed(best[1])) if best else ()


def _sets(rows: Sequence[Row], wanted: int) -> Iterator[tuple[int, ...]]:
    """Positions of sets with the sum `wanted`, smaller ones first; of many rows only the likely."""
    amounts = [row.amount for row in rows]
    if len(rows) <= ROWS_MAX:
        for size in range(1, len(rows) + 1):
            for chosen in combinations(range(len(rows)), size):
                if sum(amounts[k] for k in chosen) == wanted:
                    yield chosen
        return
    yield from ((k,) for k, amount in enumerate(amounts) if amount == wanted)
    total = 0
    for k, amount in enumerate(amounts):
        total += amount
        if total == wanted and k:
            yield tuple(range(k + 1))


def uncountered(left: Sequence[Row]) -> frozenset[str]:
    """Of unanswered entries, the ids of the fewest that have the sum of all; the others cancel out.

    Among sets of one size the one recorded last.
    """
    latest_first = sorted(left, key=place, reverse=True)
    total = sum(row.amount for row in left)
    if total == 0:
        return frozenset()
    if len(left) <= ROWS_MAX:
        for size in range(1, len(left)):
            for chosen in combinations(latest_first, size):
                if sum(row.amount for row in chosen) == total:
                    return frozenset(row.entry_id for row in chosen)
    return frozenset(row.entry_id for row in left)
