"""A book of entries whose settled weeks keep their settled amounts.

`Book.post` enters an amount. If the week of its effective date is settled, the counter-entry that
offsets it is written in the same transaction: minus its amount, on its day, answering it. With
`balance="later"` that is left to `Book.balance`, which may run twice, at once and after a crash.

Why nothing breaks a settled week here:

- The sum is read and the counter-entry written under one lock, and the sum is read after the lock
  is had. `postgres_store` says which isolation level that relies on, and which will not do.
- What is owed is decided by what is unanswered, never by a difference that was computed before: a
  repeated job finds its entry answered and writes nothing.
- The database holds it, for code that goes around this library too: what is written stays, an entry
  is answered once and by minus its amount, and each settled week that a transaction touches is
  summed by two paths before the commit (`sql/postgres_guards.sql`, `sql/duckdb_guards.sql`).

Each counter-entry is a witness for a later audit: `answers`, `observed` (the sum of its day that
its writer read), `last_seen` (the last entry in that sum), `job_id` and `attempt`.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal, Self

from settle_core import sql
from settle_core.balancing import address, corrections_file, postings
from settle_core.balancing.duckdb_store import DuckStore
from settle_core.balancing.errors import (
    BadBook,
    BadPosting,
    Busy,
    Refusal,
    TooLarge,
    Unanswered,
    Unbalanced,
    Unsettled,
)
from settle_core.balancing.postings import Counter, Posted, Posting, Settlement
from settle_core.balancing.store import CORRECTION, About, Job, Row, Store, about
from settle_core.exports.files import control_totals

if TYPE_CHECKING:
    import psycopg

    from settle_core.balancing.postgres_store import PostgresStore

BadAnswer: Final = (Unbalanced, TooLarge, BadPosting, Busy)
# So many weeks in a row that could not be locked in time: the whole book is, do not wait for each.
BUSY_WEEKS_MAX: Final = 3
ANSWERS_PER_TRANSACTION: Final = 1000
Balance = Literal["now", "later"]


def opened(where: str | Path, made: About, wait_seconds: float) -> Store:
    """The store at an address or path. Raises BadBook: none, or of a book made otherwise."""
    wait_seconds = address.waiting(wait_seconds)
    found = address.read(where)
    if found.is_postgres:
        return _checked(_postgres().connect(found.where, made, wait_seconds), made)
    return _checked(DuckStore(found.where, made, wait_seconds), made)


def joined(connection: "psycopg.Connection[Any]", made: About, wait_seconds: float) -> Store:
    """The store of a transaction. Raises as `opened`."""
    wait_seconds = address.waiting(wait_seconds)
    store = _postgres()
    import psycopg  # noqa: PLC0415  an extra

    if not isinstance(connection, psycopg.Connection):
        raise BadBook(f"{type(connection).__name__}", expected="a psycopg.Connection")
    return _checked(store(connection, made, wait_seconds, is_joined=True), made)


def _checked(rows: Store, made: About) -> Store:
    if rows.about != made:
        rows.close()
        raise BadBook(f"a book made with {rows.about}", expected=str(made))
    return rows


def _postgres() -> "type[PostgresStore]":
    try:
        from settle_core.balancing.postgres_store import PostgresStore  # noqa: PLC0415  psycopg is an extra
    except ImportError as error:
        expected = "psycopg 3, which pip install 'settle-core[postgres]' brings"
        raise BadBook(str(error), expected=expected) from error
    return PostgresStore


class Book:
    """A book; see the module. Use it as a context manager, or `close` it.

    One book is one connection: threads may share it and take turns, writers at once have one each.
    """

    def __init__(self, rows: Store) -> None:
        """Wrap a store; `open` and `join` make a whole book."""
        self._store = rows

    def __repr__(self) -> str:
        """Say where it is kept, without an address that may hold a password."""
        return f"<book kept by {type(self._store).__name__}>"

    @classmethod
    def open(
        cls,
        where: str | Path,
        *,
        scale: int = 2,
        currency: str = "EUR",
        week_start: str = "monday",
        wait_seconds: float = 10.0,
    ) -> Self:
        """Open a book, and make it if there is none.

        Args:
            where: `postgresql://...`, a connection string such as `host=... dbname=...`, the path
                of a DuckDB file, or `:memory:`; `:memory:name` is shared by the books of a process.
            scale: decimals of money.
            currency: of postings that name none.
            week_start: the day on which a week starts.
            wait_seconds: how long to wait for a lock, at most; 0 does not wait.

        Raises:
            BadBook: no connection, or the book there was made otherwise.
        """
        return cls(opened(where, about(scale, currency, week_start), wait_seconds))

    @classmethod
    def join(
        cls,
        connection: "psycopg.Connection[Any]",
        *,
        scale: int = 2,
        currency: str = "EUR",
        week_start: str = "monday",
        wait_seconds: float = 10.0,
    ) -> Self:
        """Take part in a transaction of your own, so that your rows and the book's commit together.

        The transaction must be READ COMMITTED, which is PostgreSQL's default. Its locks are held
        until you commit, and a `Busy` is yours to repeat.

        The other arguments are those of `open`.

        Raises:
            BadBook: as of `open`, or the connection is none of psycopg 3.
        """
        return cls(joined(connection, about(scale, currency, week_start), wait_seconds))

    def post(  # noqa: PLR0913  all but three by name
        self,
        account_id: str | int,
        effective_date: date,
        amount: Decimal | int,
        key: str | None = None,
        *,
        balance: Balance = "now",
        currency: str | None = None,
        memo: str | None = None,
        job_id: str | None = None,
        attempt: int | None = None,
    ) -> Posted:
        """Post one entry, and the counter-entry if its week is settled. Again gives the same ids.

        Args:
            account_id: text, or a whole number, which stands for its digits.
            effective_date: the day it counts for.
            amount: signed, in major units.
            key: the idempotency key; without one, a repeat is another entry.
            balance: `later` leaves the counter-entry to `balance`.
            currency: the book's, if none is named.
            memo: free text.
            job_id: who writes.
            attempt: which attempt of that job this is.

        Raises:
            BadPosting, KeyReused, Busy, TooLarge, Unbalanced, PinnedSnapshot, NotAllowed,
            Unavailable: nothing was written.
            LostConnection: open the book again and post with the same key.
        """
        row = Posting(account_id, effective_date, amount, key, currency, memo)
        return self.post_many([row], balance=balance, job_id=job_id, attempt=attempt)[0]

    def post_many(
        self,
        rows: Iterable[Posting | Mapping[str, Any]],
        *,
        balance: Balance = "now",
        job_id: str | None = None,
        attempt: int | None = None,
    ) -> list[Posted]:
        """Post all of them or none, in one transaction; arguments and errors as of `post`.

        Rows are postings, or mappings with the names of their fields.

        Returns:
            What became of each of `rows`, in their order.
        """
        if balance not in {"now", "later"}:
            raise BadPosting(f"balance {balance!r}", expected="'now' or 'later'")
        given = postings.columns(rows, self._store.about)
        if not given.keys:
            return []
        job = postings.job(job_id, attempt)
        posted = self._store.post(given, job, answer=balance == "now")
        return postings.in_order(given, posted)

    def correct(
        self,
        rows: str | Path | Iterable[Posting | Mapping[str, Any]],
        *,
        job_id: str | None = None,
        attempt: int | None = None,
    ) -> list[Posted]:
        """Import corrections, all or none: rows of a kind that nothing counters. Else as `post`.

        Each week must hold its settled amount afterwards. So what was put right in the meantime is
        not put right twice, and a late entry that waits for `balance` is not corrected away.

        A counter-entry that went to a week that is still open is moved by two corrections of
        opposite amounts. The one in the open week is an entry there like any other: it is posted
        when the rest is in, under its own key, so after a failure in between call again.

        Args:
            rows: the file that `settle correct` wrote, or a run folder; or postings with keys.
            job_id: who writes.
            attempt: which attempt of that job this is.

        Raises:
            Fault: the file holds no corrections, or one of them is refused: nothing was written.
        """
        if isinstance(rows, str | Path):
            rows = corrections_file.read(Path(rows))
        given = postings.columns(rows, self._store.about, needs_key=True)
        if not given.keys:
            return []
        job = postings.job(job_id, attempt)
        left, moved = given, postings.none()
        while True:
            try:
                posted = self._store.post(left, job, answer=True, kind=CORRECTION)
            except Unsettled as refusal:
                left, taken = postings.moved_to(left, refusal.where)
                if not taken.keys:
                    raise
                moved = postings.joined(moved, taken)
                continue
            if moved.keys:
                posted += self._store.post(moved, job, answer=False)
            return postings.in_order(given, posted)

    def balance(
        self,
        week_start: date | None = None,
        account_id: str | int | None = None,
        *,
        job_id: str | None = None,
        attempt: int | None = None,
    ) -> list[Counter]:
        """Answer every late entry that nothing answers yet, in all weeks and accounts or in one.

        Twice, at once or after a crash: each late entry is answered once. Many are answered in
        several transactions, each of which leaves its weeks right. A week that cannot be answered
        stops no other one.

        Args:
            week_start: the first day of the one week; None: all weeks.
            account_id: the one account; None: all accounts.
            job_id: who writes.
            attempt: which attempt of that job this is.

        Returns:
            The counter-entries that were written.

        Raises:
            BadPosting: not the first day of a week, or no account.
            Unanswered: some weeks could not be; it lists them, and holds the counter-entries of
                all others.
            PinnedSnapshot, NotAllowed, Unavailable: what was not yet answered stays owed.
            LostConnection: open the book again and balance again.
        """
        account = None if account_id is None else postings.account(account_id)
        if week_start is not None:
            week_start = postings.first_day("week_start", week_start, self._store.about)
        job = postings.job(job_id, attempt)
        owed = self._store.owed(account, week_start)
        counters: list[Counter] = []
        unanswered: list[str] = []
        for first in range(0, len(owed), ANSWERS_PER_TRANSACTION):
            part = owed[first : first + ANSWERS_PER_TRANSACTION]
            try:
                counters += self._answer(part, job)
            except BadAnswer as refusal:
                unanswered += self._answer_by_week(part, job, counters, refusal)
        if unanswered:
            raise Unanswered(unanswered, counters)
        return counters

    def _answer(self, owed: list[Row], job: Job) -> list[Counter]:
        with self._store.part():
            rows = self._store.answer([entry_id for entry_id, *_ in owed], job)
        return [Counter(*row) for row in rows]

    def _answer_by_week(
        self, owed: list[Row], job: Job, counters: list[Counter], refusal: Refusal
    ) -> list[str]:
        """Answer each week by itself. Returns those that could not be, and why."""
        unanswered: list[str] = []
        busy = 0
        for (account_id, currency, week), rows in groupby(owed, key=itemgetter(1, 2, 3)):
            if busy < BUSY_WEEKS_MAX:
                try:
                    counters += self._answer(list(rows), job)
                    busy = 0
                    continue
                except BadAnswer as found:
                    refusal = found
                    busy = busy + 1 if isinstance(found, Busy) else 0
            place = f"account {account_id}, week {week} ({currency})"
            unanswered.append(f"{place}: {refusal.sentence}, {refusal.found}")
        return unanswered

    def settle(
        self, week_start: date, accounts: Iterable[str | int] | None = None
    ) -> list[Settlement]:
        """Fix each account's amount for a week: what its entries sum to now.

        Args:
            week_start: the week's first day.
            accounts: those to settle; every account of the book, if none is named.

        Raises:
            BadPosting: not the first day of a week, or accounts that are no list.
            TooLarge: a sum has more digits than the book holds; nothing was written.
            SettledBefore: one of the accounts has the week settled; nothing was written.
            EntriesInFlight: writers did not finish in `wait_seconds`; nothing was written.
        """
        week_start = postings.first_day("week_start", week_start, self._store.about)
        if isinstance(accounts, str | bytes | int | Mapping):
            raise BadPosting(f"accounts {accounts!r}", expected="a list of accounts")
        named = None if accounts is None else sorted({postings.account(a) for a in accounts})
        return [Settlement(*row) for row in self._store.settle(week_start, named)]

    def export(
        self,
        folder: str | Path,
        *,
        format: Literal["parquet", "csv"] = "parquet",  # noqa: A002
    ) -> Path:
        """Write the book as an export in the `canonical` profile, which `settle audit` reads.

        One snapshot; entries in the order of their ids; control totals in `control.json`.

        Args:
            folder: one that does not exist yet, or is empty. Written whole or not at all.
            format: of the files.

        Raises:
            Fault: the folder holds something.
        """
        if format not in {"parquet", "csv"}:
            raise BadPosting(f"format {format!r}", expected="'parquet' or 'csv'")
        with control_totals.staged(Path(folder)) as staging:
            self._store.export(staging, f".{format}")
        return Path(folder)

    @staticmethod
    def roles() -> str:
        """The script that makes the roles of a book on PostgreSQL and grants each what it may do.

        For `psql`, as the owner of the schema: `settle_poster` posts and nothing else,
        `settle_settler` fixes weeks and imports corrections, `settle_reader` reads, and
        `settle_repairer` goes around the guards with a reason and a trace.
        """
        return sql.text("balancing", "postgres_roles") + "\n"

    def close(self) -> None:
        """Close the connection; a joined one stays open."""
        self._store.close()

    def __enter__(self) -> Self:
        """The book itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close it."""
        self.close()
