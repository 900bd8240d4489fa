"""An export's files: found, hashed and laid open to SQL, without reading a value yet."""

import csv
import gzip
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TextIO, cast

import duckdb
from duckdb import ColumnExpression, ConstantExpression, Expression, FunctionExpression

from settle_core.errors import Fault

FORMATS: Final = (".csv", ".csv.gz", ".parquet")
FLOATS: Final = ("FLOAT", "DOUBLE", "REAL")
# Python's limit is far below what a quote that is never closed takes in.
FIELD_CHARACTERS_MAX: Final = 2**31 - 1


@dataclass(frozen=True)
class Source:
    """The file, or the folder of Parquet parts, that holds one table of an export."""

    table: str
    path: Path
    parts: tuple[Path, ...]
    is_csv: bool
    bytes: int
    sha256: str
    columns: tuple[str, ...]


def demand_folder(folder: Path) -> None:
    """Raise Fault if there is no such folder."""
    if not folder.is_dir():
        raise Fault(
            "no such export",
            expected="a folder that holds the exported files",
            found=repr(str(folder)),
            todo="check the path",
        )


def locate(folder: Path, pattern: str) -> Path:
    """The one file, or folder of Parquet parts, in `folder` that matches `pattern`.

    Raises:
        Fault: no such folder, no match, or more than one.
    """
    demand_folder(folder)
    found = sorted(
        p
        for p in {*folder.glob(pattern), *folder.glob(pattern.removesuffix(".*"))}
        if p.name.endswith(FORMATS) or (p.is_dir() and any(p.glob("*.parquet")))
    )
    if len(found) != 1:
        names = ", ".join(p.name for p in found)
        raise Fault(
            "no file matches" if not found else "more than one file matches",
            where=str(folder),
            expected=f"one file {pattern} ({', '.join(FORMATS)})",
            found=names or ", ".join(sorted(p.name for p in folder.iterdir())) or "an empty folder",
            todo="name the file in the profile" if not found else "move all but one away",
        )
    return found[0]


def source(folder: Path, table: str, pattern: str, delimiter: str) -> Source:
    """Find one table's file, hash it and read its column names. Raises Fault as `locate` does."""
    path = locate(folder, pattern)
    parts = tuple(sorted(path.glob("*.parquet"))) if path.is_dir() else (path,)
    digest = hashlib.sha256()
    for part in parts:
        with part.open("rb") as file:
            hashed = hashlib.file_digest(file, "sha256")
        digest = hashed if len(parts) == 1 else _chained(digest, hashed.digest())
    is_csv = not parts[0].name.endswith(".parquet")
    columns = _csv_header(path, delimiter) if is_csv else _parquet_columns(parts)
    twice = sorted({c for c in columns if columns.count(c) > 1})
    if twice:
        raise Fault(
            "two columns of one name",
            where=path.name,
            expected="each name once",
            found=", ".join(twice),
            todo="rename or drop one of them in the export",
        )
    size = sum(p.stat().st_size for p in parts)
    return Source(table, path, parts, is_csv, size, digest.hexdigest(), columns)


def _chained(digest: "hashlib._Hash", more: bytes) -> "hashlib._Hash":
    digest.update(more)
    return digest


