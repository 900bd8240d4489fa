"""An export as typed tables in DuckDB: `entry`, `settlement`, and what was rejected.

Every exported row ends in one of two places: a typed table, or the list of rejected rows with its
line and the reason. Nothing is rounded, guessed or dropped.
"""

import logging
import shutil
import tempfile
import weakref
from collections.abc import Collection, Sequence
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import duckdb

from settle_core import formats, sql
from settle_core.exports.files import memory
from settle_core.exports.files.source import Source, demand_same
from settle_core.exports.profiles.profile import Profile
from settle_core.exports.reading import closings, typed
from settle_core.exports.reading.reader import Read, Reader
from settle_core.exports.reading.rejected import Rejects
from settle_core.exports.reading.typed import Typing

if TYPE_CHECKING:
    import pandas as pd

    from settle_core.exports.arrays.passed import Passed

_LOG: Final = logging.getLogger(__name__)


# Sums by currency.
Sums = tuple[tuple[str, Decimal], ...]


class Input(NamedTuple):
    """Control totals of one input table. `totals` are sums of accepted amounts by currency.

    `set_aside` counts the rows that the profile says are none of the ledger's business, by the
    value that says so. Rows read = accepted + rejected + set aside.
    """

    table: str
    name: str
    path: str
    bytes: int
    sha256: str
    rows_read: int
    rows_accepted: int
    rows_rejected: int
    rows_set_aside: int
    set_aside: tuple[tuple[str, int], ...]
    first_id: str
    last_id: str
    totals: Sums

    @property
    def rows_lost(self) -> int:
        """Rows that nothing accounts for; there must be none."""
        return self.rows_read - self.rows_accepted - self.rows_rejected - self.rows_set_aside


