"""Who answers whom: as many counter-entries are given an entry as can be, the first ones surely."""

from collections import Counter
from collections.abc import Mapping

from hypothesis import given, settings
from hypothesis import strategies as st

from settle_core.reconcile.search.answers import Answers, Fitting
from settle_core.reconcile.search.model import Row

COUNT = 5
AMOUNTS = (100, 100, 100, 250, 250)


def row(name: str, amount: int, *, is_counter: bool) -> Row:
    return Row(name, is_counter=is_counter, amount=amount, recorded_us=0, rank=0)


ENTRIES = [row(f"e{k}", amount, is_counter=False) for k, amount in enumerate(AMOUNTS)]
COUNTERS = [row(f"c{k}", -1, is_counter=True) for k in range(COUNT)]
Edges = Mapping[str, list[int]]


def most(edges: Edges, left: list[Row], due: Counter[int], taken: frozenset[int]) -> int:
    """How many of the rows left can have an entry: every way tried."""
    if not left:
        return 0
    first, rest = left[0], left[1:]
    ways = [most(edges, rest, due, taken)]
    for k in edges[first.entry_id]:
        amount = ENTRIES[k].amount
        if k not in taken and due[amount] > 0:
            fewer = due - Counter([amount])
            ways.append(1 + most(edges, rest, fewer, taken | {k}))
    return max(ways)


graphs = st.fixed_dictionaries(
    {each.entry_id: st.lists(st.integers(0, COUNT - 1), unique=True) for each in COUNTERS}
)


def likeliest(edges: Edges) -> Fitting:
    return lambda counter: iter([ENTRIES[k] for k in edges[counter.entry_id]])


@given(graphs, graphs, st.integers(0, 3), st.integers(0, 2))
@settings(deadline=None, derandomize=True)
def test_as_many_as_can_be_are_given_an_entry(
    surer: Edges, edges: Edges, hundreds: int, others: int
) -> None:
    sure, rest = COUNTERS[:2], COUNTERS[2:]
    answers = Answers(ENTRIES)
    answers.due = Counter(AMOUNTS)
    first = answers.give(sure, likeliest(surer))
    assert len(first) == most(surer, sure, Counter(AMOUNTS), frozenset())
    taken = frozenset(ENTRIES.index(answers.entry(each)) for each in first)
    due = Counter({100: hundreds, 250: others})
    answers.due = due.copy()
    second = answers.give(rest, likeliest(edges))
    # Those given first keep an entry that they may have, if not the same one.
    assert len(second) >= most(edges, rest, due, taken)
    told = {ENTRIES.index(answers.entry(each)): each for each in [*first, *second]}
    assert len(told) == len(first) + len(second)
    for k, each in told.items():
        assert answers.of[ENTRIES[k].entry_id] is each
        assert k in (surer if each in sure else edges)[each.entry_id]
