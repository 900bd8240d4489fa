"""A book on DuckDB: in a file of its own, or in memory."""

import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date
from pathlib import Path
from typing import Final

import duckdb

from settle_core import sql
from settle_core.balancing.errors import (
    BadBook,
    Busy,
    EntriesInFlight,
    KeyReused,
    Refusal,
    SettledBefore,
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
from settle_core.exports import control_totals

# What is exported, and of what there are control totals: ids and amounts.
EXPORTED: Final = {
    "entries": ("entry_id", "amount"),
    "settlements": ("week_start", "settled_amount"),
}


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
                self._con.execute(sql.text("balancing", "duckdb").format(scale=about.scale))
                self.run("about_new", **about._asdict())
            self.about = About(*self.run("about")[0])

    def post(self, postings: Postings, job: Job, *, answer: bool, kind: str = ENTRY) -> list[Row]:
        """See `Store`."""
        given = postings._asdict() | job._asdict() | {"kind": kind}

        def post() -> list[Row]:
            with self._transaction(Busy):
                for (where,) in self.run("unsettled", **given) if kind == CORRECTION else ():
                    raise Unsettled(where=where)
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

    def export(self, folder: Path, suffix: str) -> None:
        """See `Store`."""
        tables = []
        with self._transaction(Busy):
            for name, (ident, amount) in EXPORTED.items():
                relation = self._con.sql(sql.text("balancing", name))
                columns = dict(zip(relation.columns, map(str, relation.types), strict=True))
                exported = control_totals.Exported(name + suffix, columns, ident, amount)
                control_totals.write(relation, folder / exported.file)
                tables.append((exported, control_totals.totals(folder, exported)))
        control_totals.record(folder, {"database": f"DuckDB {duckdb.__version__}"}, tables)

    def close(self) -> None:
        """See `Store`."""
        self._con.close()

    def run(self, name: str, **given: object) -> list[Row]:
        """Run one statement of `sql/`, with those of the given parameters that it has."""
        statement = sql.text("balancing", name)
        used = {key: value for key, value in given.items() if key in sql.parameters(statement)}
        return self._con.execute(statement, used or None).fetchall()

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
