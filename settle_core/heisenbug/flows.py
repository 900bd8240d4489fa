"""The story's background job, in the ways in which it broke.

A job brings late entries for one day of a settled week. For each of them it looks how far the day
is from its settled sum, and posts the difference. Whether the day holds afterwards depends on what
that look saw.

- `console`: every look is fresh, one job after another. It works, which is why the bug hid.
- `cached`: looks go through a query cache that the counter-entry's raw INSERT does not clear.
- `pinned`: looks go through a REPEATABLE READ transaction that is older than the counter-entries.
- `repeated`: a job answers each entry by its opposite, dies before it says so, and is run again.
- `race`: jobs run at once, and none locks anything between its look and its INSERT.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any, Final

import psycopg

from settle_core import sql
from settle_core.exports.databases import postgres

Row = tuple[Any, ...]
CACHED: Final = "CACHE"


class QueryCache:
    """Wraps a connection.

    Attributes:
        log: each statement in order, with `CACHE` where the answer came from the cache.
    """

    def __init__(self, con: psycopg.Connection[Any], *, enabled: bool) -> None:
        """Wrap `con`; not `enabled`, as in a console, every SELECT is asked anew."""
        self._con = con
        self._enabled = enabled
        self._answers: dict[tuple[str, str], list[Row]] = {}
        self.log: list[tuple[str, str]] = []

    @property
    def hits(self) -> int:
        """How many answers came from the cache."""
        return sum(source == CACHED for source, _ in self.log)

    def select(self, query: str, given: dict[str, Any]) -> list[Row]:
        """Ask; the same text with the same parameters is asked once."""
        key = (query, repr(given))
        known = self._enabled and key in self._answers
        self.log.append((CACHED if known else "", query))
        if not known:
            self._answers[key] = self._con.execute(query.encode(), given).fetchall()
        return self._answers[key]

    def insert(self, statement: str, given: dict[str, Any]) -> list[Row]:
        """Write as `create!` does: the cache is cleared."""
        self._answers.clear()
        return self.execute(statement, given)

    def execute(self, statement: str, given: dict[str, Any]) -> list[Row]:
        """Write as `connection.execute` does: the cache is left as it is."""
        self.log.append(("", statement))
        return self._con.execute(statement.encode(), given).fetchall()

    @contextmanager
    def uncached(self) -> Iterator[None]:
        """Ask anew within this block: the fix, when it is around the read."""
        before, self._enabled = self._enabled, False
        try:
            yield
        finally:
            self._enabled = before

    def clear(self) -> None:
        """Forget all answers, as between two jobs."""
        self._answers.clear()


WORKERS: Final = 6
PAUSE_SECONDS_MAX: Final = 0.05


@dataclass(frozen=True)
class Job:
    """Late entries of one day, which one job brings. It dies `crashes` times after its writes."""

    job_id: str
    user_id: int
    day: date
    amounts: tuple[Decimal, ...]
    crashes: int

    @property
    def where(self) -> dict[str, Any]:
        """The account and the day, as parameters."""
        return {"user_id": self.user_id, "date": self.day}


class Worker:
    """What runs jobs: a connection behind a query cache, cleared between jobs.

    Attributes:
        cache: the connection; its log is the worker's.
    """

    def __init__(self, con: psycopg.Connection[Any], *, is_cached: bool) -> None:
        """Run jobs over a connection; not `is_cached`, as in a console."""
        self._con = con
        self.cache = QueryCache(con, enabled=is_cached)

    def run(self, job: Job) -> None:
        """Enter what the job brings, then look and post the difference, once for each entry."""
        self.cache.clear()
        self.enter(job)
        for _ in job.amounts:
            self.balance(job, self.look)

    def enter(self, job: Job, job_id: str | None = None) -> list[int]:
        """Write the late entries as `create!` does. Returns their ids."""
        rows = [
            self.cache.insert(
                statement("entry"), job.where | {"amount": amount, "job_id": job_id or job.job_id}
            )
            for amount in job.amounts
        ]
        return [ident for ((ident,),) in rows]

    def look(self, job: Job) -> Decimal:
        """The sum of the day, through the cache."""
        return sum_of(self.cache.select(statement("day_sum"), job.where))

    def balance(self, job: Job, look: Callable[[Job], Decimal]) -> None:
        """Post what the day is off by, as a look sees it: the statement is raw."""
        settled = sum_of(self._con.execute(statement("settled_day").encode(), job.where).fetchall())
        difference = settled - look(job)
        if difference:
            self.post(job, difference, "auto counter")

    def post(self, job: Job, amount: Decimal, memo: str) -> None:
        """Write a counter-entry as `connection.execute` does."""
        given = job.where | {"amount": amount, "memo": memo, "job_id": job.job_id}
        self.cache.execute(statement("counter"), given)


def console(url: str, jobs: Sequence[Job]) -> int:
    """Every look is fresh. Returns how many were answered by a cache: none."""
    return _in_turn(url, jobs, is_cached=False)


def cached(url: str, jobs: Sequence[Job]) -> int:
    """Looks go through the query cache. Returns how many it answered."""
    return _in_turn(url, jobs, is_cached=True)


def _in_turn(url: str, jobs: Sequence[Job], *, is_cached: bool) -> int:
    with postgres.connect(url) as con:
        worker = Worker(con, is_cached=is_cached)
        for job in jobs:
            worker.run(job)
        return worker.cache.hits


def pinned(url: str, jobs: Sequence[Job]) -> int:
    """A job's looks go through a transaction whose snapshot its first look has pinned."""
    with postgres.connect(url) as con, postgres.connect(url) as reader:
        reader.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        worker = Worker(con, is_cached=False)

        def look(job: Job) -> Decimal:
            return sum_of(reader.execute(statement("day_sum").encode(), job.where).fetchall())

        for job in jobs:
            worker.enter(job)
            with reader.transaction():
                for _ in job.amounts:
                    worker.balance(job, look)
    return 0


def repeated(url: str, jobs: Sequence[Job]) -> int:
    """A job's writes are there when it dies, and there again when it is repeated."""
    with postgres.connect(url) as con:
        worker = Worker(con, is_cached=False)
        for job in jobs:
            entries = worker.enter(job, job_id="web")
            for _ in range(1 + job.crashes):
                for ident, amount in zip(entries, job.amounts, strict=True):
                    worker.post(job, -amount, f"counter of ledger {ident}")
    return 0


def race(url: str, jobs: Sequence[Job]) -> int:
    """Jobs run at once, and what one posts after another's look is not seen by that."""

    def run(number: int) -> None:
        draw = random.Random(number)  # noqa: S311
        with postgres.connect(url) as con:
            worker = Worker(con, is_cached=False)

            def look(job: Job) -> Decimal:
                seen = worker.look(job)
                time.sleep(draw.uniform(0, PAUSE_SECONDS_MAX))
                return seen

            for job in jobs[number::WORKERS]:
                worker.enter(job)
                worker.balance(job, look)

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(run, range(WORKERS)))
    return 0


FLOWS: Final[dict[str, Callable[[str, Sequence[Job]], int]]] = {
    "console": console,
    "cached": cached,
    "pinned": pinned,
    "repeated": repeated,
    "race": race,
}


def sum_of(rows: list[Row]) -> Decimal:
    """The one number of an answer; no rows sum to nothing."""
    ((total,),) = rows
    return Decimal(0) if total is None else Decimal(total)


@cache
def statement(name: str) -> str:
    """One statement of the story, its parameters in psycopg's form."""
    return sql.for_psycopg(sql.text("heisenbug", name))
