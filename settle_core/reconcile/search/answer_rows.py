"""Several rows that are one answer: net and tax, partial credits, parts under a cap.

They are judged by their sum. Where it is right, each of them is; where it is not, one of them is
told to be off by the difference.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace
from itertools import accumulate, chain, combinations, pairwise
from typing import Final

from settle_core.reconcile.search.model import Explanation, Judged, Row, place

Group = tuple[Row, ...]

# What one job writes within this of its last row is written in one moment.
MOMENT_US: Final = 2_000_000
# How many groups of a unit are tried one by one.
TRIED_MAX: Final = 8
# Of so many at most, every choice is tried.
TOGETHER_MAX: Final = 3


def moments(rows: Iterable[Row]) -> list[list[Row]]:
    """Counter-entries that one job wrote in one moment, where there is more than one.

    Likewise without jobs, where answers come in parts (see `parts`).
    """
    groups: dict[str | None, list[list[Row]]] = {}
    for row in sorted(rows, key=place):
        if not row.is_counter or (row.job_id is None and not row.is_in_parts):
            continue
        of_job = groups.setdefault(row.job_id, [])
        if of_job and row.recorded_us - of_job[-1][-1].recorded_us <= MOMENT_US:
            of_job[-1].append(row)
        else:
            of_job.append([row])
    return [group for of_job in groups.values() for group in of_job if len(group) > 1]


def together(rows: Iterable[Row]) -> list[list[Row]]:
    """Counter-entries by the moments in which a job wrote them, each other one by itself."""
    rows = list(rows)
    groups = moments(rows)
    grouped = {row.entry_id for group in groups for row in group}
    return groups + [[row] for row in rows if row.entry_id not in grouped]


def is_of_one_moment(one: Row, other: Row) -> bool:
    """Whether two counter-entries may be parts of one answer: see `moments`."""
    return (
        other.is_counter
        and one.job_id == other.job_id
        and abs(one.recorded_us - other.recorded_us) <= MOMENT_US
    )


def of_one_moment(rows: Iterable[Row]) -> list[list[Row]]:
    """Counter-entries of one moment that may be one answer.

    Not where some of them, one after the other, add up to nothing: what is taken back within the
    moment is no part of an answer, it was posted by another run of the job. And where the same
    rows come again and again, each time they are an answer; but not where each of them by itself is
    what a late entry is owed, since then it is no part of anything.
    """
    rows = list(rows)
    every = [group for group in moments(rows) if not takes_back(group)]
    owed = {-row.amount for row in rows if not row.is_counter}
    return [part for group in every for part in _each_time(group, owed)]


def _each_time(rows: list[Row], owed: Collection[int]) -> list[list[Row]]:
    """Rows whose amounts are a few that come again and again, parted into each time."""
    amounts = [row.amount for row in rows]
    if all(amount in owed for amount in amounts):
        return [rows]
    for size in range(2, len(rows) // 2 + 1):
        times, rest = divmod(len(rows), size)
        if not rest and amounts[:size] * times == amounts and len(set(amounts)) > 1:
            return [rows[k : k + size] for k in range(0, len(rows), size)]
    return [rows]


def reposts(rows: Sequence[Row]) -> list[Group]:
    """Pairs of counter-entries of one job, in one moment: an earlier one taken back, and the same.

    A reversal and its repost, by who entered nothing: no read of a sum leads to the first of them.
    All three name the same late entry, or none.
    """
    entered = {row.job_id for row in rows if not row.is_counter}
    by_answers: dict[str | None, list[Row]] = {}
    for row in rows:
        if row.is_counter:
            by_answers.setdefault(row.answers, []).append(row)
    pairs: list[Group] = []
    for alike in by_answers.values():
        for moment in moments(alike):
            job_id = moment[0].job_id
            if job_id is not None and job_id not in entered:
                pairs += _reposts_of(moment, [row for row in alike if row.job_id != job_id])
    return pairs


def _reposts_of(moment: Sequence[Row], others: Sequence[Row]) -> list[Group]:
    pairs: list[Group] = []
    taken: Group = ()
    for first, second in pairwise(moment):
        if first not in taken and first.amount == -second.amount != 0:
            earlier = (row for row in others if place(row) < place(first))
            if any(row.amount == second.amount for row in earlier):
                taken = first, second
                pairs.append(taken)
    return pairs


def takes_back(rows: Iterable[Row]) -> bool:
    """Whether some rows, one after the other, add up to nothing."""
    totals = list(accumulate((row.amount for row in rows), initial=0))
    return len(set(totals)) < len(totals)


def carrier(rows: Sequence[Row], owed: int) -> Row | None:
    """The row to blame where rows do not add up to what was owed; None where they do.

    One without which the others add up to it, the last of these; else the last row.
    """
    off = sum(row.amount for row in rows) - owed
    if not off:
        return None
    ordered = sorted(rows, key=place)
    return next((row for row in reversed(ordered) if row.amount == off), ordered[-1])


def explained(rows: Sequence[Row], explain: Callable[[Sequence[Row]], Explanation]) -> Explanation:
    """The explanation of a unit in which rows may be parts of one answer.

    Rows are taken together only where that leaves fewer faults: what looks like parts may be the
    same answer twice. Likewise what was taken back and posted again is left out.

    Args:
        rows: the late rows of a unit.
        explain: explains rows each of which is an answer of its own.
    """
    return apart_from_reposts(rows, lambda some: _explained(some, explain))


def apart_from_reposts(
    rows: Iterable[Row], explain: Callable[[Sequence[Row]], Explanation]
) -> Explanation:
    """The explanation of a unit, with or without what was taken back and posted again."""
    rows = sorted(rows, key=place)
    best = explain(rows)
    if best.cost.faults and (pairs := reposts(rows)):
        out = set(chain.from_iterable(pairs))
        rest = explain([row for row in rows if row not in out])
        if rest.cost < best.cost:
            return replace(rest, judged=_put_back(rest.judged, pairs))
    return best


def _put_back(judged: Sequence[Judged], pairs: Sequence[Group]) -> tuple[Judged, ...]:
    """With pairs of which nothing is left where the clock puts them, each named by the other."""
    told = list(judged)
    for first, second in pairs:
        later = (k for k, each in enumerate(told) if place(each.row) > place(first))
        at = next(later, len(told))
        told[at:at] = [
            Judged(row, "right", row.amount, (), (other.entry_id,))
            for row, other in ((first, second), (second, first))
        ]
    return tuple(told)


def _explained(rows: Sequence[Row], explain: Callable[[Sequence[Row]], Explanation]) -> Explanation:
    """The same, each row in its place."""
    groups = _groups(rows)
    if not groups:
        return explain(rows)
    likely = [group for group in groups if _offsets_a_run(rows, group)]
    if likely:
        best = _explained_with(rows, likely, explain)
        if not best.cost.faults:
            return best
    least, chosen = explain(rows), list[Group]()
    right = {each.row.entry_id for each in least.judged if each.role == "right"}
    fresh = [group for group in likely if not _is_repeated(group, right)]
    if fresh and len(fresh) < len(likely):
        best = _explained_with(rows, fresh, explain)
    if fresh and best.cost < least.cost:
        least, chosen = best, fresh
    others = [group for group in groups if not _is_repeated(group, right)][:TRIED_MAX]
    are_few = len(others) <= TOGETHER_MAX
    sizes = range(1, len(others) + 1 if are_few else 2)
    for some in chain.from_iterable(combinations(others, size) for size in sizes):
        if not least.cost.faults:
            break
        tried = list(some if are_few else dict.fromkeys((*chosen, *some)))
        explanation = _explained_with(rows, tried, explain)
        if explanation.cost < least.cost:
            least, chosen = explanation, tried
    return least


def _is_repeated(group: Group, right: Collection[str]) -> bool:
    """Whether rows are the same answers over again: one of each amount was all that was owed."""
    amounts = {row.amount for row in group}
    owed = {row.amount for row in group if row.entry_id in right}
    return len(amounts) < len(group) and owed == amounts


def _groups(rows: Sequence[Row]) -> list[Group]:
    """Rows that name one late entry, or that one job wrote in one moment; each in one group.

    Not where one of those that name an entry is all that was owed for it: the others are no parts.
    """
    owed = {row.entry_id: -row.amount for row in rows if not row.is_counter}
    named: dict[str, list[Row]] = {}
    for row in rows:
        if row.is_counter and row.answers is not None:
            named.setdefault(row.answers, []).append(row)
    groups = [
        tuple(group)
        for entry_id, group in named.items()
        if len(group) > 1 and owed.get(entry_id) not in {row.amount for row in group}
    ]
    free = [row for row in rows if row.answers is None]
    return groups + [tuple(group) for group in of_one_moment(free)]


def _offsets_a_run(rows: Sequence[Row], group: Group) -> bool:
    """Whether rows are together minus some late entries that were recorded one after the other."""
    entries = [row.amount for row in rows if not row.is_counter]
    amount = sum(row.amount for row in group)
    before: set[int] = set()
    for total in accumulate(entries, initial=0):
        if total + amount in before:
            return True
        before.add(total)
    return False


def _explained_with(
    rows: Sequence[Row],
    groups: Sequence[Group],
    explain: Callable[[Sequence[Row]], Explanation],
) -> Explanation:
    """The explanation in which each group is one row, told of its rows."""
    of = {row.entry_id: group for group in groups for row in group}
    last = {group[-1].entry_id: sum(row.amount for row in group) for group in groups}
    whole = explain(
        [
            row._replace(amount=last[row.entry_id]) if row.entry_id in last else row
            for row in rows
            if row.entry_id not in of or row.entry_id in last
        ]
    )
    judged: list[Judged] = []
    since: list[str] = []
    for each in whole.judged:
        ids = tuple(row.entry_id for i in each.unseen for row in of.get(i, ()))
        unseen = tuple(i for i in each.unseen if i not in of) + ids
        group = of.get(each.row.entry_id)
        if group is None:
            judged.append(each._replace(unseen=unseen))
        else:
            judged += _parts(each._replace(unseen=unseen), group, since)
        since = [] if each.row.is_counter else [*since, each.row.entry_id]
    order = {row.entry_id: k for k, row in enumerate(rows)}
    judged = _again(judged, [row for group in groups for row in group])
    told = tuple(j._replace(unseen=tuple(sorted(j.unseen, key=order.__getitem__))) for j in judged)
    return Explanation(whole.cost, told, whole.alternatives, whole.is_exhausted)


def _again(judged: Sequence[Judged], parts: Iterable[Row]) -> list[Judged]:
    """A row that answers nothing, but has the amount of a part before it, is that part again.

    Its writer read as if it had not seen that part.
    """
    right = {each.row.entry_id for each in judged if each.role == "right"}
    first: dict[int, Row] = {}
    for row in sorted((row for row in parts if row.entry_id in right), key=place):
        first.setdefault(row.amount, row)

    def told(each: Judged) -> Judged:
        part = first.get(each.row.amount)
        is_free = each.row.is_counter and each.role in {"wrong", "unexplained"}
        is_over = is_free and not each.expected and not each.unseen and each.row.amount
        if not is_over or part is None or place(each.row) < place(part):
            return each
        return each._replace(role="wrong", unseen=(part.entry_id,))

    return [told(each) for each in judged]


def _parts(whole: Judged, group: Group, since: Sequence[str]) -> list[Judged]:
    """The rows of a group, judged by what they are together."""
    blamed = carrier(group, whole.expected)
    if whole.role == "right" or blamed is None:
        return [Judged(row, "right", row.amount) for row in group]
    if not whole.expected:  # each of them is one too many
        return [whole._replace(row=row) for row in group]
    off = sum(row.amount for row in group) - whole.expected
    judged = [Judged(row, "right", row.amount) for row in group if row is not blamed]
    owed = (*since, *(row.entry_id for row in group if row is not blamed))
    expected = blamed.amount - off
    return [*judged, Judged(blamed, whole.role, expected, whole.unseen, owed)]
