"""What a writer missed of many rows, against every likely set tried one by one."""

from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from settle_core.reconcile.search.missed import LATEST_ROWS, Missed
from settle_core.reconcile.search.model import Row

SMALL = st.integers(-4, 4)
HUGE = SMALL.map(lambda amount: amount * 10**18)  # sums of these leave 64 bits


def one_by_one(rows: list[Row], counter: int, placed: list[int], wanted: int) -> tuple[int, ...]:
    """The best likely set: without a counter-entry only if it spares two rows or more."""
    latest = placed[::-1]
    sets: list[tuple[int, ...]] = [(i,) for i in placed]
    sets += [tuple(latest[:count]) for count in range(2, len(latest) + 1)]

    def fitting(sets: list[tuple[int, ...]]) -> list[tuple[int, ...]]:
        return [s for s in sets if sum(rows[i].amount for i in s) == wanted]

    def is_mixed(chosen: tuple[int, ...]) -> bool:
        return any(rows[i].is_counter for i in chosen)

    found = fitting(sets)
    for size in (2, 3):
        if any(map(is_mixed, found)):
            break
        found += fitting([*combinations(latest[:LATEST_ROWS], size)])

    def rank(chosen: tuple[int, ...]) -> tuple[int, int, list[int]]:
        others = sum(rows[i].job_id != rows[counter].job_id for i in chosen)
        return len(chosen), others, sorted(latest.index(i) for i in chosen)[::-1]

    mixed = min(filter(is_mixed, found), key=rank, default=())
    plain = min((s for s in found if not is_mixed(s)), key=rank, default=())
    best = plain if plain and (not mixed or len(mixed) - len(plain) > 1) else mixed
    return tuple(sorted(best))


@pytest.mark.parametrize("amounts", [SMALL, HUGE], ids=["small", "huge"])
@settings(max_examples=150)
@given(data=st.data())
def test_the_likeliest_set_is_found(amounts: st.SearchStrategy[int], data: st.DataObject) -> None:
    count = data.draw(st.integers(20, 40))
    kinds = st.tuples(st.booleans(), amounts, st.sampled_from(["a", "b", None]))
    drawn = data.draw(st.lists(kinds, min_size=count, max_size=count))
    rows = [Row(str(i), each[0], each[1], i, 0, each[2]) for i, each in enumerate(drawn)]
    counter = count - 1
    left = data.draw(st.sets(st.integers(0, counter - 1), max_size=4))
    placed = [i for i in range(counter) if i not in left]
    wanted, apart = data.draw(amounts) * 3, data.draw(amounts)
    expected = one_by_one(rows, counter, placed, wanted)
    expected = expected or one_by_one(rows, counter, placed, apart)
    mask = sum(1 << i for i in placed)
    assert Missed(rows, 0).by(counter, mask, wanted, apart) == expected
