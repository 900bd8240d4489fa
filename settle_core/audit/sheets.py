"""A worksheet of XlsxWriter that takes rows at once: most of what a workbook costs is its cells.

XlsxWriter writes each cell by some twenty calls. Here plain text, numbers and days are written as
it would write them, byte for byte; a row that holds anything else goes through XlsxWriter itself.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from math import ceil
from typing import Any, Final, NamedTuple

from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

# A cell's number is a double: of more digits the last ones would change without a word.
DIGITS_MAX: Final = 15
TEXT_MAX: Final = 32_767
WIDTH_MAX: Final = 60
LINES_MAX: Final = 25  # a row is at most 409 points high
LINE_POINTS: Final = 15
EPOCH: Final = date(1900, 3, 1)  # before it, spreadsheets count a day that there was not
# What XlsxWriter writes in another way than as it is, and what may be longer in UTF-16.
_NOT_PLAIN: Final = re.compile(r"[&<>\x00-\x1f\ufffe\uffff]|_x|^\s|\s$|.{16000}", re.DOTALL)


class Formats:
    """How cells look."""

    def __init__(self, book: Workbook, scale: int) -> None:
        """Make them for a book whose money has so many decimals."""
        money = "#,##0" + ("." + "0" * scale if scale else "")
        self.heading = book.add_format({"bold": True, "bottom": 1, "valign": "top"})
        top = {"valign": "top"}
        self.text = book.add_format(top)
        self.money = book.add_format(top | {"num_format": f"{money};-{money}"})
        self.count = book.add_format(top | {"num_format": "#,##0"})
        self.day = book.add_format(top | {"num_format": "yyyy-mm-dd", "align": "left"})
        instant = {"num_format": "yyyy-mm-dd hh:mm:ss.000", "align": "left"}
        self.instant = book.add_format(top | instant)
        self.above = book.add_format({"bg_color": "#F4CCC7", "font_color": "#7A1F14"})
        self.below = book.add_format({"bg_color": "#CFE0F1", "font_color": "#17405F"})
        self.wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        self.amount_text = book.add_format(top | {"align": "right"})


class _Cell(NamedTuple):
    """What is written of a value after its place; None: by XlsxWriter."""

    written: str | None
    width: int
    lines: int


class Sheet(Worksheet):  # type: ignore[misc]
    """A worksheet of a book that writes its rows as they come."""

    def write_rows(self, formats: Formats, rows: Iterable[Sequence[object]]) -> list[int]:
        """Write rows below the first one.

        Returns:
            The number of the last row, then the width of what stands in each column.
        """
        # Equal values are written once: a column holds the same account, week or rule many times.
        # But equal numbers may be written in two ways.
        known: dict[type, dict[Any, _Cell]] = {str: {}, date: {}, datetime: {}, type(None): {}}
        letters: list[str] = []
        widths: list[int] = []
        last, held = 0, None
        for last, row in enumerate(rows, 1):
            if held is None:
                letters = [xl_col_to_name(place) for place in range(len(row))]
                widths = [0] * len(row)
            else:
                if last == 2:  # noqa: PLR2004  the titles, before the first of these rows
                    self._write_single_row(1)
                cells = [self._known(formats, known, value) for value in held]
                widths = [max(width, cell.width) for width, cell in zip(widths, cells, strict=True)]
                self._write_made(formats, last - 1, held, cells, letters)
            held = row
        if held is not None:
            # XlsxWriter keeps the last row until the book is closed: formats are numbered then.
            self._write_held(formats, last, held, max(map(lines_of, held), default=1))
            widths = [
                max(width, width_of(value)) for width, value in zip(widths, held, strict=True)
            ]
        return [last, *widths]

    def _known(
        self, formats: Formats, known: Mapping[type, dict[Any, _Cell]], value: object
    ) -> _Cell:
        of_type = known.get(type(value))
        if of_type is None:
            return self._made(formats, value)
        if (cell := of_type.get(value)) is None:
            cell = of_type[value] = self._made(formats, value)
        return cell

    def _write_held(self, formats: Formats, number: int, row: Sequence[object], lines: int) -> None:
        """Write a row by XlsxWriter, which keeps it until the next one."""
        # Excel finds the height of wrapped text by itself, LibreOffice writes it over the next.
        if lines > 1:
            self.set_row(number, LINE_POINTS * lines)
        for place, value in enumerate(row):
            write_cell(self, formats, number, place, value)

    def _write_made(
        self,
        formats: Formats,
        number: int,
        row: Sequence[object],
        cells: Sequence[_Cell],
        letters: Sequence[str],
    ) -> None:
        lines = max((cell.lines for cell in cells), default=1)
        if any(cell.written is None for cell in cells):
            self._write_held(formats, number, row, lines)
            self._write_single_row(number + 1)
            return
        name = number + 1
        told = [
            f'<c r="{letter}{name}"{cell.written}</c>'
            for letter, cell in zip(letters, cells, strict=False)
            if cell.written
        ]
        if not told:
            return
        height = f' ht="{LINE_POINTS * lines}" customHeight="1"' if lines > 1 else ""
        self.fh.write(f'<row r="{name}"{height}>{"".join(told)}</row>')
        self._check_dimensions(number, 0)
        self.previous_row = number + 1

    def _made(self, formats: Formats, value: object) -> _Cell:
        width, lines = width_of(value), lines_of(value)
        if value is None or value == "":
            return _Cell("", width, lines)
        content, form = _formed(formats, value)
        written = f' s="{form._get_xf_index()}"' if form else ""  # noqa: SLF001  as it counts them
        if isinstance(content, str) and _NOT_PLAIN.search(content):
            return _Cell(None, width, lines)
        if isinstance(content, str):
            return _Cell(f'{written} t="inlineStr"><is><t>{content}</t></is>', width, lines)
        number = self._convert_date_time(content) if isinstance(content, date) else content
        return _Cell(f"{written}><v>{number:.16G}</v>", width, lines)


def _formed(  # noqa: PLR0911  one for each kind
    formats: Formats, value: object
) -> tuple[Decimal | int | date | str, Format | None]:
    """What of a value goes into a cell, a number, a day or text, and how it looks."""
    if isinstance(value, Decimal):
        if len(value.as_tuple().digits) <= DIGITS_MAX:
            return value, formats.money
        return f"{value:f}", formats.amount_text
    if isinstance(value, bool):
        return str(value).lower(), None
    if isinstance(value, int) and len(str(abs(value))) <= DIGITS_MAX:
        return value, formats.count
    if isinstance(value, datetime) and value.date() >= EPOCH:
        return value, formats.instant
    if isinstance(value, date) and not isinstance(value, datetime) and value >= EPOCH:
        return value, formats.day
    text = str(value)
    return text[:TEXT_MAX], formats.wrapped if len(text) > WIDTH_MAX else formats.text


def lines_of(value: object) -> int:
    """How many lines a cell takes, words not cut in two."""
    size = len(value) if isinstance(value, str) else 0
    return min(ceil(size / (WIDTH_MAX - 4)), LINES_MAX) if size > WIDTH_MAX else 1


def width_of(value: object) -> int:
    """How many characters wide a cell is."""
    return min(len(str(value or "")) + 1, WIDTH_MAX)


def write_cell(sheet: Sheet, formats: Formats, row: int, column: int, value: object) -> None:
    """Write a cell by XlsxWriter itself."""
    if value is None or value == "":
        return
    content, form = _formed(formats, value)
    if isinstance(content, str):
        sheet.write_string(row, column, content, form)
    elif isinstance(content, date):
        sheet.write_datetime(row, column, content, form)
    else:
        sheet.write_number(row, column, content, form)
