"""Columns that only together are one of ours: a clock in two of them, an id in three."""

import re
from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import Final

from settle_core.exports.draft import column_values, inference, zone_columns
from settle_core.exports.draft.column_values import Column
from settle_core.exports.draft.inference import Table
from settle_core.exports.reading import zones

TIME: Final = re.compile(r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d+)?)?( ?[AaPp][Mm])?|\d{6}")
RECORDED: Final = ("creat", "record", "insert", "entered", "erfass", "cpu", "system", "written")
ID_COLUMNS_MAX: Final = 8  # that are tried together
ID_PARTS_MAX: Final = 3


def with_clock(table: Table) -> Table:
    """The table with the instant that a day and a time are together, where no column is one.

    The day that goes with the time is left out if there is another.
    """
    table = zone_columns.with_zone(table, _joined)
    if any(column_values.timestamp_formats(c) for c in table.columns):
        return table
    days = [c for c in table.columns if column_values.date_formats(c) and c.is_whole]
    times = [c for c in table.columns if c.is_whole and _is_time(c)]
    if not days or not times:
        return table
    names = [c.name for c in table.columns]
    time = max(times, key=_recorded)
    place = names.index(time.name)

    def nearness(day: Column) -> tuple[int, int, int]:
        words = re.split(r"[\W_]+", day.name.lower())
        alike = sum(word in time.name.lower() for word in words)
        return _recorded(day), alike, -abs(place - 1 - names.index(day.name))

    day = max(days, key=nearness)
    zoned = [c for c in table.columns if c.is_whole and column_values.all_are(zones.NAME, c.values)]
    # With the zone beside it, if there is one: without, the instants would be of another zone.
    ways = (*(_joined(table, (day, time, zone)) for zone in zoned), _joined(table, (day, time)))
    joined = next((each for each in ways if column_values.timestamp_formats(each)), None)
    if joined is None:
        return table
    left = [c for c in table.columns if c is not time and (c is not day or len(days) == 1)]
    return zone_columns.with_zone(table._replace(columns=(*left, joined)), _joined)


def with_id(table: Table) -> Table:
    """The table with an id of several columns, where no column alone is one."""
    if any(column_values.is_unique(c) and inference.FITS["entry_id"](c) for c in table.columns):
        return table
    parts = [c for c in table.columns if c.is_whole and inference.FITS["account_id"](c)]
    parts = [c for c in parts if len(c.distinct) > 1 and not _has_decimals(c)]
    parts = sorted(parts, key=lambda c: not inference.name_score("entry_id", c))[:ID_COLUMNS_MAX]
    parts = sorted(parts, key=table.columns.index)
    for count in range(2, ID_PARTS_MAX + 1):
        for chosen in combinations(parts, count):
            joined = _joined(table, chosen)
            if column_values.is_unique(joined):
                return table._replace(columns=(*table.columns, joined))
    return table


def _is_time(column: Column) -> bool:
    return bool(column.values) and all(TIME.fullmatch(v) for v in column.values)


def _recorded(column: Column) -> int:
    return sum(word in column.name.lower() for word in RECORDED)


def _has_decimals(column: Column) -> bool:
    return any("." in v or "," in v for v in column.values) and inference.is_number(column)


def _joined(table: Table, parts: Sequence[Column]) -> Column:
    names = tuple(name for part in parts for name in part.parts or (part.name,))
    places = [table.names.index(name) for name in names]
    values = tuple(" ".join(_cells(row, places)) for row in table.rows)
    return Column(" ".join(names), values, is_whole=True, stored_as="VARCHAR", parts=names)


def _cells(row: Sequence[str | None], places: Iterable[int]) -> list[str]:
    return [row[place] or "" for place in places]
