"""The records of the oracle, and what both policies of balancing share.

Amounts are whole minor units, days dates, instants UTC datetimes.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import combinations
from typing import NamedTuple

Id = int | str
UNKNOWN = frozenset({"unknown"})
ANY_CAUSE = frozenset({"stale_read", "race", "repeated_job", "lost_job", "unknown", ""})
Cost = tuple[int, int, int, int]


class Row(NamedTuple):
    """One ledger row; `kind` is entry or counter, `amount` in minor units."""

    entry_id: Id
    account_id: Id
    effective_date: date
    amount: int
    kind: str
    recorded_at: datetime
    job_id: str | None = None
    answers: Id | None = None
    currency: str = "EUR"


class Settlement(NamedTuple):
    """What an account's week was fixed at."""

    account_id: Id
    week_start: date
    settled_amount: int
    settled_at: datetime
    currency: str = "EUR"


class Settings(NamedTuple):
    """The choices of a profile; without `as_of` the last recorded instant counts as now."""

    skew: timedelta = timedelta(seconds=2)
    grace: timedelta = timedelta(minutes=15)
    as_of: datetime | None = None
    policy: str = "auto"
    level: str = "auto"
    ids_are_sequence: bool = True


class Judged(NamedTuple):
    """A row that does not hold; `causes` are those that some best explanation gives it."""

    entry_id: Id
    role: str  # wrong | compensating | uncountered
    expected: int
    effect: int
    rule: str
    causes: frozenset[str]
    status: str = "open"


Explanation = frozenset[Judged]


class Unit(NamedTuple):
    """The late rows that one counter-entry has to bring back to zero, and what they say."""

    day: date | None  # None: the whole week
    rows: tuple[Row, ...]
    cost: Cost
    explanations: frozenset[Explanation]

    @property
    def told(self) -> frozenset[frozenset[tuple[Id, str, int]]]:
        """The explanations as (row id, role, expected) alone."""
        return frozenset(
            frozenset((j.entry_id, j.role, j.expected) for j in e) for e in self.explanations
        )


def clock_order(row: Row) -> tuple[datetime, int, str]:
    """Sort key: by the clock, then by id."""
    number = row.entry_id if isinstance(row.entry_id, int) else 0
    return row.recorded_at, number, str(row.entry_id)


def surely_before(x: Row, y: Row, skew: timedelta) -> bool:
    """Tell whether the clocks leave no doubt that x came before y."""
    return x.recorded_at < y.recorded_at and y.recorded_at - x.recorded_at >= skew


def answers_in_parts(rows: Sequence[Row], settings: Settings) -> list[tuple[Row, ...]]:
    """Sets of counters that name nothing and may be one answer: of one job in one moment."""
    return [
        some
        for moment in _moments([row for row in rows if row.answers is None], settings)
        for size in range(2, len(moment) + 1)
        for some in combinations(moment, size)
    ]


def whole_answers(rows: Sequence[Row], settings: Settings) -> list[tuple[Row, ...]]:
    """Counters that may be one answer, as many as there are; each in one set at most.

    Those that name one entry, unless one of them is all that was owed for it; and of those that
    name nothing what one job wrote in one moment.
    What is taken back within the moment is no part of an answer, so rows some of which in a row
    add up to nothing are none. Rows that come again and again are an answer each time, unless each
    is minus a late entry, and so no part.
    """
    named: dict[Id, list[Row]] = {}
    for row in sorted(rows, key=clock_order):
        if row.kind == "counter" and row.answers is not None:
            named.setdefault(row.answers, []).append(row)
    owed = {row.entry_id: -row.amount for row in rows if row.kind == "entry"}
    answers = [
        tuple(some)
        for name, some in named.items()
        if len(some) > 1 and all(row.amount != owed.get(name) for row in some)
    ]
    for moment in _moments([row for row in rows if row.answers is None], settings):
        count = len(moment)
        runs = [moment[i:j] for i in range(count) for j in range(i + 1, count + 1)]
        if all(sum(r.amount for r in run) for run in runs):
            is_each_whole = all(r.amount in owed.values() for r in moment)
            size = count if is_each_whole else _once(moment)
            answers += [moment[k : k + size] for k in range(0, count, size)]
    return answers


def reposted(rows: Sequence[Row], settings: Settings) -> list[tuple[Row, ...]]:
    """Pairs of neighbours in a moment of a job that wrote no late entry, which come to nothing.

    The first takes back a counter of another job that was there, the second posts it again. All
    name the same entry, or none.
    """
    pairs: list[tuple[Row, ...]] = []
    for name in dict.fromkeys(r.answers for r in rows):
        alike = [r for r in rows if r.kind == "counter" and r.answers == name]
        for moment in _moments(alike, settings):
            if any(r.kind == "entry" and r.job_id == moment[0].job_id for r in rows):
                continue
            k = 0
            while k + 1 < len(moment):
                back, again = moment[k], moment[k + 1]
                is_pair = again.amount + back.amount == 0 != again.amount and any(
                    (r.amount, r.job_id != back.job_id) == (again.amount, True)
                    and clock_order(r) < clock_order(back)
                    for r in alike
                )
                pairs += [(back, again)] if is_pair else []
                k += 1 + is_pair
    return pairs


def _once(moment: Sequence[Row]) -> int:
    """How many rows come again and again; all where nothing does, or each is but the same."""
    amounts = [row.amount for row in moment]
    sizes = [
        size
        for size in range(2, len(amounts))
        if len(amounts) % size == 0 and amounts == amounts[:size] * (len(amounts) // size)
    ]
    return sizes[0] if sizes and len(set(amounts)) > 1 else len(amounts)


def _moments(rows: Sequence[Row], settings: Settings) -> list[tuple[Row, ...]]:
    """Counters of one job, each within the skew of the one before."""
    moments: list[list[Row]] = []
    for row in sorted(rows, key=clock_order):
        if row.kind != "counter" or not row.job_id:
            continue
        running = [m for m in moments if m[-1].job_id == row.job_id]
        if running and row.recorded_at - running[-1][-1].recorded_at <= settings.skew:
            running[-1].append(row)
        else:
            moments.append([row])
    return [tuple(moment) for moment in moments if len(moment) > 1]


def told_of(some: Sequence[Row], off: int) -> Row:
    """Of rows that together are off by so much, the one to tell: without it, they are right.

    The last of such rows; where there is none, the last of all.
    """
    in_order = sorted(some, key=clock_order)
    return ([r for r in in_order if r.amount == off] or in_order)[-1]


def uncountered(unanswered: Sequence[Row]) -> list[tuple[Row, ...]]:
    """Pick the fewest rows with the sum of all; among these the latest recorded."""
    total = sum(r.amount for r in unanswered)
    for size in range(len(unanswered) + 1):
        fits = [c for c in combinations(unanswered, size) if sum(r.amount for r in c) == total]
        if fits:
            latest = max(_latest_first(c) for c in fits)
            return [c for c in fits if _latest_first(c) == latest]
    raise AssertionError("all rows together have the sum of all")


def _latest_first(rows: Iterable[Row]) -> list[datetime]:
    return sorted((r.recorded_at for r in rows), reverse=True)


def judge_uncountered(row: Row, settings: Settings) -> Judged:
    """Make the judgement of an entry that no counter answers."""
    assert settings.as_of, "expected_findings sets it"
    status = "pending" if settings.as_of - row.recorded_at < settings.grace else "open"
    cause = frozenset({"lost_job"})
    rule = "uncountered_entry"
    return Judged(row.entry_id, "uncountered", 0, row.amount, rule, cause, status)
