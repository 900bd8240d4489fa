"""A file laid open to SQL: its columns by their place, each value as it was exported.

Files are given to DuckDB as paths, never as patterns, and nothing is read from a folder's name.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, cast

import duckdb
from duckdb import (
    CaseExpression,
    ColumnExpression,
    ConstantExpression,
    CSVLineTerminator,
    Expression,
    FunctionExpression,
)
from duckdb.sqltypes import DuckDBPyType

from settle_core import sql
from settle_core.errors import Fault
from settle_core.exports.files import json_rows, quotes, scan, split, spreadsheet
from settle_core.exports.files.json_pages import ALONE, Page
from settle_core.exports.files.scan import Scan
from settle_core.exports.files.source import Part
from settle_core.exports.files.spreadsheet import Sheet
from settle_core.exports.profiles.keys import Dialect
from settle_core.formats import clean

LINE: Final = "line"
ROW_IN_FILE: Final = "file_row_number"  # as DuckDB calls it in one file of Parquet
ROW_NUMBER: Final = "row_number"
FILE_ROW: Final = "file_row"  # the same beside our columns
# Of names with other characters DuckDB could make a pattern or a partition.
PLAIN: Final = re.compile(r"[\w./ -]*")
VALUE: Final = re.compile(r"[-+]?[0-9][0-9.,:/ TZ+-]*|\\N")  # of a row, no column's name
SHOWN_MAX: Final = 8
LONG_LINE_BYTES: Final = 8 * scan.RECORD_BYTES_MAX


@dataclass(frozen=True)
class Opened:
    """A part of a table, open.

    Attributes:
        part: the file.
        relation: its columns as `c0`, `c1` and so on, and their line where it was split, or where
            it is one file of Parquet the number of the row.
        columns: their names, in that order.
        types: their types by name.
        counted: how many rows there must be, by a count that is not the reader's.
        rejects: the file of what could not be split into a row; `rejected` is how many they are.
        below: how many lines stand below the table, by `csv.footer`.
        is_split: whether it was split record by record.
        page: what JSON says of the pages of which it is one.
    """

    part: Part
    relation: duckdb.DuckDBPyRelation
    columns: tuple[str, ...]
    types: dict[str, str]
    counted: int
    rejects: Path | None = None
    rejected: int = 0
    below: int = 0
    is_split: bool = False
    page: Page = ALONE


def open_part(con: duckdb.DuckDBPyConnection, part: Part, csv: Dialect, scratch: Path) -> Opened:
    """Open a file the fast way where it is plain, else split. Raises Fault if it is no table."""
    if part.sheet is not None:
        return _sheet(con, part, csv, scratch)
    if part.is_json:
        return _json(con, part, csv, scratch)
    if not part.is_csv:
        return _parquet(con, part, scratch)
    columns = _demand_unique(split.header(part.paths[0], csv), part.name)
    seen = part.scans[0]
    is_utf8 = csv.encoding.lower() in {"utf-8", "utf8"}
    is_moved = bool(csv.skip_lines or csv.trim or csv.footer)
    is_plain = seen.is_plain and is_utf8 and not is_moved and len(columns) > 1
    if not is_plain or _is_marked(part.paths[0], seen, csv, len(columns)):
        return open_split(con, part, csv, scratch)
    path = _given(part.paths[0], scratch)
    relation = _csv(con, path, csv.delimiter, len(columns), part.paths[0])
    types = dict.fromkeys(columns, "VARCHAR")
    return Opened(part, relation, columns, types, seen.records - 1)


def _is_marked(path: Path, seen: Scan, csv: Dialect, width: int) -> bool:
    """Whether quotes and backslashes are other marks in a file than DuckDB takes them for."""
    if (csv.quote == "none" and seen.is_quoted) or (csv.escape and seen.is_escaped):
        return True
    if csv.quote != "auto" or not seen.is_wrapped:
        return False
    delimiter = csv.delimiter.encode()
    return len(delimiter) > 1 or quotes.may_hold_rows(path, delimiter, width)


def open_split(con: duckdb.DuckDBPyConnection, part: Part, csv: Dialect, scratch: Path) -> Opened:
    """Open a file split record by record."""
    columns = _demand_unique(split.header(part.paths[0], csv), part.name)
    name = f"{len(list(scratch.iterdir()))}"
    target, rejects = scratch / f"{name}.clean.csv", scratch / f"{name}.rejected.csv"
    found = split.clean(part.paths[0], csv, target, rejects)
    relation = _clean(con, target, len(columns), found.longest)
    types = dict.fromkeys(columns, "VARCHAR")
    return Opened(
        *(part, relation, columns, types, found.rows, rejects, found.rejected, found.below),
        is_split=True,
    )


def _clean(
    con: duckdb.DuckDBPyConnection, target: Path, width: int, longest: int
) -> duckdb.DuckDBPyRelation:
    """What was written clean, its lines first."""
    is_long = longest > scan.CHUNK_BYTES // 4
    return con.read_csv(
        str(target),
        auto_detect=False,
        header=False,
        delimiter=",",
        quotechar='"',
        escapechar='"',
        columns={LINE: "BIGINT"} | {f"c{k}": "VARCHAR" for k in range(width)},
        hive_partitioning=False,
        lineterminator=CSVLineTerminator.LINE_FEED,  # else it is guessed, from within quotes too
        max_line_size=LONG_LINE_BYTES if is_long else scan.RECORD_BYTES_MAX,
        buffer_size=2 * LONG_LINE_BYTES if is_long else None,
    )


def _sheet(con: duckdb.DuckDBPyConnection, part: Part, csv: Dialect, scratch: Path) -> Opened:
    """Open a sheet of a workbook. Dates that are a cell's own need no pattern to be read."""
    name = f"{len(list(scratch.iterdir()))}"
    target, rejects = scratch / f"{name}.clean.csv", scratch / f"{name}.rejected.csv"
    sheet = part.sheet or Sheet()
    laid = spreadsheet.clean(part.paths[0], sheet, csv, target, rejects)
    columns = _demand_unique(laid.columns, part.name)
    relation = _clean(con, target, len(columns), laid.longest)
    mark = ConstantExpression(spreadsheet.DATED)
    values: list[Expression] = [ColumnExpression(LINE)]
    for k, kind in enumerate(laid.types):
        value = ColumnExpression(f"c{k}")
        day, told = (
            FunctionExpression("split_part", value, mark, ConstantExpression(place))
            for place in (2, 3)
        )
        if kind == "VARCHAR":
            value = CaseExpression(FunctionExpression("starts_with", value, mark), told)
            value = value.otherwise(ColumnExpression(f"c{k}"))
        else:
            value = FunctionExpression("nullif", day, ConstantExpression("")).cast(kind)
        values.append(value.alias(f"c{k}"))
    types = dict(zip(columns, laid.types, strict=True))
    counted = laid.counted - laid.rejected
    rows = relation.select(*values)
    return Opened(part, rows, columns, types, counted, rejects, laid.rejected, is_split=True)


