"""The tables of an unknown export: its files, those that are parts of one, and a sample of each."""

import logging
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import duckdb
from duckdb import ColumnExpression
from msgspec import structs

from settle_core import sql
from settle_core.errors import Fault
from settle_core.exports.draft import column_values, csv_text, sheets, stray_values, written_numbers
from settle_core.exports.draft.column_values import Column
from settle_core.exports.draft.csv_text import Text
from settle_core.exports.draft.inference import KINDS_MAX, OTHERS_MAX, Table
from settle_core.exports.files import control_totals, json_rows, parquet_folder, spreadsheet
from settle_core.exports.files import source as sources
from settle_core.exports.files.opened import open_part, open_split
from settle_core.exports.files.source import Part
from settle_core.exports.files.spreadsheet import Sheet
from settle_core.exports.profiles.keys import NULLS, Dialect
from settle_core.formats import clean

_LOG: Final = logging.getLogger(__name__)
# What parts of one table differ by in their names: numbers, and months by their names.
NUMBERS: Final = re.compile(
    r"\d[\d_-]*|(?<![^\W\d_])(jan(uary|uar)?|feb(ruary|ruar)?|mar(ch)?|m\u00e4rz|mrz|apr(il)?|may|mai|"
    r"june?|juni|july?|juli|aug(ust)?|sept?(ember)?|o[ck]t(ober)?|nov(ember)?|de[cz](ember)?)"
    r"(?![^\W\d_])",
    re.IGNORECASE,
)
CSV: Final = (".csv", ".csv.gz")
TEXTS: Final = (
    ".tsv",
    ".tab",
    ".txt",
    ".dat",
    ".psv",
)  # of a table where nothing else is, named in full
TABLES: Final = 2  # of an export
WHOLE_MAX: Final = 4000  # rows; sample.sql takes more, of which a few may be left out
HEADERS_MIN: Final = 2  # numbers in a header that make it a row
SHOWN_MAX: Final = 8


def tables(folder: Path) -> list[Table]:
    """The tables of an export, each with a sample. Raises Fault for what cannot be read.

    Where there are not two, folders of CSV files are looked into: each may be a table in parts.
    """
    if not folder.is_dir():
        todo = "check the path"
        raise Fault("no such export", expected="a folder", found=repr(str(folder)), todo=todo)
    _LOG.info("looking at %s", folder)
    paths = sorted(folder.iterdir())
    usual = [
        path
        for path in paths
        if (path.name.lower().endswith(sources.FORMATS) and path.is_file())
        or (path.is_dir() and parquet_folder.is_one(path))
    ]
    texts = [path for path in paths if _is_text(path)]
    objects = [path for path in paths if _is_json(path)]
    found = [
        _readable(folder, path.name, sheet)
        for path in usual or texts or objects or [path for path in paths if _is_bare(path)]
        for sheet in (sheets.sheets(path) if spreadsheet.is_workbook(path.name) else ("",))
    ]
    found = _joined(folder, found)
    for others in (texts if usual else [], objects if usual or texts else []):
        if len(found) < TABLES:
            found += _joined(folder, [*_beside(folder, others)])
    if len(found) < TABLES:
        within = [_readable(folder, name, "") for name in _within(folder)]
        found += _joined(folder, within)
    for table in found:
        if not table.is_parquet:
            _demand_header(table)
    return found


def are_whole(*found: Table) -> bool:
    """Whether all rows of the tables are in their samples."""
    return all(len(table.rows) + len(table.below) <= WHOLE_MAX for table in found)


def _is_text(path: Path) -> bool:
    return path.suffix.lower() in TEXTS and path.is_file() and csv_text.is_table(path)


def _is_bare(path: Path) -> bool:
    """Whether it is a part that has no ending, as Redshift unloads them, or only that of gzip."""
    name = path.name.removesuffix(".gz")
    return "." not in name and path.is_file() and csv_text.is_table(path)


def _beside(folder: Path, paths: Sequence[Path]) -> Iterator[Table]:
    """Tables of a kind that is rarely one: those that can be read, and hold more than a row."""
    for path in paths:
        try:
            table = _readable(folder, path.name, "")
            if not table.is_parquet:
                _demand_header(table)
        except Fault as fault:
            _LOG.info("%s is taken for no table: %s", path.name, fault)
        else:
            if len(table.rows) > 1:
                yield table


def _is_json(path: Path) -> bool:
    return json_rows.is_json(path.name) and path.name != control_totals.FILE and path.is_file()


