"""A worksheet of XlsxWriter that takes rows at once: most of what a workbook costs is its cells.

XlsxWriter writes each cell by some twenty calls. Here plain text, numbers and days are written as
it would write them, byte for byte, column by column: what stands in one is nearly always of one
kind. A row that holds anything else goes through XlsxWriter itself.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import islice, repeat
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
WRITTEN_TOGETHER: Final = 2_000  # rows; more are no faster, and take memory
PLAIN_MAX: Final = 16_000  # what is longer may be too long in UTF-16
# What XlsxWriter writes in another way than as it is.
_NOT_PLAIN: Final = re.compile(r"[&<>\x00-\x1f\ufffe\uffff]|_x")


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
        # A format has its number from its first cell on, whose column may be written late.
        in_cells = (self.heading, self.text, self.money, self.count, self.day, self.instant)
        for each in (*in_cells, self.wrapped, self.amount_text):
            _style(each)


# What is written of a value after its place, None: by XlsxWriter.
Maker = Callable[[Any], str | None]


class _Kept(dict[Any, str | None]):
    """What is written of values of one kind: a column holds the same account or day many times."""

    def __init__(self, made: Maker) -> None:
        """Nothing yet; `made` makes it."""
        super().__init__()
        self.made = made

    def __missing__(self, value: object) -> str | None:
        """Make it, and keep it."""
        written = self[value] = self.made(value)
        return written


class _Column(NamedTuple):
    """What is written of a column's values after their places, None: by XlsxWriter; its width."""

    cells: Sequence[str | None]
    width: int
    lines: Sequence[int]  # of each; none where all have one

    def told(self, place: int, first: int) -> list[str]:
        """The cells as they are written, of rows from `first` on; empty where nothing stands."""
        letter = xl_col_to_name(place)
        return [
            f'<c r="{letter}{number}"{cell}</c>' if cell else ""
            for number, cell in enumerate(self.cells, first)
        ]

    def others(self, first: int) -> list[int]:
        """Which of the rows from `first` on XlsxWriter is to write."""
        if None not in self.cells:
            return []
        return [place for place, cell in enumerate(self.cells, first) if cell is None]


class Sheet(Worksheet):  # type: ignore[misc]
    """A worksheet of a book that writes its rows as they come."""

    def write_rows(self, formats: Formats, rows: Iterable[Sequence[object]]) -> list[int]:
        """Write rows below the first one.

        Returns:
            The number of the last row, then the width of what stands in each column.
        """
        kept = _Kept(lambda value: self._made(formats, value))
        # Not numbers: equal ones may be written in two ways.
        makers = defaultdict[type, Maker](lambda: lambda value: self._made(formats, value))
        makers |= dict.fromkeys((date, datetime, type(None)), kept.__getitem__)
        makers |= {str: _Kept(_texts(formats)).__getitem__, Decimal: self._amounts(formats)}
        last, widths = 0, list[int]()
        given = iter(rows)
        while batch := list(islice(given, WRITTEN_TOGETHER)):
            if not last:
                self._write_single_row(1)  # the titles
            columns = [_column(makers, values) for values in zip(*batch, strict=True)]
            self._write_batch(formats, last + 1, batch, columns)
            found = [column.width for column in columns]
            widths = list(map(max, widths or found, found))
            last += len(batch)
        return [last, *widths]

    def _write_batch(
        self,
        formats: Formats,
        first: int,
        batch: Sequence[Sequence[object]],
        columns: Sequence[_Column],
    ) -> None:
        places = range(first, first + len(batch))
        told = zip(*(each.told(k, first + 1) for k, each in enumerate(columns)), strict=True)
        heights = [each.lines for each in columns if each.lines]
        lines = map(max, *heights, repeat(1)) if heights else repeat(1, len(batch))
        others = {place for each in columns for place in each.others(first)}
        rows = zip(places, map("".join, told), batch, lines, strict=True)
        for place, cells, values, high in rows:
            if place in others:
                self._write_other(formats, place, values, high)
            elif cells:
                height = f' ht="{LINE_POINTS * high}" customHeight="1"' if high > 1 else ""
                self.fh.write(f'<row r="{place + 1}"{height}>{cells}</row>')
                self._check_dimensions(place, 0)
                self.previous_row = place + 1

    def _write_other(
        self, formats: Formats, row: int, values: Sequence[object], lines: int
    ) -> None:
        """Write a row by XlsxWriter."""
        # Excel finds the height of wrapped text by itself, LibreOffice writes it over the next.
        if lines > 1:
            self.set_row(row, LINE_POINTS * lines)
        for place, value in enumerate(values):
            write_cell(self, formats, row, place, value)
        self._write_single_row(row + 1)

    def _amounts(self, formats: Formats) -> Maker:
        before = f"{_style(formats.money)}><v>"

        def made(value: Decimal) -> str | None:
            # Of so few characters all digits are kept, and `.16G` would write the same.
            text = str(value)
            is_short = len(text) <= DIGITS_MAX
            return f"{before}{text}</v>" if is_short else self._made(formats, value)

        return made

    def _made(self, formats: Formats, value: object) -> str | None:
        if value is None:
            return ""
        content, form = _formed(formats, value)
        if isinstance(content, str):
            return _text(content, _style(form))
        number = self._convert_date_time(content) if isinstance(content, date) else content
        return f"{_style(form)}><v>{number:.16G}</v>"


def _column(makers: Mapping[type, Maker], values: Sequence[Any]) -> _Column:
    kinds = set(map(type, values))
    if kinds == {str}:
        width = max(map(len, values))
    else:
        width = max(len(str(value)) if value else 0 for value in values)
    if len(kinds) == 1:
        cells = list(map(makers[kinds.pop()], values))
    else:
        cells = [makers[type(value)](value) for value in values]
    lines = list(map(lines_of, values)) if width > WIDTH_MAX else []
    return _Column(cells, min(width + 1, WIDTH_MAX), lines)


def _texts(formats: Formats) -> Maker:
    short, wrapped = _style(formats.text), _style(formats.wrapped)

    def made(value: str) -> str | None:
        return _text(value[:TEXT_MAX], wrapped if len(value) > WIDTH_MAX else short)

    return made


def _text(text: str, style: str) -> str | None:
    if not text:
        return ""
    is_plain = not (text[0].isspace() or text[-1].isspace() or _NOT_PLAIN.search(text))
    if not is_plain or len(text) >= PLAIN_MAX:
        return None
    return f'{style} t="inlineStr"><is><t>{text}</t></is>'


def _style(form: Format | None) -> str:
    return f' s="{form._get_xf_index()}"' if form else ""  # noqa: SLF001  as XlsxWriter counts them


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
