"""A table of a database as a file of an export, and the proof that it is whole.

What differs between databases is small: how a snapshot is taken, how a name is quoted, which types
there are. Each says it in a class of its own and its SQL files; the rest is here.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple, Protocol

import duckdb

from settle_core.errors import Fault
from settle_core.exports.files import control_totals
from settle_core.exports.files.control_totals import Exported, Totals
from settle_core.exports.profiles.wanted import Wanted

Row = tuple[Any, ...]
TEXT: Final = "VARCHAR"
ORIGIN: Final = ("server_version", "database", "snapshot", "taken_at")


class Kind(NamedTuple):
    """How a column is stored: its DuckDB type in the file, and what floats are called if it is."""

    type: str
    inexact: str = ""


class Database(Protocol):
    """One snapshot of a database; `sums_text` if amounts may be text that is a number."""

    sums_text: bool

    def origin(self) -> Sequence[object]:
        """What the snapshot is of, as `ORIGIN` names it."""
        ...

    def source(self, wanted: Wanted) -> str | None:
        """The table, view or query that is wanted as a statement names it; None: there is none."""
        ...

    def kinds(self, source: str) -> dict[str, Kind]:
        """The columns of a source."""
        ...

    def copy(
        self, source: str, exported: Exported, sorted_by: Sequence[str], file: BinaryIO
    ) -> None:
        """Write its rows as CSV; what is NULL is empty, the empty text is quoted."""
        ...

    def totals(self, source: str, exported: Exported) -> Totals:
        """Its control totals, by the database."""
        ...


def export(database: Database, tables: Sequence[Wanted], folder: Path) -> None:
    """Write tables and their control totals to a folder.

    Raises:
        Fault: no such table or column, money in floats, or a file does not have the totals.
    """
    done = [_export(database, wanted, folder) for wanted in tables]
    origin = dict(zip(ORIGIN, map(str, database.origin()), strict=True))
    control_totals.record(folder, origin, done)


def _export(database: Database, wanted: Wanted, folder: Path) -> tuple[Exported, Totals]:
    source = database.source(wanted)
    if source is None:
        raise Fault(
            f"no table {wanted.relation!r} in the database",
            expected="the table or view that the profile names",
            todo="choose the right profile, set pull_from in it, or for PostgreSQL "
            "options=-csearch_path in the address",
        )
    kinds = database.kinds(source)
    exported = Exported(
        wanted.file, _types(kinds, wanted, database.sums_text), wanted.id, wanted.amount
    )
    try:
        _copy(database, source, exported, wanted.sorted_by, folder)
    except duckdb.Error as error:
        found = str(error).split("\n")[0]
        what = "a value does not fit its column"
        raise Fault(what, where=wanted.relation, found=found) from error
    totals = database.totals(source, exported)
    for difference in control_totals.differing(folder, exported, totals):
        raise Fault(
            f"the file does not hold what the database has: {difference.total}",
            where=wanted.file,
            expected=difference.expected,
            found=difference.found,
            todo="export again",
        )
    return exported, totals


def _types(kinds: dict[str, Kind], wanted: Wanted, sums_text: bool) -> dict[str, str]:  # noqa: FBT001
    missing = [name for name in wanted.required if name not in kinds]
    if missing:
        raise Fault(
            f"no column {missing[0]!r}",
            where=wanted.relation,
            expected=", ".join(wanted.required),
            found=", ".join(kinds),
            todo="choose the right profile, or map the column in one",
        )
    names = [*wanted.required, *(name for name in wanted.optional if name in kinds)]
    for name in names:
        if kinds[name].inexact and name in {wanted.amount, wanted.id, *wanted.exact}:
            raise Fault(
                f"column {name!r} holds {_meant(name, wanted)} as {kinds[name].inexact}",
                where=wanted.relation,
                expected="decimals or integers, which are exact",
                todo="change the column's type, or pull from a view that makes it exact",
            )
    if wanted.amount and kinds[wanted.amount].type == TEXT and not sums_text:
        raise Fault(
            f"column {wanted.amount!r} holds text",
            where=wanted.relation,
            expected="decimals or integers, which the database can sum",
            todo="pull from a view that makes it one",
        )
    return {name: kinds[name].type for name in dict.fromkeys(names)}


def _meant(name: str, wanted: Wanted) -> str:
    return "ids" if name in wanted.exact and name != wanted.amount else "money"


def _copy(
    database: Database, source: str, exported: Exported, sorted_by: Sequence[str], folder: Path
) -> None:
    """Write the rows as typed Parquet, or as CSV if the file is called so."""
    passing = folder / f"{exported.file}.passing.csv"
    with passing.open("wb") as file:
        file.write(_line(exported.columns))
        database.copy(source, exported, sorted_by, file)
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        read = control_totals.read(con, passing, exported.columns)
        control_totals.write(read, folder / exported.file)
    passing.unlink()


def write_rows(rows: Iterable[Row], file: BinaryIO) -> None:
    """Write rows of text as CSV."""
    file.writelines(_line(row) for row in rows)


def _line(values: Iterable[str | None]) -> bytes:
    return (",".join(map(_quoted, values)) + "\n").encode()


def _quoted(value: str | None) -> str:
    return "" if value is None else '"' + value.replace('"', '""') + '"'