def _within(folder: Path) -> Iterator[str]:
    """The CSV files in folders of an export, by their paths in it."""
    for path in sorted(folder.glob("*/**/*")):
        name = path.relative_to(folder)
        is_hidden = any(part.startswith((".", "_")) for part in name.parts)
        is_parquet = parquet_folder.is_one(folder / name.parts[0])
        if path.name.lower().endswith(CSV) and path.is_file() and not (is_hidden or is_parquet):
            yield str(name)


def _joined(folder: Path, found: Sequence[Table]) -> list[Table]:
    """The tables, those together that are parts of one: alike but for numbers in their names.

    In a folder of its own a part may be called as it will.
    """
    alike: dict[object, list[Table]] = {}
    for table in found:
        within, _, name = table.name.rpartition("/")
        name = NUMBERS.sub("*", within or name)
        is_part = "*" in name or within
        key = (name, table.sheet, table.names, table.text) if is_part else id(table)
        alike.setdefault(key, []).append(table)
    return [_one(folder, group) for group in alike.values()]


def _one(folder: Path, group: Sequence[Table]) -> Table:
    first = group[0]
    if len(group) == 1 or first.sheet:
        return first._replace(file=_file(folder, [first.name]))
    columns = tuple(
        Column(
            name=same[0].name,
            values=tuple(value for column in same for value in column.values),
            is_whole=all(column.is_whole for column in same),
            stored_as=same[0].stored_as,
        )
        for same in zip(*(table.columns for table in group), strict=True)
    )
    names = [table.name for table in group]
    file = _file(folder, names)
    within, _, name = first.name.rpartition("/")
    return first._replace(
        name=file if within else NUMBERS.sub("*", name),
        columns=columns,
        rows=tuple(row for table in group for row in table.rows),
        below=tuple(row for table in group for row in table.below),
        parts=tuple(names),
        file=file,
    )


def _file(folder: Path, names: Sequence[str]) -> str:
    """A pattern by which a profile finds just these files, the plainest one that does."""
    wanted = sorted(folder / name for name in names)
    for pattern in _patterns(names):
        if sources.matching(folder, pattern) == wanted:
            return pattern
    raise Fault(
        "no pattern names the files of one table alone",
        where=str(folder),
        expected="files of one table that are called as no others are",
        found=", ".join(map(clean, names[:SHOWN_MAX])),
        todo="move them into a folder of their own, or write entries.file and settlements.file "
        'by hand, with parts = "append"',
    )


def _patterns(names: Sequence[str]) -> Iterator[str]:
    first = names[0]
    within, slash, name = first.rpartition("/")
    stem, dot, ending = name.partition(".")
    if len(names) == 1:
        if not (name.lower().endswith(TEXTS) or json_rows.is_json(name)):
            yield f"{within}{slash}{stem}.*"
        yield first
        return
    starred = NUMBERS.sub("*", f"{within}{slash}{stem}")
    yield f"{starred}.*"
    yield re.sub(r"\d", "[0-9]", f"{within}{slash}{stem}") + ".*"
    yield f"{starred}{dot}{ending}"
    if within:
        yield NUMBERS.sub("*", within) + f"/*{dot}{ending}"
        yield NUMBERS.sub("*", within) + "/*"


def _demand_header(table: Table) -> None:
    """Raise Fault if the first line is a row as the others: it would be counted for none."""
    days, numbers = 0, 0
    for column in table.columns:
        own = column._replace(values=(column.name,), stored_as="VARCHAR")
        forms = {*column_values.instant_formats(column), *column_values.date_formats(column)}
        days += bool(
            forms & {*column_values.instant_formats(own), *column_values.date_formats(own)}
        )
        numbers += bool(written_numbers.written(own)[0] and written_numbers.written(column)[0])
    if days or numbers >= HEADERS_MIN:
        raise Fault(
            "the first line is a row, not a header",
            where=table.name,
            expected="the names of the columns",
            found=", ".join(clean(c.name) for c in table.columns[:SHOWN_MAX]),
            todo="export it with a header, or write one line of names above",
        )


def _readable(folder: Path, name: str, sheet: str) -> Table:
    try:
        return _table(folder, name, sheet)
    except duckdb.Error as error:
        raise Fault(
            "no table can be seen in the file",
            where=name,
            expected="a header in the first line, and rows with as many fields",
            found=next((line for line in str(error).splitlines() if "Expected" in line), "others"),
            todo="write the profile by hand: csv.skip_lines for lines before the header, "
            "csv.delimiter, csv.encoding",
        ) from error