def _json(con: duckdb.DuckDBPyConnection, part: Part, csv: Dialect, scratch: Path) -> Opened:
    """Open a file of JSON, each object as a row."""
    name = f"{len(list(scratch.iterdir()))}"
    target, rejects = scratch / f"{name}.clean.csv", scratch / f"{name}.rejected.csv"
    laid = json_rows.clean(part.paths[0], csv, target, rejects)
    columns = _demand_unique(laid.columns, part.name)
    rows = _clean(con, target, len(columns), laid.longest)
    types = dict.fromkeys(columns, "VARCHAR")
    counted, bad = laid.counted, laid.rejected
    given = (part, rows, columns, types, counted, rejects, bad)
    return Opened(*given, is_split=True, page=laid.page)


def _given(path: Path, scratch: Path) -> str:
    """The path as DuckDB takes it: a plain name that leads there, where its own is not plain."""
    whole = path.resolve()
    if PLAIN.fullmatch(str(whole)):
        return str(whole)
    link = scratch / f"{len(list(scratch.iterdir()))}{''.join(path.suffixes[-2:])}"
    if not PLAIN.fullmatch(link.name):
        link = link.with_name(link.name.split(".")[0])
    link.symlink_to(whole)
    return str(link)


def _csv(
    con: duckdb.DuckDBPyConnection, path: str, delimiter: str, width: int, file: Path
) -> duckdb.DuckDBPyRelation:
    try:
        return con.read_csv(
            path,
            auto_detect=False,
            header=True,
            delimiter=delimiter,
            quotechar='"',
            escapechar='"',
            columns={f"c{k}": "VARCHAR" for k in range(width)},
            compression="gzip" if scan.is_gzip(file) else "none",
            hive_partitioning=False,
        )
    except duckdb.Error as error:
        raise scan.unreadable(file, error) from error


