"""The simulated database: rows with the instants of writing and of commit, and later changes.

Instants are whole microseconds since the simulation's first Monday, amounts whole cents.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final, NamedTuple

MS: Final = 1_000
SECOND: Final = 1_000_000
MINUTE: Final = 60 * SECOND
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
WEEK: Final = 7 * DAY


class Unit(NamedTuple):
    """What a balancer keeps even: an account's day, or its week (`day` is None)."""

    account: str
    week: date
    day: date | None

    def holds(self, account: str, day: date) -> bool:
        """Whether an account's day is in it."""
        if account != self.account:
            return False
        return day == self.day if self.day else 0 <= (day - self.week).days < 7


@dataclass
class Row:
    """A row as written. `counted` says that the settlement's amount holds it."""

    number: int
    account: str
    day: date
    amount: int
    kind: str
    written: int
    stamped: int
    server: int = 0
    job: str = ""
    run: str = ""
    attempt: int = 1
    answers: int | None = None
    observed: int | None = None
    last_seen: int | None = None
    memo: str = ""
    committed: int | None = None
    counted: bool = False
    removed: bool = False
    final: tuple[str, date, int] | None = None

    @property
    def week(self) -> date:
        """The Monday of its week."""
        return self.day - timedelta(days=self.day.weekday())

    @property
    def stands(self) -> tuple[str, date, int]:
        """Account, day and amount as they stand in the end."""
        return self.final or (self.account, self.day, self.amount)


class Change(NamedTuple):
    """What an edit, a removal or a move did to a day after the settlement."""

    at: int
    account: str
    day: date
    amount: int
    row: int

    @property
    def week(self) -> date:
        """The Monday of its week."""
        return self.day - timedelta(days=self.day.weekday())


class View(NamedTuple):
    """What a read gave: the numbers of the rows and changes in it, and their sum."""

    asked: int
    rows: frozenset[int]
    changes: int
    total: int


@dataclass
class Answer:
    """The rows of one answer, what their writer saw, and what it meant to answer.

    Attributes:
        rows: in the order of writing.
        unit: where the answer was due.
        view: what its writer read; None where it read nothing (one answer for each entry).
        asked: when it believed to read.
        target: the entry it answers, where it answers one.
        reason: of a fault that no read explains: repeated_job, unknown.
        is_again: a second run of a job that had written already.
    """

    rows: list[Row]
    unit: Unit
    view: View | None
    asked: int
    target: Row | None = None
    reason: str = ""
    is_again: bool = False


class Settled(NamedTuple):
    """A settlement: when its sum was taken, and the instant it carries."""

    account: str
    week: date
    amount: int
    at: int
    stamped: int


@dataclass
class Ledger:
    """All tables, and everything that was noted beside them."""

    rows: list[Row] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    settled: list[Settled] = field(default_factory=list)
    fixes: list[Row] = field(default_factory=list)
    lost: set[int] = field(default_factory=set)
    locks: set[str] = field(default_factory=set)

    def of(self, unit: Unit) -> Iterator[Row]:
        """Committed rows of a unit that its settlement does not hold."""
        for row in self.rows:
            if row.counted or row.committed is None:
                continue
            if unit.holds(row.account, row.day):
                yield row

    def changed(self, unit: Unit) -> Iterator[Change]:
        """Changes of a unit."""
        for change in self.changes:
            if unit.holds(change.account, change.day):
                yield change

    def read(self, unit: Unit, now: int, as_of: int | None = None, own: str = "") -> View:
        """Sum what is committed at an instant, now or earlier, and what the own run wrote."""
        at = now if as_of is None else as_of
        rows = [
            r
            for r in self.of(unit)
            if r.committed is not None and (r.committed <= at or (own and r.run == own))
        ]
        changes = [c for c in self.changed(unit) if c.at <= at]
        total = sum(r.amount for r in rows) + sum(c.amount for c in changes)
        return View(now, frozenset(r.number for r in rows), len(changes), total)

    def is_settled(self, unit: Unit) -> bool:
        """Whether a unit's week is settled yet."""
        return any((s.account, s.week) == (unit.account, unit.week) for s in self.settled)

    def settle(self, account: str, week: date, now: int, stamped: int) -> None:
        """Fix an account's week at the sum of what is committed."""
        amount = 0
        for row in self.rows:
            if row.account == account and row.week == week and row.committed is not None:
                row.counted = True
                amount += row.amount
        self.settled.append(Settled(account, week, amount, now, stamped))
