"""`settle pull`: an export of a real PostgreSQL database, whole and provably so."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import tuple_row

from settle_core import sql
from settle_core.errors import Fault
from settle_core.exports.databases import pulled
from settle_core.exports.databases.pulled import TEXT, Kind, Row
from settle_core.exports.files import control_totals
from settle_core.exports.files.control_totals import Exported, Totals
from settle_core.exports.profiles.profile import Profile
from settle_core.exports.profiles.wanted import Wanted, wanted

FLOATS: Final = {"float4": "real", "float8": "double precision"}
TYPES: Final = {
    "int2": "BIGINT",
    "int4": "BIGINT",
    "int8": "BIGINT",
    "date": "DATE",
    "timestamp": "TIMESTAMP",
    "timestamptz": "TIMESTAMP WITH TIME ZONE",
}
PRECISION_MAX: Final = 38
# What the server may know of an entry besides its columns.
COMMITTED_AT: Final = "committed_at"


class Snapshot:
    """One snapshot of a database."""

    sums_text = False

    def __init__(self, con: psycopg.Connection[Any]) -> None:
        """Use a connection that is in the snapshot's transaction; `taken` makes it so."""
        self._con = con

    @classmethod
    @contextmanager
    def taken(cls, con: psycopg.Connection[Any]) -> Iterator["Snapshot"]:
        """Take a snapshot, and let go of it afterwards."""
        con.execute(sql.text("exports/databases", "postgres/begin").encode())
        try:
            yield cls(con)
        finally:
            con.execute(b"ROLLBACK")

    def origin(self) -> Sequence[object]:
        """What the snapshot is of, as `pulled.ORIGIN` names it."""
        return self._row("origin")

    def export(self, tables: Sequence[Wanted], folder: Path) -> None:
        """Write tables and their control totals to a folder.

        Raises:
            Fault: no such table or column, money in floats, or a file does not have the totals.
        """
        pulled.export(self, tables, folder)

    def source(self, wanted: Wanted) -> str | None:
        """The table, view or query as a statement names it."""
        if wanted.query:
            return f"({wanted.query}) AS query"
        found: str | None = self._row("relation", named=wanted.relation)[0]
        if found and COMMITTED_AT in wanted.optional:
            (found,) = self._row("stamped", relation=found)
        return found

    def kinds(self, source: str) -> dict[str, Kind]:
        """The columns of a source, those under a domain as what the domain is made of."""
        (statement,) = self._row("columns", source=source)
        described = self._con.execute(statement.encode()).description or ()
        return {column.name: self._kind(source, column) for column in described}

    def _kind(self, source: str, column: psycopg.Column) -> Kind:
        known = self._con.adapters.types.get(column.type_code)
        name = known.name if known else ""
        if name != "numeric":
            return Kind(TYPES.get(name, TEXT), FLOATS.get(name, ""))
        scale = column.scale
        if column.precision is None:
            (scale,) = self._written("scale", source=source, column=column.name)
        return Kind(f"DECIMAL({column.precision or PRECISION_MAX},{scale})")

    def copy(
        self, source: str, exported: Exported, sorted_by: Sequence[str], file: BinaryIO
    ) -> None:
        """Write its rows as CSV."""
        columns = list(exported.columns)
        given = {"source": source, "columns": columns, "sorted_by": list(sorted_by)}
        (statement,) = self._row("copy", **given)
        with self._con.cursor().copy(statement.encode()) as data:
            file.writelines(data)

    def totals(self, source: str, exported: Exported) -> Totals:
        """Its control totals."""
        scales = [_scale(kind) for kind in exported.columns.values()]
        row = self._written(
            "totals",
            source=source,
            columns=list(exported.columns),
            scales=scales,
            amount=exported.amount,
            amount_scale=_scale(exported.columns[exported.amount]) if exported.amount else None,
            ident=exported.id,
            ident_is_text=exported.columns[exported.id] == TEXT,
        )
        return Totals(*row)

    def _written(self, name: str, **given: object) -> Row:
        """The one row of a statement that the database itself writes."""
        (statement,) = self._row(name, **given)
        return self._con.cursor(row_factory=tuple_row).execute(statement.encode()).fetchall()[0]

    def _row(self, name: str, **given: object) -> Row:
        return self._rows(name, **given)[0]

    def _rows(self, name: str, **given: object) -> list[Row]:
        query = sql.for_psycopg(sql.text("exports/databases", f"postgres/{name}"))
        cursor = self._con.cursor(row_factory=tuple_row)
        return cursor.execute(query.encode(), given).fetchall()


def _scale(kind: str) -> int | None:
    found = re.fullmatch(r"DECIMAL\(\d+,(\d+)\)", kind)
    return int(found[1]) if found else None


def connect(url: str) -> psycopg.Connection[Any]:
    """Connect, in autocommit mode.

    Raises:
        Fault: the address cannot be read, or nobody answers there.
    """
    try:
        known = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # What libpq says of it may quote any part of it.
        raise _unreadable("an address that libpq cannot read") from None
    host = str(known.get("host", ""))
    if "@" in host:
        raise _unreadable("an @ in its host, which may be a part of the password")
    try:
        return psycopg.connect(url, autocommit=True, application_name="settle_core")
    except psycopg.Error as error:
        message = " ".join(str(error).split())
        password = str(known.get("password") or "")
        said = message.replace(password, "***") if password else message
        raise Fault(
            "no connection to PostgreSQL",
            where=host,
            found=said,
            todo="check the address; the password may stand in ~/.pgpass",
        ) from None


def _unreadable(found: str) -> Fault:
    return Fault(
        "not an address of PostgreSQL",
        expected="postgresql://user@host:port/database, special characters as %40",
        found=found,
        todo="correct it; the password may stand in ~/.pgpass",
    )


def pull(url: str, profile: Profile, out: str | Path) -> Path:
    """Export the tables that a profile names, as Parquet, from one read-only snapshot.

    The tables are called as the profile's files without their ending; of their columns those that
    the profile knows are exported, under their own names. `control.json` beside them holds the
    control totals that the database computed in that same snapshot. No password is written.
    Where the server keeps them (`track_commit_timestamp`), the instants of the entries' commits
    come along as `committed_at`.

    Args:
        url: `postgresql://...`.
        profile: how the export will be read.
        out: a folder that does not exist yet, or is empty. Written whole or not at all.

    Returns:
        The folder.

    Raises:
        Fault: no connection, no such table or column, money in floats, a folder that holds
            something, or files that do not hold what the database has.
    """
    with (
        control_totals.staged(Path(out)) as folder,
        connect(url) as con,
        Snapshot.taken(con) as taken,
    ):
        taken.export(wanted(profile, ".parquet"), folder)
    return Path(out)
