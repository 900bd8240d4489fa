"""A book on PostgreSQL, through psycopg 3.

Isolation. Each call is one function of the database in one READ COMMITTED transaction, which takes
its locks first and reads afterwards: a statement's snapshot is then younger than the lock, so it
sees every counter-entry that was committed before the lock was had.

- REPEATABLE READ would not do: its snapshot is taken by the first statement, the one that waits for
  the lock, so after the wait it still reads the sum from before. The database refuses it.
- SERIALIZABLE would do, by failing transactions that then have to be repeated; a lock is cheaper.
- A look before the insert ("is there a counter-entry already?") does not do without the lock: two
  writers both look, both find none, both insert. `UNIQUE (answers)` stops the second one even where
  somebody writes around this library.
- A row lock on a settlement that does not exist holds up nobody. So posting also shares a table
  lock that a settlement takes alone: no entry slips in between the sum and the settlement.
- A read replica lags behind: a sum read there is a stale read by design, and it cannot take part in
  the locks. A book on one is refused.

The guards (`sql/postgres_guards.sql`) hold for everybody else as well: see there.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any, Final, NoReturn, Self

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row

from settle_core import sql
from settle_core.balancing import store
from settle_core.balancing.errors import BadBook, Busy, EntriesInFlight, Refusal
from settle_core.balancing.postgres_errors import TRANSIENT, first_line, refusal
from settle_core.balancing.postgres_schema import Schema, bound
from settle_core.balancing.store import ENTRY, About, Job, Postings, Row
from settle_core.errors import Fault
from settle_core.exports.databases import postgres
from settle_core.exports.databases.postgres import Snapshot
from settle_core.exports.profiles import profile
from settle_core.exports.profiles.wanted import wanted

POSTING: Final = (
    "key",
    "account_id",
    "currency",
    "week_start",
    "effective_date",
    "amount",
    "memo",
)
WAIT_MS_MIN: Final = 1  # 0 would be without end
UNHARMED: Final = {TransactionStatus.IDLE, TransactionStatus.INTRANS}


class PostgresStore:
    """A book in the schema `settle` of a PostgreSQL database.

    One connection: threads that share it take turns. For writers at once, open a book for each.
    """

    def __init__(
        self, con: psycopg.Connection[Any], about: About, wait_seconds: float, *, is_joined: bool
    ) -> None:
        """Use a connection, and make the book as `about` says if there is none.

        Args:
            con: in autocommit mode, or `is_joined`: within a transaction of the caller's own, which
                then commits, rolls back and repeats.
            about: used if there is no book yet.
            wait_seconds: how long to wait for a lock, at most.
            is_joined: see `con`.

        Raises:
            BadBook: a read replica, or a book that this library cannot use.
        """
        self._con = con
        self._cursor = con.cursor(row_factory=tuple_row)  # making one costs a fifth of a call
        self._turn = threading.RLock()
        self._wait_ms = max(round(wait_seconds * 1000), WAIT_MS_MIN)
        self._is_joined = is_joined
        with self._refused():
            if self.run("postgres_replica")[0][0]:
                raise BadBook("a read replica, which lags behind", expected="the primary")
            self.about = Schema(con).demanded(about)
            if not is_joined:
                self.run("postgres_wait", wait=str(self._wait_ms), is_local=False)

    @classmethod
    def connect(cls, url: str, about: About, wait_seconds: float) -> Self:
        """Open the book of the database at `url`.

        Raises:
            BadBook: no connection, a read replica, or a book that this library cannot use.
        """
        try:
            con = postgres.connect(url)
        except Fault as fault:
            raise BadBook(fault.found, where=fault.where, expected=fault.expected) from fault
        try:
            con.execute(sql.text("balancing", "postgres_session").encode())
            return cls(con, about, wait_seconds, is_joined=False)
        except psycopg.Error as error:
            con.close()
            raise BadBook(first_line(error)) from error
        except BaseException:
            con.close()
            raise

    def post(self, postings: Postings, job: Job, *, answer: bool, kind: str = ENTRY) -> list[Row]:
        """See `Store`."""
        writer = job._asdict()
        if kind != ENTRY:
            return self._call("call_correct", Busy, postings._asdict() | writer)
        writer["answer"] = answer
        if len(postings.keys) > 1:
            return self._call("call_post", Busy, postings._asdict() | writer)
        columns: tuple[list[Any], ...] = postings
        one = {name: column[0] for name, column in zip(POSTING, columns, strict=True)}
        return self._call("call_post_one", Busy, one | writer)

    def owed(self, account_id: str | None, week_start: date | None) -> list[Row]:
        """See `Store`."""
        with self._refused():
            return self.run("call_owed", account_id=account_id, week_start=week_start)

    def answer(self, entry_ids: list[int], job: Job) -> list[Row]:
        """See `Store`."""
        return self._call("call_answer", Busy, {"entry_ids": entry_ids} | job._asdict())

    def settle(self, week_start: date, account_ids: list[str] | None) -> list[Row]:
        """See `Store`."""
        given = {"week_start": week_start, "account_ids": account_ids}
        return self._call("call_settle", EntriesInFlight, given | {"currency": self.about.currency})

    def export(self, folder: Path, suffix: str) -> None:
        """See `Store`."""
        if self._is_joined:
            raise BadBook("a transaction of the caller", expected="a book opened by its address")
        canonical = wanted(profile.load("canonical"), suffix)
        with self._refused(), Snapshot.taken(self._con) as taken:
            taken.export(canonical, folder)

    def close(self) -> None:
        """See `Store`; a joined connection stays open."""
        if not self._is_joined:
            self._con.close()

    @contextmanager
    def part(self) -> Iterator[None]:
        """See `Store`: within a caller's transaction, a savepoint."""
        if not self._is_joined:
            yield
            return
        with self._con.transaction():
            yield

    def run(self, name: str, **given: object) -> list[Row]:
        """Run one statement of `sql/`."""
        with self._turn:
            return self._cursor.execute(bound(name), given).fetchall()

    def _call(self, name: str, when_locked: type[Refusal], given: dict[str, Any]) -> list[Row]:
        was_sent = not (self._is_joined or self._con.closed)
        try:
            if self._is_joined:
                return self._within(name, given)
            return store.repeated(lambda: self.run(name, **given), TRANSIENT)
        except (psycopg.Error, UnicodeError) as error:
            self._raise(error, when_locked, was_sent=was_sent)

    def _within(self, name: str, given: dict[str, Any]) -> list[Row]:
        """A call in the caller's transaction, who gets the own lock_timeout back.

        If the call fails, the transaction has failed, and its rollback gives it back.
        """
        idle = self._con.info.transaction_status == TransactionStatus.IDLE
        is_local = not (idle and self._con.autocommit)
        ((before, _),) = self.run("postgres_wait", wait=str(self._wait_ms), is_local=is_local)
        try:
            rows = self.run(name, **given)
            # What a joined book must hold it holds when the call returns.
            self._con.execute(sql.text("balancing", "postgres_joined").encode())
        finally:
            if self._con.info.transaction_status in UNHARMED:
                self.run("postgres_wait", wait=before, is_local=is_local)
        return rows

    @contextmanager
    def _refused(self) -> Iterator[None]:
        """For calls that write nothing which could be lost."""
        try:
            yield
        except (psycopg.Error, UnicodeError) as error:
            self._raise(error, Busy, was_sent=False)

    def _raise(self, error: Exception, when_locked: type[Refusal], *, was_sent: bool) -> NoReturn:
        locked = when_locked(f"a lock held for {self._wait_ms} ms")
        told = refusal(error, self._con, was_sent=was_sent, when_locked=locked)
        if told is None:
            raise error
        raise told from error