def open_raw(
    con: duckdb.DuckDBPyConnection,
    found: Source,
    names: dict[str, str],
    optional: tuple[str, ...],
    delimiter: str,
) -> dict[str, str]:
    """Create the view `raw_<table>`: our column names over the exported values, untouched.

    Only text that is empty is NULL there, as it is where a column is missing.

    Args:
        con: the ledger's connection.
        found: the table's source.
        names: our name -> the export's name, for every column of the contract.
        optional: ours that may be absent; those are NULL.
        delimiter: of CSV.

    Returns:
        The type of each exported column, by our names.

    Raises:
        Fault: a required column is missing, or money is stored as a float.
    """
    relation = _relation(con, found, delimiter)
    types = dict(zip(relation.columns, map(str, relation.types), strict=True))
    chosen = []
    for ours, theirs in names.items():
        if theirs in types:
            chosen.append(_valued(theirs, types[theirs]).alias(ours))
        elif ours in optional and theirs == ours:
            chosen.append(ConstantExpression(None).cast("VARCHAR").alias(ours))
        else:
            raise Fault(
                f"column {theirs!r} is missing ({ours})",
                where=found.path.name,
                expected=", ".join(names[n] for n in names if n not in optional),
                found=", ".join(found.columns),
                todo="choose the right profile, or map the column in one",
            )
        if ours in {"amount", "settled_amount", "observed"} and types.get(theirs) in FLOATS:
            raise Fault(
                f"column {theirs!r} holds money as {types[theirs]}",
                where=found.path.name,
                expected="DECIMAL, an integer or text, which are exact",
                found=types[theirs],
                todo="export it as DECIMAL",
            )
    relation.select(*chosen).create_view(f"raw_{found.table}", replace=True)
    return {ours: types[theirs] for ours, theirs in names.items() if theirs in types}


def _valued(column: str, stored: str) -> Expression:
    value = ColumnExpression(column)
    if stored != "VARCHAR":
        return value
    return FunctionExpression("nullif", value, ConstantExpression(""))


def records(found: Source, delimiter: str) -> Iterator[tuple[int, list[str], bool]]:
    """Each row of a CSV: its line (from 1), its fields, and whether it is as wide as the header."""
    csv.field_size_limit(FIELD_CHARACTERS_MAX)
    with _text(found.path) as file:
        reader = csv.reader(file, delimiter=delimiter)
        width = len(next(reader, []))
        line = reader.line_num + 1
        for fields in reader:
            if fields:
                yield line, fields, len(fields) == width
            line = reader.line_num + 1


def _relation(
    con: duckdb.DuckDBPyConnection, found: Source, delimiter: str
) -> duckdb.DuckDBPyRelation:
    try:
        if not found.is_csv:
            return con.read_parquet([str(p) for p in found.parts], union_by_name=False)
        return con.read_csv(
            str(found.path),
            auto_detect=False,
            header=True,
            delimiter=delimiter,
            quotechar='"',
            escapechar='"',
            columns=dict.fromkeys(found.columns, "VARCHAR"),
            store_rejects=True,
            rejects_table=f"unread_{found.table}",
            rejects_scan=f"unread_scan_{found.table}",
            rejects_limit=0,
        )
    except duckdb.Error as error:
        raise _unreadable(found, str(error)) from error


def _text(path: Path) -> TextIO:
    opened = gzip.open if path.name.endswith(".gz") else Path.open
    return cast("TextIO", opened(path, "rt", encoding="utf-8-sig", errors="replace", newline=""))


def _csv_header(path: Path, delimiter: str) -> tuple[str, ...]:
    try:
        with _text(path) as file:
            header = next(csv.reader(file, delimiter=delimiter), [])
    except (OSError, EOFError, csv.Error) as error:
        raise Fault("file cannot be read", where=path.name, found=str(error)) from error
    if not header:
        raise Fault(
            "file is empty",
            where=path.name,
            expected="a header and rows",
            found="nothing",
            todo="export it again",
        )
    return tuple(header)


def _parquet_columns(parts: tuple[Path, ...]) -> tuple[str, ...]:
    with duckdb.connect() as con:
        try:
            rows = con.execute(
                "SELECT name FROM parquet_schema($part) WHERE num_children IS NULL",
                {"part": str(parts[0])},
            ).fetchall()
        except duckdb.Error as error:
            raise Fault(
                "file cannot be read as Parquet", where=parts[0].name, found=str(error)
            ) from error
    return tuple(name for (name,) in rows)


def _unreadable(found: Source, error: str) -> Fault:
    return Fault(
        "file cannot be read",
        where=found.path.name,
        found=error.splitlines()[0],
        todo="export it again",
    )
