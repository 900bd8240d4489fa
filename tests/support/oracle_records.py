"""The records of the oracle, and what both policies of balancing share.

Amounts are whole minor units, days dates, instants UTC datetimes.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import accumulate, combinations
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
    """Sets of counters that may be one answer: of one job in one moment, or naming one entry."""
    found: set[tuple[Row, ...]] = set()
    counters = [r for r in rows if r.kind == "counter"]
    for job in {r.job_id for r in counters if r.job_id}:
        found |= _at_once([r for r in counters if r.job_id == job], settings.skew)
    for named in {r.answers for r in counters if r.answers is not None}:
        found |= set(_several([r for r in counters if r.answers == named]))
    return sorted(found, key=lambda some: [clock_order(r) for r in some])


def _several(rows: Sequence[Row]) -> Iterable[tuple[Row, ...]]:
    for size in range(2, len(rows) + 1):
        yield from combinations(rows, size)


def _at_once(rows: Sequence[Row], skew: timedelta) -> set[tuple[Row, ...]]:
    def is_moment(some: tuple[Row, ...]) -> bool:
        instants = [r.recorded_at for r in some]
        totals = list(accumulate((r.amount for r in some), initial=0))
        # What is taken back within the moment is no part of an answer.
        is_taken_back = len(set(totals)) < len(totals)
        return max(instants) - min(instants) <= skew and not is_taken_back

    return {some for some in _several(rows) if is_moment(some)}


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
