"""A few values that no reading takes, among many that one does: a note where an amount should be.

A column is not refused for them. Their rows are left out of the sample by which columns are told,
and whoever reads the export by the profile rejects them, each with its line.
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Final

from settle_core.exports.draft import column_values, inference, written_numbers
from settle_core.exports.draft.column_values import Column

Row = tuple[str | None, ...]
SHARE: Final = 20  # of so many rows one may have such a value
ROWS_MIN: Final = 20
DIGITS: Final = re.compile(r"\d+")
LETTERS: Final = re.compile(r"[^\W\d_]+")


def places(columns: Sequence[Column], rows: Sequence[Row]) -> set[tuple[int, int]]:
    """The rows and columns, by number, of values that keep a column from being read, if few."""
    most = len(rows) // SHARE
    if len(rows) < ROWS_MIN:
        return set()
    found: set[tuple[int, int]] = set()
    filled = [{k for k, row in enumerate(rows) if row[place]} for place in range(len(columns))]
    for place, column in enumerate(columns):
        if column.stored_as == "VARCHAR":
            values = [row[place] for row in rows]
            # A debit stands where there is no credit, and may be rare.
            beside = {k for each in filled if not each & filled[place] for k in each}
            found |= {(row, place) for row in _of(column, values, most) - beside}
    return found if len({row for row, _ in found}) <= most else set()


def _of(column: Column, values: Sequence[str | None], most: int) -> set[int]:
    empty = {k for k, value in enumerate(values) if not value}
    if len(empty) > most or (column.is_whole and _is_read(column)):
        return set()
    if inference.name_score("account_id", column):
        return empty
    shapes = Counter(shape_of(value) for value in values if value)
    usual, covered = [], len(empty)
    for shape, count in shapes.most_common():
        if covered >= len(values) - most:
            break
        usual.append(shape)
        covered += count
    told = tuple(value for value in values if value and shape_of(value) in usual)
    if not _is_read(column._replace(values=told)):
        return set()
    others = {value for value in values if value and shape_of(value) not in usual}
    strays = {value for value in others if not _is_read(column._replace(values=(*told, value)))}
    return empty | {k for k, value in enumerate(values) if value in strays}


def _is_read(column: Column) -> bool:
    """Whether every value is a day, an instant or a number."""
    return bool(
        column_values.instant_formats(column)
        or column_values.date_formats(column)
        or column_values.is_iso_week(column)
        or written_numbers.written(column)[0]
    )


def shape_of(value: str) -> str:
    """A value with its digits and its words made alike."""
    return LETTERS.sub("a", DIGITS.sub("9", value))
