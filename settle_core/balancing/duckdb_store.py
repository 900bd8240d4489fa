"""A book on DuckDB: in a file of its own, or in memory."""

import threading
import weakref
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, date
from pathlib import Path
from typing import Final

import duckdb

from settle_core import sql
from settle_core.balancing import duckdb_file, duckdb_schema
from settle_core.balancing.address import MEMORY
from settle_core.balancing.errors import (
    BadBook,
    BadPosting,
    Busy,
    EntriesInFlight,
    KeyReused,
    LostConnection,
    Refusal,
    SettledBefore,
    TooLarge,
    Unavailable,
    Unbalanced,
    Unsettled,
)
from settle_core.balancing.store import (
    CORRECTION,
    ENTRY,
    LOG,
    About,
    Job,
    Postings,
    Row,
    repeated,
)
from settle_core.exports.files import control_totals

# What is exported, and of what there are control totals: ids and amounts.
EXPORTED: Final = {
    "entries": ("entry_id", "amount"),
    "settlements": ("week_start", "settled_amount"),
}


UNWRITABLE: Final = "Could not write"  # as DuckDB says of a full disk when it commits
GUARDED: Final[dict[str, type[Refusal]]] = {"unbalanced": Unbalanced, "unsettled": Unsettled}
# What DuckDB raises, by what it means; the first that fits.
RAISED: Final[tuple[tuple[type[duckdb.Error], type[Refusal]], ...]] = (
    (duckdb.TransactionException, Busy),
    (duckdb.ConversionException, TooLarge),
    (duckdb.OutOfRangeException, TooLarge),
    (duckdb.DataError, BadPosting),
    (duckdb.OperationalError, Unavailable),
    (duckdb.IOException, Unavailable),
    (duckdb.ConnectionException, Unavailable),
    (duckdb.InvalidInputException, Unavailable),  # a database that is read-only
    (duckdb.CatalogException, BadBook),
)


class DuckStore:
    """A book in a DuckDB file, or in memory.

    DuckDB lets one process write. Within it, one lock for each file makes transactions follow one
    another, which also gives them fresh snapshots. Other code of the process may write to the file
    around that lock: what then collides is repeated.
    """

    _locks: Final[defaultdict[str, threading.Lock]] = defaultdict(threading.Lock)

    def __init__(self, path: str, about: About, wait_seconds: float) -> None:
        """Open the book at `path`, made as `about` says if there is none.

        Args:
            path: of a file; `:memory:`: in memory, with a name after it one that is shared.
            about: used if there is no book yet.
            wait_seconds: how long to wait for a lock, at most.

        Raises:
            BadBook: another process has the file open, or it is no database.
        """
        in_memory = path.startswith(MEMORY)
        self._wait_seconds = wait_seconds
        self._let_go: weakref.finalize[..., DuckStore] | None = None
        try:
            self._con = duckdb.connect(path)
        except duckdb.Error as error:
            raise BadBook(_first_line(error), where=path) from error
        try:
            if not in_memory:
                key = duckdb_file.hold(path)
                self._let_go = weakref.finalize(self, duckdb_file.release, key)
            name = path if in_memory else str(Path(path).resolve())
            self._lock = threading.Lock() if path == MEMORY else self._locks[name]
            self.run("duckdb_session")
            with self._transaction(Busy):
                self.about = duckdb_schema.demanded(self._con, about)
        except BaseException:
            self.close()
            raise

    def post(self, postings: Postings, job: Job, *, answer: bool, kind: str = ENTRY) -> list[Row]:
        """See `Store`."""
        given = postings._asdict() | job._asdict() | {"kind": kind}

        def post() -> list[Row]:
            with self._transaction(Busy):
                if kind == CORRECTION:
                    for (where,) in self.run("unsettled", **given):
                        raise Unsettled(where=where)
                else:
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
                self.run("answer", entry_ids=[row[1] for row in posted], **job._asdict())
                return self.run("posted", **given)

        return self._repeated(post)

    def owed(self, account_id: str | None, week_start: date | None) -> list[Row]:
        """See `Store`."""
        with self._refused(), self._transaction(Busy):
            return self.run("owed", account_id=account_id, week_start=week_start)

    def answer(self, entry_ids: list[int], job: Job) -> list[Row]:
        """See `Store`."""

        def answer() -> list[Row]:
            with self._transaction(Busy):
                return self.run("answer", entry_ids=entry_ids, **job._asdict())

        return self._repeated(answer)

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

        rows = self._repeated(settle)
        return [(*row[:3], row[3].replace(tzinfo=UTC), row[4]) for row in rows]

    def export(self, folder: Path, suffix: str) -> None:
        """See `Store`."""
        tables = []
        with self._refused(), self._transaction(Busy):
            for name, (ident, amount) in EXPORTED.items():
                relation = self._con.sql(sql.text("balancing", name))
                columns = dict(zip(relation.columns, map(str, relation.types), strict=True))
                exported = control_totals.Exported(name + suffix, columns, ident, amount)
                control_totals.write(relation, folder / exported.file)
                tables.append((exported, control_totals.totals(folder, exported)))
        control_totals.record(folder, {"database": f"DuckDB {duckdb.__version__}"}, tables)

    def part(self) -> AbstractContextManager[None]:
        """See `Store`: each call is a transaction of its own."""
        return nullcontext()

    def close(self) -> None:
        """See `Store`."""
        self._con.close()
        if self._let_go is not None:
            self._let_go()

    def run(self, name: str, **given: object) -> list[Row]:
        """Run one statement of `sql/`, with those of the given parameters that it has."""
        return duckdb_schema.run(self._con, name, **given)

    def _repeated(self, call: Callable[[], list[Row]]) -> list[Row]:
        with self._refused():
            return repeated(call, (duckdb.TransactionException,))

    @contextmanager
    def _refused(self) -> Iterator[None]:
        try:
            yield
        except (duckdb.Error, UnicodeError) as error:
            told = _refusal(error)
            if told is None:
                raise
            raise told from error

    @contextmanager
    def _transaction(self, when_locked: type[Refusal]) -> Iterator[None]:
        if not self._lock.acquire(timeout=self._wait_seconds):
            raise when_locked(f"another writer for {self._wait_seconds:g} s")
        try:
            self._con.begin()
            try:
                yield
                self._commit()
            except BaseException:
                self._rollback()
                raise
        finally:
            self._lock.release()

    def _commit(self) -> None:
        try:
            self._con.commit()
        except duckdb.TransactionException as error:
            # Of a full disk DuckDB takes back what it had begun to write; the next try fails too.
            if UNWRITABLE in str(error):
                raise Unavailable(_first_line(error)) from error
            raise  # a collision, after which nothing is written
        except duckdb.Error as error:
            raise LostConnection(_first_line(error)) from error

    def _rollback(self) -> None:
        try:
            self._con.rollback()
        except duckdb.Error:
            LOG.debug("nothing to roll back: the commit itself had failed")


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__


def _refusal(error: Exception) -> Refusal | None:
    """The refusal that an error of DuckDB stands for; None: a bug, to be raised as it is."""
    said = _first_line(error)
    if isinstance(error, UnicodeError):
        return BadPosting(said, expected="text that UTF-8 can hold")
    code, *rest = said.removeprefix("Invalid Input Error: ").split("|")
    if code in GUARDED:
        return GUARDED[code](rest[1], where=rest[0])
    if isinstance(error, duckdb.FatalException):
        return LostConnection(said)
    for raised, kind in RAISED:
        if isinstance(error, raised):
            return kind(said)
    return None
