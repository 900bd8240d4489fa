"""The sheets of an unknown workbook, and where in them a table begins."""

from collections import Counter
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Final

from settle_core.exports.files.spreadsheet import Sheet, all_of, rows_of, sheet_of
from settle_core.exports.files.workbook import opened_book

LOOKED_AT: Final = 40  # lines
HEADS: Final = 2  # lines of names, at most


def sheets(path: Path) -> tuple[str, ...]:
    """The sheets that are not hidden and hold something. Raises Fault if it is no workbook."""
    with opened_book(path, calculated=True) as book:
        return tuple(
            sheet.title
            for sheet in book.worksheets
            if sheet.sheet_state == "visible"
            and any(any(value is not None for value in row) for _, row in rows_of(all_of(sheet)))
        )


def above(path: Path, name: str) -> int:
    """How many lines stand above the header of a sheet, as far as its first rows tell.

    The header is the first line that is as wide as most are; titles are not. Names of groups of
    columns, of merged cells, stand above their names: more of these, and all of them text.
    """
    with opened_book(path, calculated=True) as book:
        rows = [*islice(rows_of(sheet_of(book, Sheet(name), path)), LOOKED_AT)]
    widths = [
        (line, max((k for k, each in enumerate(values, 1) if each is not None), default=0))
        for line, values in rows
    ]
    usual, _ = Counter(width for _, width in widths if width).most_common(1)[0]
    if usual == 1:
        return 0
    first = next(at for at, (_, width) in enumerate(widths) if width >= usual)
    filled = [
        [each for each in values if each is not None] for _, values in rows[first : first + 3]
    ]
    if len(filled) > HEADS and _is_of_groups(*filled):
        first += 1
    return rows[first][0] - 1


def _is_of_groups(line: Sequence[object], below: Sequence[object], row: Sequence[object]) -> bool:
    """Whether a line names groups of the columns that the line below it names."""
    names = {each for each in below if isinstance(each, str)}
    is_header = len(names) == len(below) and not all(isinstance(each, str) for each in row)
    return is_header and len(line) < len(below)
