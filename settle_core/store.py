"""Where a book's rows are: the statements that both databases share, and the embedded one, DuckDB.

A store knows transactions, locks and types. What is owed and when is in `sql/book`, one text for
both databases, and nowhere else.
"""

import logging
import random
import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol, TypeVar

import duckdb

from settle_core.refusal import (
    BadBook,
    Busy,
    EntriesInFlight,
    KeyReused,
    Refusal,
    SettledBefore,
    Unbalanced,
)

VERSION: Final = 1
TRIES_MAX: Final = 8
PAUSE_SECONDS_MAX: Final = 0.2
LOG: Final = logging.getLogger(__name__)
Row = tuple[Any, ...]
T = TypeVar("T")


class About(NamedTuple):
    """What a book was made with. `scale`: decimals of money. Week offset: days after Monday."""

    version: int
    scale: int
    currency: str
    week_offset_days: int


class Postings(NamedTuple):
    """Checked postings, column by column. Amounts are decimal text, which both databases read."""

    keys: list[str]
    account_ids: list[str]
    currencies: list[str]
    week_starts: list[date]
    effective_dates: list[date]
    amounts: list[str]
    memos: list[str | None]


class Job(NamedTuple):
    """Who writes: the job's id and which attempt of it this is, where known."""

    job_id: str | None = None
    attempt: int | None = None


class Store(Protocol):
    """What `Book` asks of a database. Each call is one transaction and raises a `Refusal`."""

    about: About

    def post(self, postings: Postings, job: Job, *, answer: bool) -> list[Row]:
        """Enter, and answer what is late: rows of key, entry id, counter id or None.

        A key may come in two rows: the last one holds.
        """

    def owed(self, account_id: str | None, week_start: date | None) -> list[int]:
        """Ids of the late entries that nothing answers yet."""

    def answer(self, entry_ids: list[int], job: Job) -> list[Row]:
        """Answer those of them that are owed: rows of counter id, answers, account, day, amount."""

    def settle(self, week_start: date, account_ids: list[str] | None) -> list[Row]:
        """Fix the week: rows of account, week start, settled amount, settled at, currency."""

    def close(self) -> None:
        """Let go of the database."""


@cache
def sql(name: str) -> str:
    """The text of one file of `sql/book`."""
    return (files("settle_core") / "sql" / "book" / f"{name}.sql").read_text("utf-8").rstrip()


@cache
def parameters(name: str) -> frozenset[str]:
    """The names of the parameters `$name` of one file of `sql/book`."""
    return frozenset(re.findall(r"\$([a-z_]+)", sql(name)))


def repeated(
    call: Callable[[], T], transient: tuple[type[Exception], ...], tries_max: int = TRIES_MAX
) -> T:
    """Call until no transient error comes, at most `tries_max` times; each repeat is logged.

    Raises:
        Busy: when the last try failed too.
    """
    for tried in range(1, tries_max + 1):
        try:
            return call()
        except transient as error:
            first_line = str(error).splitlines()[0]
            LOG.warning("try %d of %d failed: %s", tried, tries_max, first_line)
            if tried == tries_max:
                raise Busy(f"{first_line}, {tried} times") from error
            time.sleep(random.uniform(0, PAUSE_SECONDS_MAX) * tried / tries_max)  # noqa: S311
    raise AssertionError


class DuckStore:
    """A book in a DuckDB file, or in memory.

    DuckDB lets one process write. Within it, one lock for each file makes transactions follow one
    another, which also gives them fresh snapshots. Other code of the process may write to the file
    around that lock: what then collides is repeated.
    """

    _locks: Final[defaultdict[str, threading.Lock]] = defaultdict(threading.Lock)

    def __init__(self, path: str, about: About, wait_seconds: float) -> None:
        """Open the book at `path` (`:memory:`: in memory), made as `about` says if there is none.

        Raises:
            BadBook: another process has the file open, or it is no database.
        """
        try:
            self._con = duckdb.connect(path)
            self.run("duckdb_session")
        except duckdb.Error as error:
            raise BadBook(str(error).splitlines()[0], where=path) from error
        in_memory = path == ":memory:"
        self._lock = threading.Lock() if in_memory else self._locks[str(Path(path).resolve())]
        self._wait_seconds = wait_seconds
        with self._transaction(Busy):
            if not self.run("there")[0][0]:
                self._con.execute(sql("duckdb").format(scale=about.scale))
                self.run("about_new", **about._asdict())
            self.about = About(*self.run("about")[0])

    def post(self, postings: Postings, job: Job, *, answer: bool) -> list[Row]:
        """See `Store`."""
        given = postings._asdict() | job._asdict()

        def post() -> list[Row]:
            with self._transaction(Busy):
                self.run("open_account", **given)
                entered = self.run("enter", **given)
                if len(entered) < len(postings.keys):
                    for key, found in self.run("reused", **given):
                        raise KeyReused(found, where=key)
                elif not self.run("settled_any", **given)[0][0]:
                    return entered
                posted = self.run("posted", **given)
                if not answer:
                    return posted
                self._answer([entry_id for _, entry_id, _ in posted], job)
                return self.run("posted", **given)

        return repeated(post, (duckdb.TransactionException,))

    def owed(self, account_id: str | None, week_start: date | None) -> list[int]:
        """See `Store`."""
        with self._transaction(Busy):
            rows = self.run("owed", account_id=account_id, week_start=week_start)
        return [entry_id for (entry_id,) in rows]

    def answer(self, entry_ids: list[int], job: Job) -> list[Row]:
        """See `Store`."""

        def answer() -> list[Row]:
            with self._transaction(Busy):
                return self._answer(entry_ids, job)

        return repeated(answer, (duckdb.TransactionException,))

    def _answer(self, entry_ids: list[int], job: Job) -> list[Row]:
        answered = self.run("answer", entry_ids=entry_ids, **job._asdict())
        for where, found in self.run("unbalanced", entry_ids=entry_ids):
            raise Unbalanced(found, where=where)
        return answered

    def settle(self, week_start: date, account_ids: list[str] | None) -> list[Row]:
        """See `Store`."""
        given: dict[str, object] = {"week_start": week_start, "account_ids": account_ids}
        given["currency"] = self.about.currency

        def settle() -> list[Row]:
            with self._transaction(EntriesInFlight):
                for account_id, _, amount, at, currency in self.run("settled", **given):
                    raise SettledBefore(
                        f"{amount} {currency} at {at}", where=f"account {account_id}"
                    )
                self.run("open_unknown", **given)
                self.run("fix", **given)
                return self.run("settled", **given)

        rows = repeated(settle, (duckdb.TransactionException,))
        return [(*row[:3], row[3].replace(tzinfo=UTC), row[4]) for row in rows]

    def close(self) -> None:
        """See `Store`."""
        self._con.close()

    def run(self, name: str, **given: object) -> list[Row]:
        """Run one statement of `sql/book`, with those of the given parameters that it has."""
        used = {key: value for key, value in given.items() if key in parameters(name)}
        return self._con.execute(sql(name), used or None).fetchall()

    @contextmanager
    def _transaction(self, when_locked: type[Refusal]) -> Iterator[None]:
        if not self._lock.acquire(timeout=self._wait_seconds):
            raise when_locked(f"another writer for {self._wait_seconds} s")
        try:
            self._con.begin()
            try:
                yield
                self._con.commit()
            except BaseException:
                self._rollback()
                raise
        finally:
            self._lock.release()

    def _rollback(self) -> None:
        try:
            self._con.rollback()
        except duckdb.TransactionException:
            LOG.debug("nothing to roll back: the commit itself had failed")