def _parquet(con: duckdb.DuckDBPyConnection, part: Part, scratch: Path) -> Opened:
    paths = [_given(p, scratch) for p in part.paths]
    try:
        schema = con.execute(
            "SELECT name, num_children FROM parquet_schema($part)", {"part": paths[0]}
        ).fetchall()
        _demand_unique(_outermost(schema), part.name)
        _demand_alike(con, part, paths)
        read = con.read_parquet(paths, union_by_name=False, hive_partitioning=False)
        counted = con.execute(
            "SELECT SUM(num_rows) FROM parquet_file_metadata($parts)", {"parts": paths}
        ).fetchall()[0][0]
        fields = [
            each
            for name, kind in zip(read.columns, read.types, strict=True)
            for each in _fields(name, ColumnExpression(name), kind)
        ]
        columns = _demand_unique(tuple(name for name, _, _ in fields), part.name)
        types = {name: str(kind) for name, _, kind in fields}
        numbered = [value.alias(f"c{k}") for k, (_, value, _) in enumerate(fields)]
        if len(paths) == 1 and ROW_IN_FILE not in columns:
            numbered.append(ColumnExpression(ROW_IN_FILE).alias(ROW_NUMBER))
        return Opened(part, read.select(*numbered), columns, types, int(counted))
    except duckdb.Error as error:
        raise Fault(
            "file cannot be read as Parquet",
            where=part.name,
            found=str(error).splitlines()[0],
            todo="export it again",
        ) from error


def _outermost(schema: Iterable[tuple[str, int | None]]) -> tuple[str, ...]:
    """The names of the columns, of a schema in which what a column holds follows it."""
    nodes = iter(schema)

    def names(children: int | None) -> Iterator[str]:
        for _ in range(children or 0):
            name, within = next(nodes)
            for _ in names(within):
                pass
            yield name

    _, columns = next(nodes)
    return tuple(names(columns))


def _fields(
    name: str, value: Expression, kind: DuckDBPyType
) -> Iterator[tuple[str, Expression, DuckDBPyType]]:
    """A column, or what is in it by the names `outer.inner` where it is a struct."""
    if kind.id != "struct":
        yield name, value, kind
        return
    for inner, each in kind.children:
        field = FunctionExpression("struct_extract", value, ConstantExpression(inner))
        yield from _fields(f"{name}.{inner}", field, cast("DuckDBPyType", each))


def _demand_alike(con: duckdb.DuckDBPyConnection, part: Part, paths: list[str]) -> None:
    """Raise Fault unless each file has the columns of the first one, stored as they are there.

    DuckDB would leave out what the first one has not, and round to the decimals that it has.
    """
    first: dict[str, str] = {}
    for path, file in zip(paths, part.paths, strict=True):
        read = con.read_parquet(path, hive_partitioning=False)
        kinds = dict(zip(read.columns, map(str, read.types), strict=True))
        first = first or kinds
        for name in sorted(first.keys() | kinds.keys()):
            one, other = first.get(name, "no such column"), kinds.get(name, "no such column")
            if one != other and not (name in kinds and _is_empty(con, path, name)):
                raise Fault(
                    "the files of one table have other columns",
                    where=part.name,
                    expected=f"{name!r} in {file.name} as in {part.paths[0].name}: {one}",
                    found=other,
                    todo="export them alike, or move those of another table away",
                )


def _is_empty(con: duckdb.DuckDBPyConnection, path: str, name: str) -> bool:
    """Whether no row of a file has a value in a column, which is then of any type."""
    ((is_empty,),) = con.execute(
        sql.text("exports/files", "parquet_is_empty"), {"part": path, "name": name}
    ).fetchall()
    return bool(is_empty)


def _demand_unique(columns: tuple[str, ...], where: str) -> tuple[str, ...]:
    twice = sorted({c for c in columns if c and columns.count(c) > 1})
    if twice and any(VALUE.fullmatch(name) for name in twice):
        raise Fault(
            "the first line is a row, not a header",
            where=where,
            expected="the names of the columns",
            found=", ".join(map(clean, columns[:SHOWN_MAX])),
            todo="export it with a header, or write one line of names above",
        )
    if twice:
        raise Fault(
            "two columns of one name",
            where=where,
            expected="each name once",
            found=", ".join(twice),
            todo="rename or drop one of them in the export",
        )
    return columns
