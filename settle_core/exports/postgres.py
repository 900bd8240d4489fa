"""`settle pull`: an export of a real PostgreSQL database, whole and provably so."""

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, NamedTuple

import duckdb
import psycopg
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import tuple_row

from settle_core import contract, sql
from settle_core.errors import Fault
from settle_core.exports import control_totals
from settle_core.exports.control_totals import Exported, Totals
from settle_core.exports.profile import Profile
from settle_core.exports.profile_keys import Name

FLOATS: Final = ("real", "double precision")
TYPES: Final = {
    "smallint": "BIGINT",
    "integer": "BIGINT",
    "bigint": "BIGINT",
    "date": "DATE",
    "timestamp without time zone": "TIMESTAMP",
    "timestamp with time zone": "TIMESTAMP WITH TIME ZONE",
}
PRECISION_MAX: Final = 38
Row = tuple[Any, ...]


class Wanted(NamedTuple):
    """What of a table is to be exported, to which file, and in which order of rows.

    `required` must be there, `optional` may be; `id` and `amount` are totalled.
    """

    relation: str
    file: str
    required: list[str]
    optional: list[str]
    id: str
    amount: str
    sorted_by: list[str]


def wanted(profile: Profile, suffix: str) -> tuple[Wanted, Wanted]:
    """What a profile reads: tables called as its files without their ending.

    Args:
        profile: whose names these are.
        suffix: of the files to be written, `.parquet` or `.csv`.
    """
    entry, settlement = profile.entries.columns, profile.settlements.columns

    def theirs(mapping: Mapping[str, Name], ours: tuple[str, ...]) -> list[str]:
        return [name for each in ours for name in names(mapping.get(each, each))]

    def names(name: Name) -> tuple[str, ...]:
        return (name,) if isinstance(name, str) else name

    entries = profile.entries.file.split(".")[0]
    settlements = profile.settlements.file.split(".")[0]
    return (
        Wanted(
            relation=entries,
            file=entries + suffix,
            required=theirs(entry, contract.ENTRY_REQUIRED),
            optional=theirs(entry, contract.ENTRY_OPTIONAL),
            id=theirs(entry, ("entry_id",))[0],
            amount=theirs(entry, ("amount",))[0],
            sorted_by=theirs(entry, ("entry_id",)),
        ),
        Wanted(
            relation=settlements,
            file=settlements + suffix,
            required=theirs(settlement, contract.SETTLEMENT_REQUIRED),
            optional=theirs(settlement, contract.SETTLEMENT_OPTIONAL),
            id=theirs(settlement, ("week_start",))[0],
            amount=theirs(settlement, ("settled_amount",))[0],
            sorted_by=theirs(settlement, ("account_id", "week_start")),
        ),
    )


class Snapshot:
    """One snapshot of a database."""

    def __init__(self, con: psycopg.Connection[Any]) -> None:
        """Use a connection that is in the snapshot's transaction; `taken` makes it so."""
        self._con = con

    @classmethod
    @contextmanager
    def taken(cls, con: psycopg.Connection[Any]) -> Iterator["Snapshot"]:
        """Take a snapshot, and let go of it afterwards."""
        con.execute(sql.text("exports", "postgres/begin").encode())
        try:
            yield cls(con)
        finally:
            con.execute(b"ROLLBACK")

    def _origin(self) -> dict[str, str]:
        names = ("server_version", "database", "snapshot", "taken_at")
        return dict(zip(names, self._row("origin"), strict=True))

    def export(self, tables: Iterable[Wanted], folder: Path) -> None:
        """Write tables and their control totals to a folder.

        Raises:
            Fault: no such table or column, money in floats, or a file does not have the totals.
        """
        control_totals.record(folder, self._origin(), [self._export(t, folder) for t in tables])

    def _export(self, wanted: Wanted, folder: Path) -> tuple[Exported, Totals]:
        """Write one table, and hold the file against the totals of the database."""
        (relation,) = self._row("relation", named=wanted.relation)
        if relation is None:
            raise Fault(
                f"no table {wanted.relation!r} in the database",
                expected="the table that the profile names, on the search path",
                todo="choose the right profile, or set options=-csearch_path in the address",
            )
        types = self._types(relation, wanted)
        exported = Exported(wanted.file, types, wanted.id, wanted.amount)
        try:
            self._copy(relation, exported, wanted.sorted_by, folder)
        except duckdb.Error as error:
            raise Fault(
                "a value does not fit its column",
                where=wanted.relation,
                found=str(error).split("\n")[0],
            ) from error
        totals = self._totals(relation, exported)
        for difference in control_totals.differing(folder, exported, totals):
            raise Fault(
                f"the file does not hold what the database has: {difference.total}",
                where=wanted.file,
                expected=difference.expected,
                found=difference.found,
                todo="export again",
            )
        return exported, totals

    def _types(self, relation: int, wanted: Wanted) -> dict[str, str]:
        known = {name: rest for name, *rest in self._rows("columns", relation=relation)}
        missing = [name for name in wanted.required if name not in known]
        if missing:
            raise Fault(
                f"no column {missing[0]!r}",
                where=wanted.relation,
                expected=", ".join(wanted.required),
                found=", ".join(known),
                todo="choose the right profile, or map the column in one",
            )
        if known[wanted.amount][0] in FLOATS:
            raise Fault(
                f"column {wanted.amount!r} holds money as {known[wanted.amount][0]}",
                where=wanted.relation,
                expected="numeric or an integer, which are exact",
                todo="change the column's type",
            )
        names = wanted.required + [name for name in wanted.optional if name in known]
        return {name: self._type(relation, name, *known[name]) for name in dict.fromkeys(names)}

    def _type(
        self, relation: int, column: str, kind: str, precision: int | None, scale: int | None
    ) -> str:
        if kind != "numeric":
            return TYPES.get(kind, "VARCHAR")
        if precision is None:
            (scale,) = self._written("scale", relation=relation, column=column)
        return f"DECIMAL({precision or PRECISION_MAX},{scale})"

    def _copy(self, relation: int, exported: Exported, sorted_by: list[str], folder: Path) -> None:
        names = list(exported.columns)
        (statement,) = self._row("copy", relation=relation, columns=names, sorted_by=sorted_by)
        passing = folder / f"{exported.file}.passing.csv"
        with passing.open("wb") as file, self._con.cursor().copy(statement.encode()) as data:
            file.write((",".join(f'"{n}"' for n in names) + "\n").encode())
            for block in data:
                file.write(block)
        with duckdb.connect() as con:
            con.execute("SET TimeZone = 'UTC'")
            control_totals.write(
                control_totals.read(con, passing, exported.columns), folder / exported.file
            )
        passing.unlink()

    def _totals(self, relation: int, exported: Exported) -> Totals:
        scales = [_scale(kind) for kind in exported.columns.values()]
        row = self._written(
            "totals",
            relation=relation,
            columns=list(exported.columns),
            scales=scales,
            amount=exported.amount,
            amount_scale=_scale(exported.columns[exported.amount]),
            ident=exported.id,
            ident_is_text=exported.columns[exported.id] == "VARCHAR",
        )
        return Totals(*row)

    def _written(self, name: str, **given: object) -> Row:
        """The one row of a statement that the database itself writes."""
        (statement,) = self._row(name, **given)
        return self._con.cursor(row_factory=tuple_row).execute(statement.encode()).fetchall()[0]

    def _row(self, name: str, **given: object) -> Row:
        return self._rows(name, **given)[0]

    def _rows(self, name: str, **given: object) -> list[Row]:
        query = sql.for_psycopg(sql.text("exports", f"postgres/{name}"))
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
