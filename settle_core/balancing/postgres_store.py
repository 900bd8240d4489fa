"""A book on PostgreSQL, through psycopg 3.

Isolation. Each call is one function of the database in one READ COMMITTED transaction, which takes
its locks first and reads afterwards: a statement's snapshot is then younger than the lock, so it
sees every counter-entry that was committed before the lock was had.

- REPEATABLE READ would not do: its snapshot is taken by the first statement, the one that waits for
  the lock, so after the wait it still reads the sum from before. The functions refuse it.
- SERIALIZABLE would do, by failing transactions that then have to be repeated; a lock is cheaper.
- A look before the insert ("is there a counter-entry already?") does not do without the lock: two
  writers both look, both find none, both insert. `UNIQUE (answers)` stops the second one even where
  somebody writes around this library.
- A row lock on a settlement that does not exist holds up nobody. So posting also shares a table
  lock that a settlement takes alone: no entry slips in between the sum and the settlement.
- A read replica lags behind: a sum read there is a stale read by design, and it cannot take part in
  the locks. A book on one is refused.
"""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Final, Self

import psycopg
from psycopg import errors
from psycopg.rows import tuple_row

from settle_core import sql
from settle_core.balancing import store
from settle_core.balancing.errors import (
    BadBook,
    Busy,
    EntriesInFlight,
    KeyReused,
    PinnedSnapshot,
    Refusal,
    SettledBefore,
    Unbalanced,
    Unsettled,
)
from settle_core.balancing.store import ENTRY, About, Job, Postings, Row
from settle_core.exports import postgres, profile
from settle_core.exports.postgres import Snapshot

# Another writer was first, or the server broke a circle of waiting: the same call may do next time.
TRANSIENT: Final = (
    errors.SerializationFailure,
    errors.DeadlockDetected,
    errors.UniqueViolation,
)
REFUSED: Final = "SB001"
REFUSALS: Final[dict[str | None, type[Refusal]]] = {
    "key_reused": KeyReused,
    "pinned_snapshot": PinnedSnapshot,
    "settled_before": SettledBefore,
    "unbalanced": Unbalanced,
    "unsettled": Unsettled,
}
POSTING: Final = (
    "key",
    "account_id",
    "currency",
    "week_start",
    "effective_date",
    "amount",
    "memo",
)
STEPS: Final = (
    "answer",
    "enter",
    "fix",
    "open_account",
    "open_unknown",
    "posted",
    "reused",
    "settled",
    "unbalanced",
    "unsettled",
)


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
            BadBook: a read replica.
        """
        self._con = con
        self._wait_ms = round(wait_seconds * 1000)
        self._is_joined = is_joined
        if self.run("postgres_replica")[0][0]:
            raise BadBook("a read replica, which lags behind", expected="the primary")
        if not self.run("there")[0][0]:
            self._make(about)
        self.about = About(*self.run("about")[0])

    @classmethod
    def connect(cls, url: str, about: About, wait_seconds: float) -> Self:
        """Open the book of the database at `url`.

        Raises:
            Fault: no connection.
            BadBook: a read replica.
        """
        con = postgres.connect(url)
        try:
            con.execute(sql.text("balancing", "postgres_session").encode())
            return cls(con, about, wait_seconds, is_joined=False)
        except BaseException:
            con.close()
            raise

    def post(self, postings: Postings, job: Job, *, answer: bool, kind: str = ENTRY) -> list[Row]:
        """See `Store`."""
        writer = job._asdict() | {"answer": answer, "kind": kind}
        if len(postings.keys) > 1:
            return self._call("call_post", Busy, postings._asdict() | writer)
        columns: tuple[list[Any], ...] = postings
        one = {name: column[0] for name, column in zip(POSTING, columns, strict=True)}
        return self._call("call_post_one", Busy, one | writer)

    def owed(self, account_id: str | None, week_start: date | None) -> list[int]:
        """See `Store`."""
        rows = self.run("owed", account_id=account_id, week_start=week_start)
        return [entry_id for (entry_id,) in rows]

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
        canonical = postgres.wanted(profile.load("canonical"), suffix)
        with Snapshot.taken(self._con) as taken:
            taken.export(canonical, folder)

    def close(self) -> None:
        """See `Store`; a joined connection stays open."""
        if not self._is_joined:
            self._con.close()

    def _call(self, name: str, when_locked: type[Refusal], given: dict[str, Any]) -> list[Row]:
        def call() -> list[Row]:
            return self.run(name, **given, wait_ms=self._wait_ms)

        try:
            return store.repeated(call, () if self._is_joined else TRANSIENT)
        except errors.LockNotAvailable as error:
            raise when_locked(f"a lock held for {self._wait_ms} ms") from error
        except TRANSIENT as error:  # in a joined transaction, which is the caller's to repeat
            raise Busy(str(error).splitlines()[0]) from error
        except psycopg.Error as error:
            if error.sqlstate != REFUSED:
                raise
            diagnosis = error.diag
            refusal = REFUSALS[diagnosis.message_primary]
            raise refusal(
                diagnosis.message_detail or "", where=diagnosis.message_hint or ""
            ) from error

    def run(self, name: str, **given: object) -> list[Row]:
        """Run one statement of `sql/`."""
        return self._con.cursor(row_factory=tuple_row).execute(_bound(name), given).fetchall()

    def _make(self, about: About) -> None:
        with self._con.transaction():
            self.run("postgres_maker")
            if not self.run("there")[0][0]:
                tables = sql.text("balancing", "postgres")
                functions = sql.text("balancing", "postgres_functions")
                self._con.execute(tables.format(scale=about.scale).encode())
                steps = {step: _as_body(step) for step in STEPS}
                self._con.execute(functions.format(**steps).encode())
                self._con.execute(_bound("about_new"), about._asdict())


@cache
def _bound(name: str) -> bytes:
    """One statement with its parameters `$name` in psycopg's form."""
    return sql.for_psycopg(sql.text("balancing", name)).encode()


def _as_body(name: str) -> str:
    """One statement with its parameters `$name` as the arguments of a function."""
    return sql.renamed(sql.text("balancing", name), "given_")
