"""A sheet of an Excel workbook as rows. Needs the extra `excel`.

A cell's number is a double. It stands for the shortest decimal that is it, and of more than fifteen
digits, which is what spreadsheets keep, for none. A row of which a cell that is read holds no
certain value is rejected: an error, a formula that nobody calculated, a part of merged cells.
"""

import csv
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import partial
from itertools import repeat
from pathlib import Path
from typing import Any, Final, NamedTuple

from settle_core.errors import Fault
from settle_core.exports.files import scan, split, workbook
from settle_core.exports.files.workbook import opened_book
from settle_core.exports.profiles.checks import EPOCHS
from settle_core.exports.profiles.keys import INSTANT, Dialect

ENDINGS: Final = (".xlsx", ".xlsm")
DIGITS_MAX: Final = 15
# Before a date that is a cell's own, and before the same as the profile would have it in text. No
# text of a cell can have that character.
DATED: Final = "\x01"
SHOWN: Final = re.compile(f"{DATED}([^{DATED}]*){DATED}[^{DATED}]*")
MIDNIGHT: Final = time()
ERRORS: Final = frozenset(
    (
        *("#DIV/0!", "#N/A", "#NAME?", "#NULL!", "#NUM!", "#REF!", "#VALUE!"),
        *("#GETTING_DATA", "#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#UNKNOWN!", "#CONNECT!"),
    )
)
# What of a sheet's XML tells which rows hold something; a prefix of the names is rare and allowed.
MARK: Final = re.compile(
    rb"<(?:\w+:)?(?:(row)\b([^>]*)>|(f)\b[^>]*>|v\b[^>/]*>(?!<)|is\b|mergeCell\b([^>]*)>)"
)
NUMBERED: Final = re.compile(rb'\br="(\d+)"')
REF: Final = re.compile(rb'\bref="[A-Z]+(\d+):[A-Z]+(\d+)"')


class Sheet(NamedTuple):
    """Which sheet of a workbook is a table, and the columns that are read of it."""

    name: str = ""  # empty: the first one that is not hidden
    columns: frozenset[str] = frozenset()


class Laid(NamedTuple):
    """A sheet, written as a clean CSV.

    Attributes:
        columns: their names.
        types: DATE or TIMESTAMP of a column of such cells, else VARCHAR.
        counted: how many rows there are by a count that is not the reader's.
        rejected: how many of them can be no row.
        longest: characters of the longest one.
    """

    columns: tuple[str, ...]
    types: tuple[str, ...]
    counted: int
    rejected: int
    longest: int


class _Look(NamedTuple):
    """What a sheet's XML says: rows that hold something, merged ones, whether a cell calculates."""

    rows: list[int]
    merged: set[int]
    calculates: bool


def is_workbook(name: str) -> bool:
    """Whether a file is called as a workbook is."""
    return name.lower().endswith(ENDINGS)


def header(path: Path, sheet: Sheet, csv_: Dialect) -> tuple[str, ...]:
    """The names of the columns. Raises Fault as `clean` does."""
    with opened_book(path, calculated=True) as book:
        return _header(rows_of(sheet_of(book, sheet, path)), csv_, path)[1]


def clean(path: Path, sheet: Sheet, csv_: Dialect, target: Path, rejects: Path) -> Laid:
    """Write what can be a row to a clean CSV, its line before it, and the others beside it.

    Raises:
        Fault: it is no workbook, there is no such sheet, or the sheet goes on in another one.
    """
    way = (sheet, csv_.skip_lines, csv_.decimal, csv_.date_format, csv_.timestamp_format)
    write = partial(_clean, path, sheet, csv_, target, rejects)
    return workbook.written_once(path, way, write, target, rejects)


