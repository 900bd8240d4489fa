"""Control totals: what an export must hold, in `control.json` beside its files.

The database computes them in the snapshot that the export is made of; they are computed again from
the files: as many rows, the same sum, the same first and last id, the same digest of every value.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, NamedTuple

import duckdb
from duckdb import ColumnExpression, ConstantExpression, Expression

from settle_core import __version__, sql, staging
from settle_core.errors import Fault

FILE: Final = "control.json"
# Of the sum of amounts that a database holds as text.
AMOUNT_DECIMALS: Final = 10
ISO_TIMESTAMP: Final = "%Y-%m-%dT%H:%M:%S.%fZ"


class Totals(NamedTuple):
    """Control totals of one file. The amount and the ids are text, as exported."""

    rows: int
    amount: str
    first_id: str | None
    last_id: str | None
    digest: str


@dataclass(frozen=True)
class Exported:
    """One file of an export: its columns with their DuckDB types, which of them are totalled.

    `amount` is empty where no column is one.
    """

    file: str
    columns: dict[str, str]
    id: str
    amount: str


class Difference(NamedTuple):
    """A control total that a file does not have."""

    file: str
    total: str
    expected: str
    found: str


@contextmanager
def staged(folder: Path) -> Iterator[Path]:
    """A folder to write to, which takes the given place when all went well.

    Raises:
        Fault: there is something in the given place.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Fault(
            "the folder holds something",
            where=str(folder),
            expected="one that does not exist yet, or is empty",
            todo="choose another",
        )
    with staging.aside(folder.parent) as part:
        yield part
        part.chmod(0o755)
        staging.named(part, folder)


def write(relation: duckdb.DuckDBPyRelation, path: Path) -> None:
    """Write rows as Parquet, or as CSV if the file is called so; instants as ISO 8601 in UTC.

    The relation's session must be in UTC.
    """
    if path.suffix == ".csv":
        relation.write_csv(str(path), timestamp_format=ISO_TIMESTAMP)
    else:
        relation.write_parquet(str(path))


def read(
    con: duckdb.DuckDBPyConnection, path: Path, columns: dict[str, str]
) -> duckdb.DuckDBPyRelation:
    """The rows of a Parquet or CSV file, the latter with the columns and types that are said."""
    if path.suffix != ".csv":
        return con.read_parquet(str(path), hive_partitioning=False)
    return con.read_csv(
        str(path),
        auto_detect=False,
        header=True,
        delimiter=",",
        quotechar='"',
        escapechar='"',
        columns=columns,
        allow_quoted_nulls=False,
    )


def totals(folder: Path, exported: Exported) -> Totals:
    """Compute the control totals of a file anew."""
    with duckdb.connect() as con:
        con.execute("SET TimeZone = 'UTC'")
        rows = read(con, folder / exported.file, exported.columns)
        rows.create_view("exported")
        amount: Expression = ConstantExpression(0)
        if exported.amount:
            amount = ColumnExpression(exported.amount)
            if exported.columns[exported.amount] == "VARCHAR":
                amount = amount.cast(f"DECIMAL(38, {AMOUNT_DECIMALS})")
        chosen = (ColumnExpression(exported.id).alias("id"), amount.alias("amount"))
        rows.select(*chosen).create_view("named")
        query = sql.text("exports/files", "control_totals")
        return Totals(*con.execute(query).fetchall()[0])


def record(folder: Path, origin: dict[str, str], tables: list[tuple[Exported, Totals]]) -> None:
    """Write `control.json`: where the export is from, and what each file must hold."""
    document = {
        "made_by": f"settle-core {__version__}",
        "origin": origin,
        "tables": [asdict(table) | {"totals": wanted._asdict()} for table, wanted in tables],
    }
    (folder / FILE).write_text(json.dumps(document, indent=2) + "\n", "utf-8")


def differences(folder: Path) -> list[Difference]:
    """Hold the files of an export against its `control.json`; nothing if it has none.

    Raises:
        Fault: `control.json` cannot be read.
    """
    path = folder / FILE
    if not path.is_file():
        return []
    try:
        tables = [dict(table) for table in json.loads(path.read_text("utf-8"))["tables"]]
        wanted = [Totals(**table.pop("totals")) for table in tables]
        return [
            found
            for table, totals_wanted in zip(tables, wanted, strict=True)
            for found in differing(folder, Exported(**table), totals_wanted)
        ]
    except (ValueError, TypeError, KeyError) as error:
        raise Fault(
            "control totals cannot be read", where=str(path), found=str(error), todo="export again"
        ) from error


def demand(folder: Path) -> None:
    """Raise Fault for the first control total that the files of an export do not have."""
    for off in differences(folder):
        raise Fault(
            f"a control total is off: {off.total}",
            where=str(folder / off.file),
            expected=off.expected,
            found=off.found,
            todo="export again",
        )


def differing(folder: Path, exported: Exported, wanted: Totals) -> list[Difference]:
    """The control totals that one file does not have."""
    try:
        got = totals(folder, exported)._asdict()
    except duckdb.Error as error:
        return [Difference(exported.file, "file", "readable", str(error).splitlines()[0])]
    return [
        Difference(exported.file, name, str(value), str(got[name]))
        for name, value in wanted._asdict().items()
        if value != got[name]
    ]