def _table(folder: Path, name: str, sheet: str) -> Table:
    is_json = json_rows.is_json(name)
    is_parquet = name.lower().endswith(parquet_folder.ENDING) or (folder / name).is_dir()
    is_csv = not (is_json or is_parquet or sheet)
    text = csv_text.look(folder / name) if is_csv else Text()
    if sheet:
        text = Text(skip_lines=sheets.above(folder / name, sheet))
    (part,) = sources.source(folder, "guess", name, sheet=Sheet(sheet)).parts
    with duckdb.connect() as con, TemporaryDirectory() as scratch:
        csv = Dialect(delimiter=text.delimiter, encoding=text.encoding, skip_lines=text.skip_lines)
        csv = structs.replace(csv, trim=text.is_padded, quote=text.quote, escape=text.escape)
        sample, cells = _sampled(con, part, csv, Path(scratch))
        stored = list(map(str, sample.types))
        every_row = [tuple(_value(cell) for cell in row) for row in cells]
        # Of files that were put one behind the other the header comes again.
        rows = _body([row for row in every_row if row != tuple(sample.columns)])
        strays = stray_values.places(_columns(sample.columns, stored, rows), rows)
        left_out = {rows[k][place] for k, place in strays}
        stray_rows = {rows[k] for k, _ in strays}
        rows = [row for row in rows if row not in stray_rows]
        every = con.view("raw_guess")
        columns = []
        for column in _columns(sample.columns, stored, rows):
            seen = set(column.values)
            if 0 < len(seen) <= KINDS_MAX:
                # Of a kind that is rare a sample may hold none.
                values = column.values + _others(every, column.name, seen, left_out)
                columns.append(column._replace(values=values))
            else:
                columns.append(column)
        names = tuple(sample.columns)
    kept = {*rows, *stray_rows}
    below = tuple(row for row in every_row if row not in kept)
    return Table(name, text, tuple(columns), is_parquet, tuple(rows), sheet, names, below)


def _sampled(
    con: duckdb.DuckDBPyConnection, part: Part, csv: Dialect, scratch: Path
) -> tuple[duckdb.DuckDBPyRelation, list[tuple[str | None, ...]]]:
    """Some rows of a file, with the view `raw_guess` of all; lines that are no rows left out."""
    for way in (open_part, open_split):
        opened = way(con, part, csv, scratch)
        named = (ColumnExpression(f"c{k}").alias(n) for k, n in enumerate(opened.columns))
        opened.relation.select(*named).create_view("raw_guess", replace=True)
        sample = con.sql(sql.text("exports/draft", "sample"))
        texts = sample.select(*(ColumnExpression(n).cast("VARCHAR") for n in sample.columns))
        try:
            return sample, texts.fetchall()
        except duckdb.Error:
            if opened.is_split or not part.is_csv:
                raise
    raise AssertionError


def _columns(
    names: Sequence[str], stored: Sequence[str], rows: Sequence[tuple[str | None, ...]]
) -> list[Column]:
    return [
        Column(
            name=name,
            values=tuple(value for row in rows if (value := row[k])),
            is_whole=all(row[k] for row in rows),
            stored_as=stored[k],
        )
        for k, name in enumerate(names)
    ]


def _others(
    every: duckdb.DuckDBPyRelation, column: str, seen: set[str], left_out: set[str | None]
) -> tuple[str, ...]:
    """Values of a column that its sample does not hold, each once."""
    text = ColumnExpression(column).cast("VARCHAR").alias("value")
    found = every.select(text).distinct().limit(OTHERS_MAX).fetchall()
    others = {value for (value,) in found if value and value not in {*NULLS, column}}
    return tuple(sorted(others - seen - left_out))


def _value(cell: str | None) -> str | None:
    """A cell as the profile takes it that is written: some texts are no value."""
    return None if cell in NULLS else cell


def _body(rows: list[tuple[str | None, ...]]) -> list[tuple[str | None, ...]]:
    """The rows without those of which hardly a field is filled: totals, and what is below them."""
    filled = [sum(bool(cell) for cell in row) for row in rows]
    usual = sorted(filled)[len(filled) // 2] if filled else 0
    return [row for row, count in zip(rows, filled, strict=True) if count * 2 > usual]