def _clean(path: Path, sheet: Sheet, csv_: Dialect, target: Path, rejects: Path) -> Laid:
    with (
        opened_book(path, calculated=True) as book,
        target.open("w", encoding="utf-8", newline="") as good_file,
        rejects.open("w", encoding="utf-8", errors="replace", newline="") as bad_file,
    ):
        chosen = sheet_of(book, sheet, path)
        look = _look(path, chosen)
        rows = rows_of(chosen)
        first, columns = _header(rows, csv_, path)
        _demand_whole(book, chosen, columns, path)
        table = _Table(columns, sheet.columns, look, csv_)
        good = csv.writer(good_file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        told = csv.writer(bad_file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for line, values, formulas in _with_formulas(path, chosen.title, rows, look, first):
            reason, fields = table.row(line, values, formulas)
            if reason:
                shown = ",".join(map(_shown, fields))
                told.writerow((line, reason, shown[: split.SHOWN_MAX]))
            elif fields:
                good.writerow((line, *fields))
    counted = sum(line > first for line in look.rows)
    return Laid(columns, table.types(), counted, table.bad, table.longest)


class _Table:
    """The rows of a sheet, one after the other, and what was seen in them."""

    def __init__(
        self, columns: tuple[str, ...], read: frozenset[str], look: _Look, csv_: Dialect
    ) -> None:
        self.columns, self.look, self.csv = columns, look, csv_
        self.read = [name in read for name in columns]
        self.dated = [0] * len(columns)
        self.timed = [0] * len(columns)
        self.filled = [0] * len(columns)
        self.bad = self.longest = 0

    def row(
        self, line: int, values: Sequence[Any], formulas: Sequence[Any]
    ) -> tuple[str, list[str]]:
        """Why it is no row, if it is none, and its fields; no fields for a blank one."""
        width = max((k for k, each in enumerate(values, 1) if each is not None), default=0)
        width = max(width, max((k for k, f in enumerate(formulas, 1) if _is_formula(f)), default=0))
        if not width:
            return "", []
        padded = [*values, *repeat(None, len(self.columns) - len(values))]
        fields = [_text(value, self.csv) for value in padded]
        reason = self._reason(line, padded, width, formulas)
        if reason:
            self.bad += 1
            return reason, fields
        fields = fields[: len(self.columns)]
        for k, value in enumerate(padded[: len(self.columns)]):
            self.filled[k] += value is not None
            if isinstance(value, datetime):
                self.dated[k] += 1
                self.timed[k] += value.time() != MIDNIGHT
        self.longest = max(self.longest, sum(map(len, fields)))
        return "", fields

    def _reason(self, line: int, values: Sequence[Any], width: int, formulas: Sequence[Any]) -> str:
        if width > len(self.columns):
            return f"the row has {width} fields, the header {len(self.columns)}"
        if line in self.look.merged:
            return "the row holds merged cells, of which only the first has a value"
        for k, name in enumerate(self.columns):
            if not self.read[k]:
                continue
            value = values[k]
            if value is None and k < len(formulas) and _is_formula(formulas[k]):
                return f"{name} is a formula that was never calculated: {formulas[k]}"
            if isinstance(value, str) and value in ERRORS:
                return f"{name} is the error {value}"
            if _is_inexact(value):
                return (
                    f"{name} is the number {_plain(value)}, and a spreadsheet keeps {DIGITS_MAX} "
                    "digits: round it, or export it as text"
                )
        return ""

    def types(self) -> tuple[str, ...]:
        """How each column is to be taken."""
        return tuple(
            "VARCHAR" if not dated or dated < filled else "TIMESTAMP" if timed else "DATE"
            for dated, timed, filled in zip(self.dated, self.timed, self.filled, strict=True)
        )


def _is_formula(cell: object) -> bool:
    return (isinstance(cell, str) and cell.startswith("=")) or hasattr(cell, "ref")


def _is_inexact(value: object) -> bool:
    """Whether a number has more digits than a spreadsheet keeps."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    digits = len(Decimal(repr(value)).normalize().as_tuple().digits)
    return digits > DIGITS_MAX or abs(value) >= 10**DIGITS_MAX


def _plain(value: float) -> str:
    return f"{Decimal(repr(value)):f}"


def _shown(text: str) -> str:
    return SHOWN.sub(r"\1", text) if DATED in text else text


def _text(value: object, csv_: Dialect) -> str:
    """A cell as it would stand in a CSV, a date as one and as the profile has it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, int | float):
        plain = _plain(value)
        return plain.rstrip("0").rstrip(".").replace(".", csv_.decimal) if "." in plain else plain
    if isinstance(value, datetime):
        form = csv_.timestamp_format if value.time() != MIDNIGHT else csv_.date_format
        is_iso = not form or form in {INSTANT, *EPOCHS}
        told = value.isoformat(sep=" ") if is_iso else value.strftime(form)
        return f"{DATED}{value.isoformat(sep=' ')}{DATED}{told}"
    if isinstance(value, timedelta):
        return str(datetime(1900, 1, 1) + value)[11:] if value < timedelta(days=1) else str(value)  # noqa: DTZ001
    return value.isoformat() if isinstance(value, date | time) else str(value)


def sheet_of(book: Any, sheet: Sheet, path: Path) -> Any:  # noqa: ANN401  of the library's classes
    """The sheet that is named, or the first one that is not hidden."""
    sheets = book.worksheets
    named = [s for s in sheets if s.title == sheet.name]
    found = named if sheet.name else [s for s in sheets if s.sheet_state == "visible"] or sheets
    if not found:
        raise Fault(
            f"there is no sheet {sheet.name!r}" if sheet.name else "there is no sheet",
            where=path.name,
            expected="one of its sheets in entries.sheet or settlements.sheet",
            found=", ".join(s.title for s in sheets),
            todo="correct the name",
        )
    return all_of(found[0])


def all_of(sheet: Any) -> Any:  # noqa: ANN401
    """The sheet, not only the part that the file says it has."""
    sheet.reset_dimensions()
    return sheet


def rows_of(sheet: Any) -> Iterator[tuple[int, Sequence[Any]]]:  # noqa: ANN401
    """The rows with their lines."""
    return enumerate(sheet.iter_rows(values_only=True), 1)


def _header(
    rows: Iterator[tuple[int, Sequence[Any]]], csv_: Dialect, path: Path
) -> tuple[int, tuple[str, ...]]:
    """The line of the header, and the names in it."""
    for line, values in rows:
        names = [_shown(_text(value, csv_)) for value in values]
        while names and not names[-1]:
            names.pop()
        if line > csv_.skip_lines and names:
            return line, tuple(names)
    raise Fault(
        "sheet is empty",
        where=path.name,
        expected="a header and rows",
        found="nothing",
        todo="name another one in entries.sheet or settlements.sheet, or export it again",
    )


def _demand_whole(book: Any, chosen: Any, columns: tuple[str, ...], path: Path) -> None:  # noqa: ANN401
    """Raise Fault if another sheet has the same header: a table that is cut in two."""
    for sheet in book.worksheets:
        if sheet.title == chosen.title:
            continue
        first: Iterable[Any] = next(all_of(sheet).iter_rows(values_only=True), ())
        if tuple(str(name) for name in first if name is not None) == columns:
            raise Fault(
                "a table goes on in another sheet",
                where=f"{path.name}, {sheet.title}",
                expected=f"all rows in the sheet {chosen.title}",
                found="a sheet with the same columns",
                todo='export each sheet as a file and set parts = "append", or remove one',
            )


def _with_formulas(
    path: Path, title: str, rows: Iterator[tuple[int, Sequence[Any]]], look: _Look, first: int
) -> Iterator[tuple[int, Sequence[Any], Sequence[Any]]]:
    """Each row behind the header, and where the sheet calculates, its formulas beside it."""
    if not look.calculates:
        yield from ((line, values, ()) for line, values in rows)
        return
    with opened_book(path, calculated=False) as book:
        formulas = all_of(book[title]).iter_rows(min_row=first + 1, values_only=True)
        for (line, values), beside in zip(rows, formulas, strict=True):
            yield line, values, beside


def _look(path: Path, sheet: Any) -> _Look:  # noqa: ANN401
    """Look at a sheet's XML itself, which the reader of cells has no part in."""
    held: list[int] = []
    merged: set[int] = set()
    line, calculates = 0, False
    with zipfile.ZipFile(path) as archive, archive.open(sheet._worksheet_path) as file:  # noqa: SLF001  not told otherwise
        rest = b""
        while chunk := file.read(scan.CHUNK_BYTES):
            text = rest + chunk
            whole = text.rfind(b"<")
            for mark in MARK.finditer(text, 0, whole):
                is_row, told, is_formula, ref = mark.groups()
                if is_row:
                    number = NUMBERED.search(told)
                    line = int(number[1]) if number else line + 1
                elif ref is not None:
                    span = REF.search(ref)
                    merged |= set(range(int(span[1]), int(span[2]) + 1)) if span else set()
                else:
                    calculates = calculates or bool(is_formula)
                    if not held or held[-1] != line:
                        held.append(line)
            rest = text[whole:] if whole >= 0 else text
    return _Look(held, merged, calculates)