class Ledger:
    """A DuckDB connection with the typed tables of one export.

    Attributes:
        con: the connection; the tables `entry` and `settlement` are in it.
        profile: how the export was read.
        scale: decimals of money in the tables: the most that a currency of the export has.
        scales: decimals of the currencies that have others, by their code in capitals.
        inputs: control totals, entries first.
        rejected: rows not accepted, in the order of file and line.
        passed: what the pass found, if it went along with the reading.
        told: what entries tell besides, by the numbers of their rows, if that is all in text.
        counted: rows of named tables that need not be counted again.
        unstored: the file of the entries, if they are read where they lie.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        profile: Profile,
        scale: int,
        *,
        is_trial: bool = False,
    ) -> None:
        """Wrap a connection; `read` makes a whole ledger."""
        self.con = con
        self.profile = profile
        self.scale = scale
        self.scratch = Path(tempfile.mkdtemp(prefix="settle-"))
        weakref.finalize(self, shutil.rmtree, self.scratch, ignore_errors=True)
        memory.limit(con, self.scratch)
        self.scales: dict[str, int] = {}
        self.passed: Passed | None = None
        self.told: duckdb.DuckDBPyRelation | None = None
        self.finished: Any = None  # what `reconcile.suspects` has of the pass
        self.counted: dict[str, int] = {}
        self.unstored: Source | None = None
        self.inputs: tuple[Input, ...] = ()
        self.rejected = Rejects(self.scratch, is_sample=is_trial)

    def __repr__(self) -> str:
        """Count what is in it."""
        counts = (f"{each.rows_accepted:,} of {each.table}" for each in self.inputs)
        return f"<ledger: {', '.join(counts)}>"

    @classmethod
    def read(cls, folder: str | Path, profile: Profile, *, is_trial: bool = False) -> "Ledger":
        """Read an export; in a trial rejected rows are counted, and the first of them told.

        Raises:
            Fault: files or columns are missing or ambiguous, or money is stored as a float.
        """
        _LOG.info("reading %s", folder)
        tables = ("entry", "settlement")
        scale = max(profile.own_scale(table) for table in tables)
        ledger = cls(connect(profile, scale), profile, scale, is_trial=is_trial)
        found = ledger.load(Path(folder), ())
        others = {profile.other_scale(code, table) for code in found for table in tables}
        if others - {None, scale}:
            # Rare: currencies with other decimals. Money gets the most of them, and all is read
            # again, each amount by its own currency. Never fewer than the profile's: an amount
            # with more than its currency has is rejected, which must not be rounded before.
            scale = max([other for other in others if other is not None] + [scale])
            ledger = cls(connect(profile, scale), profile, scale, is_trial=is_trial)
            ledger.load(Path(folder), found)
            own = {code: profile.other_scale(code, "entry") for code in found}
            ledger.scales = {code: other for code, other in own.items() if other is not None}
        return ledger

    def load(self, folder: Path, currencies: Collection[str]) -> tuple[str, ...]:
        """Read both tables; the codes of the currencies that are in them, if they have a column.

        Those of rejected rows too: the decimals of their currency may be why.
        """
        con, profile = self.con, self.profile
        rejected: set[str] = set()
        found: list[Read | None] = []
        made: dict[str, tuple[str, ...]] = {}
        for table in ("entry", "settlement"):
            if table == "settlement" and profile.settlements.every:
                closings.by_rule(con, profile)
                found.append(None)
                continue
            typing = Typing(profile, table, self.scale, tuple(currencies))
            typing.made = made
            reader = Reader(con, profile, typing, self.scratch)
            found.append(reader.read(folder, self.rejected))
            rejected |= reader.codes
        accepted = [len(con.table(f"stored_{table}")) for table in ("entry", "settlement")]
        if profile.settlements.amounts == "as_recorded":
            closings.as_recorded(con, profile)
        if profile.entries.effective == "of_settlement":
            closings.of_settlement(con)
        query = sql.text("exports/reading", "settlement_source")
        con.sql(query, params={"amounts": profile.settlements.amounts}).create("settlement_source")
        _unify_ids(con)
        for table in ("entry", "settlement"):
            typed.view(con, table, currency(con, profile))
        self.inputs = tuple(
            totals(con, table, read, rows, profile)
            for table, read, rows in zip(("entry", "settlement"), found, accepted, strict=True)
        )
        return tuple(sorted({*codes(con), *rejected}))

    def decimals(self, currency: str) -> int:
        """Decimals that amounts of a currency are shown with, unless they have more."""
        return min(self.scale, self.profile.decimals(currency))

    def close(self, foreseen: int = 0) -> None:
        """Let the connection touch no file but in its scratch folder, no setting, no extension.

        Args:
            foreseen: bytes that Python is to take afterwards.

        Raises:
            Fault: the entries' file is another one by now, or the memory does not suffice.
        """
        memory.demand(self.con, foreseen)
        if self.unstored:
            demand_same(self.unstored)
        memory.close(self.con, self.scratch, self.unstored)

    def write_parquet(self, relation: duckdb.DuckDBPyRelation, path: Path) -> None:
        """Write rows as Parquet, also where the connection is closed."""
        part = self.scratch / path.name
        relation.write_parquet(str(part), compression="zstd")
        shutil.move(part, path)

    def sql(self, query: str, /, **parameters: object) -> "pd.DataFrame":
        """Run a query over the named tables; `$name` in it is bound to the argument `name`.

        Amounts come back as exact `Decimal`, instants as UTC without a zone.

        Example:
            `ledger.sql("SELECT * FROM entry WHERE account_id = $account", account=35)`
        """
        result = self.con.cursor().execute(query, parameters or None)
        columns = {column[0]: str(column[1]) for column in result.description or ()}
        return framed(columns, result.fetchall())


def framed(
    columns: dict[str, str], rows: list[tuple[object, ...]], *, approximate: bool = False
) -> "pd.DataFrame":
    """Rows as a data frame; approximate: amounts as floating point, which charts need.

    Args:
        columns: name -> DuckDB's type.
        rows: their values.
        approximate: amounts as floating point; else they are exact `Decimal`.
    """
    import pandas as pd  # noqa: PLC0415  only a notebook needs it, and it is slow to import

    frame = pd.DataFrame(rows, columns=list(columns))
    for name, kind in columns.items():
        if kind.startswith("TIMESTAMP"):
            frame[name] = pd.to_datetime(frame[name])
        if kind == "VARCHAR":  # also where there is no row, or no value
            frame[name] = frame[name].astype("str")
        if approximate and kind.startswith("DECIMAL"):
            frame[name] = frame[name].astype("float64")
    return frame


def connect(profile: Profile, scale: int) -> duckdb.DuckDBPyConnection:
    """An empty in-memory database set up for a profile: its time zone and its type of money."""
    con = duckdb.connect()
    con.execute("SET TimeZone = $zone", {"zone": profile.clock.zone})
    # Each view over Parquet that is not stored would read the file's footer anew.
    con.execute("SET parquet_metadata_cache = true")
    # DuckDB would make a join of a long list of values, and a join mixes up the rows, by whose
    # place in the file their line is told.
    con.execute("SET disabled_optimizers = 'in_clause'")
    # The scale of money is a type's parameter, the one thing that cannot be bound.
    con.execute(f"CREATE TYPE money AS DECIMAL(18, {scale:d})")
    con.execute(sql.text("exports/reading", "week_of"))
    return con


def currency(con: duckdb.DuckDBPyConnection, profile: Profile) -> str:
    """The currency of a table that tells none: the profile's, or the only one of the other table.

    One that differs from the profile's in capitals alone is the same, as the other table has it.
    """
    told = profile.money.currency
    for table in ("entry", "settlement"):
        stored = con.table(f"stored_{table}")
        if "currency" in stored.columns:
            found = stored.select("currency").distinct().limit(2).fetchall()
            ours = "money.currency" not in profile.told or (
                found and found[0][0].upper() == told.upper()
            )
            if len(found) == 1 and ours:
                return str(found[0][0])
    return told


def codes(con: duckdb.DuckDBPyConnection) -> tuple[str, ...]:
    """The codes of the currencies of an export whose files tell them."""
    if not any("currency" in con.table(f"stored_{t}").columns for t in ("entry", "settlement")):
        return ()
    return tuple(
        code for (code,) in con.execute(sql.text("exports/reading", "currencies")).fetchall()
    )


def _unify_ids(con: duckdb.DuckDBPyConnection) -> None:
    """Make ids whole numbers where all of them are, text otherwise; both tables alike."""
    ids = con.table("stored_entry").select("entry_id", "account_id").types
    ids += con.table("stored_settlement").select("account_id").types
    if set(map(str, ids)) == {"BIGINT"}:
        return
    ((entry_ids, account_ids),) = con.execute(
        sql.text("exports/reading", "whole_number_ids")
    ).fetchall()
    entry_id, *account_id = map(str, ids)
    wanted = "BIGINT" if entry_ids else "VARCHAR"
    if entry_id != wanted:  # to be given the type that it has would write the column anew
        con.execute(sql.text("exports/reading", f"entry_id_{wanted.lower()}"))
    wanted = "BIGINT" if account_ids else "VARCHAR"
    if set(account_id) != {wanted}:
        con.execute(sql.text("exports/reading", f"account_id_{wanted.lower()}"))


def totals(
    con: duckdb.DuckDBPyConnection, table: str, read: Read | None, rows: int, profile: Profile
) -> Input:
    """The control totals of a table, as it was read."""
    found = con.execute(sql.text("exports/reading", f"totals_{table}")).fetchall()
    source = read.source if read else None
    return Input(
        table=table,
        name=source.name if source else f"every week, {profile.settlements.at}",
        path=str(source.path) if source else "",
        bytes=source.bytes if source else 0,
        sha256=source.sha256 if source else "",
        rows_read=read.rows if read else rows,
        rows_accepted=rows,
        rows_rejected=read.rejected if read else 0,
        rows_set_aside=read.rows_set_aside if read else 0,
        set_aside=read.set_aside if read else (),
        first_id=min((first for *_, first, _ in found), default=""),
        last_id=max((last for *_, last in found), default=""),
        totals=_sums(found, profile),
    )


def sums(con: duckdb.DuckDBPyConnection, table: str, profile: Profile) -> Sums:
    """The sum of a table in each currency."""
    return _sums(con.execute(sql.text("exports/reading", f"totals_{table}")).fetchall(), profile)


def _sums(found: Sequence[tuple[Any, ...]], profile: Profile) -> Sums:
    return tuple(
        (currency, formats.scaled(total, profile.decimals(currency)))
        for currency, _, total, *_ in found
    )
