"""A column of zones beside instants that have none of their own."""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final
from zoneinfo import ZoneInfo

from settle_core.errors import Fault
from settle_core.exports.draft import column_values
from settle_core.exports.draft.column_values import Column
from settle_core.exports.draft.inference import Table
from settle_core.exports.reading import zones
from settle_core.exports.reading.reasons import parsed
from settle_core.formats import clean

# Of the row's own instants; that of a customer is called by more words.
NAME: Final = re.compile(
    r"((date|time|clock|utc|gmt)[\s_-]*)*(zone|offset)|tz|zeitzone|fuseau( horaire)?|zona horaria",
    re.IGNORECASE,
)
SHOWN_MAX: Final = 3
Join = Callable[[Table, Sequence[Column]], Column]


def with_zone(table: Table, join: Join) -> Table:
    """The table with instants together with the zone beside them, where they have none.

    Raises:
        Fault: the zone is written as none is read: taken for UTC they would be at other hours.
    """
    zone = next((c for c in table.columns if NAME.fullmatch(c.name.strip()) and c.values), None)
    bare = [c for c in table.columns if _is_bare(c)]
    if zone is None or not bare:
        return table
    joined = {c.name: join(table, (c, zone)) for c in bare}
    for each in joined.values():
        if not (zone.is_whole and column_values.timestamp_formats(each)):
            raise _unread(table, zone, bare[0])
        _demand_right(table, zone, each)
    columns = tuple(joined.get(c.name, c) for c in table.columns if c is not zone)
    return table._replace(columns=columns)


def _is_bare(column: Column) -> bool:
    return (
        column.stored_as == "VARCHAR"
        and bool(column_values.timestamp_formats(column))
        and not column_values.has_offset(column)
    )


def _unread(table: Table, zone: Column, instant: Column) -> Fault:
    values = ", ".join(repr(clean(value)) for value in list(zone.distinct)[:SHOWN_MAX])
    return Fault(
        f"column {zone.name!r} tells no zone that is read",
        where=table.name,
        expected="in every row a zone as Europe/Berlin, an offset as +01:00, or the short names of "
        f"one zone, as CET and CEST, for {instant.name!r}",
        found=values if zone.is_whole else f"{values} and rows without any",
        todo="export the instants in UTC, or the zone in such a way; if it is one zone in all "
        "rows, leave that column out and set clock.zone",
    )


def _demand_right(table: Table, zone: Column, joined: Column) -> None:
    """Raise Fault for a short name that its zone does not have at that hour, as CET in summer."""
    there = column_values.zone_of([joined])
    forms = column_values.timestamp_formats(joined) if there else ()
    wrong = [next(_misnamed(joined, form, ZoneInfo(there)), None) for form in forms]
    if wrong and all(wrong):
        value, names = wrong[0] or ("", "")
        raise Fault(
            f"column {zone.name!r} names a zone that has another name then",
            where=table.name,
            expected=f"{names}, as {there} has it",
            found=clean(value),
            todo="export the instants in UTC, or with an offset; if all are as clocks show them "
            f'there, leave that column out and set clock.zone = "{there}"',
        )


def _misnamed(joined: Column, form: str, there: ZoneInfo) -> Iterator[tuple[str, str]]:
    """Instants whose zone is called otherwise at that hour, with what it is called."""
    for value in joined.distinct:
        name, at = zones.name_in(value), parsed(value, form)
        if name and at is not None:
            local = (at.replace(tzinfo=there, fold=fold) for fold in (0, 1))
            names = {str(each.tzname()) for each in local}
            if name not in names:
                yield value, " or ".join(sorted(names))
