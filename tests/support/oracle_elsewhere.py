"""Of the oracle: late rows whose other half stands in another week or account, told apart first."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from oracle_records import UNKNOWN, Id, Judged, Row, Settings, Unit, judge_uncountered

JOB = timedelta(minutes=1)
Faults = Callable[[Sequence[Row], int], int]


class Late(NamedTuple):
    """The late rows of a settled week, and by what it was off at its settlement."""

    rows: Sequence[Row]
    mismatch: int


def rows_apart(
    weeks: Sequence[Late], timely: Iterable[Row], settings: Settings, faults: Faults
) -> set[Id]:
    """The ids of rows that are a fault in their place, but plainly belong to each other.

    Args:
        weeks: of all accounts.
        timely: counter-entries of weeks that they were in time for.
        settings: of the audit.
        faults: the fewest of some late rows of a week that was off by so much.
    """
    if not any(_is_answer(c, e, settings) for e, c in _others(weeks, timely)):
        return set()
    off = {n: week for n, week in enumerate(weeks) if faults(week.rows, week.mismatch)}
    late = {r.entry_id: n for n, week in off.items() for r in week.rows}
    rows = [r for week in off.values() for r in week.rows]
    entries = [r for r in rows if r.kind == "entry"]
    counters = [*(r for r in rows if r.kind == "counter"), *timely]
    pairs = [
        (e.entry_id, c.entry_id)
        for e in entries
        for c in counters
        if late.get(c.entry_id) != late[e.entry_id]
        and _is_answer(c, e, settings)
        and not any(
            own.kind == "counter"
            and own.amount == -e.amount
            and ((own.job_id and own.job_id == e.job_id) or own.answers == e.entry_id)
            for own in off[late[e.entry_id]].rows
        )
        and not (
            c.answers is None
            and c.entry_id in late
            and any(
                own.kind == "entry" and (own.job_id, own.amount) == (c.job_id, -c.amount)
                for own in off[late[c.entry_id]].rows
            )
        )
    ]
    often = Counter(entry_id for pair in pairs for entry_id in pair)
    pairs = [pair for pair in pairs if all(often[entry_id] == 1 for entry_id in pair)]
    while pairs:
        by_week: Mapping[int, set[Id]] = defaultdict(set)
        for entry_id in {i for pair in pairs for i in pair if i in late}:
            by_week[late[entry_id]].add(entry_id)
        kept = {
            entry_id
            for n, ids in by_week.items()
            for part in _parts(off[n], settings)
            for entry_id in _kept(part, ids, faults)
        }
        if not kept:
            return {entry_id for ids in by_week.values() for entry_id in ids}
        pairs = [pair for pair in pairs if kept.isdisjoint(pair)]
    return set()


def _others(weeks: Sequence[Late], timely: Iterable[Row]) -> Iterator[tuple[Row, Row]]:
    """Late entries, each with counter-entries of one amount that stand in another week."""
    at = [(n, r) for n, week in enumerate(weeks) for r in week.rows]
    by_amount: dict[tuple[str, int], list[tuple[int, Row]]] = defaultdict(list)
    for n, row in [*at, *((-1, row) for row in timely)]:
        if row.kind == "counter":
            by_amount[row.currency, row.amount].append((n, row))
    for n, row in at:
        if row.kind == "entry":
            yield from ((row, c) for k, c in by_amount[row.currency, -row.amount] if k != n)


def _is_answer(counter: Row, entry: Row, settings: Settings) -> bool:
    if (counter.currency, counter.amount) != (entry.currency, -entry.amount):
        return False
    after = counter.recorded_at - entry.recorded_at
    if counter.answers is not None:
        return counter.answers == entry.entry_id and after > -settings.skew
    is_own = counter.job_id is not None and counter.job_id == entry.job_id
    return is_own and -settings.skew < after <= JOB


def _parts(week: Late, settings: Settings) -> Iterator[Late]:
    yield week
    if settings.level != "week":
        for day in {r.effective_date for r in week.rows}:
            yield Late([r for r in week.rows if r.effective_date == day], 0)


def _kept(part: Late, ids: set[Id], faults: Faults) -> set[Id]:
    here = {r.entry_id for r in part.rows} & ids
    if here and not faults(part.rows, part.mismatch):
        return here

    def least(gone: set[Id]) -> int:
        rows = [r for r in part.rows if r.entry_id not in gone]
        return faults(rows, part.mismatch) if rows else 0

    rest = least(here)
    return {entry_id for entry_id in here if least(here - {entry_id}) <= rest}


def unit_apart(rows: Iterable[Row], settings: Settings) -> Unit:
    """What is said of rows that are told apart."""
    told = [
        Judged(r.entry_id, "wrong", 0, r.amount, "orphan_counter", UNKNOWN)
        if r.kind == "counter"
        else judge_uncountered(r, settings)
        for r in rows
    ]
    return Unit(None, tuple(rows), (len(told), 0, 0, 0), frozenset({frozenset(told)}))
