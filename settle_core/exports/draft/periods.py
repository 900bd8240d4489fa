"""Which week a settlement is of, where no column tells a day of it."""

import re
from typing import Final

from settle_core.exports.draft import column_values, inference
from settle_core.exports.draft.choices import Form, Open
from settle_core.exports.draft.column_values import Column
from settle_core.exports.draft.inference import Role, Table
from settle_core.exports.profiles.profile import WEEKDAYS
from settle_core.exports.reading import closings
from settle_core.formats import toml_text

YEAR: Final = re.compile(r"(19|20)\d\d")
WEEK: Final = re.compile(r"(KW|W)? ?(0?[1-9]|[1-4]\d|5[0-3])", re.IGNORECASE)
WEEK_WORDS: Final = ("week", "woche", "kw", "cw", "wk", "semaine", "semana", "settimana", "vecka")
WEEK_DAYS: Final = (6, 7)  # from the first day to the last one, or to the end
# When a week may have been closed of which no file says when.
CLOSED: Final = ("00:00", "03:00", "06:00", "12:00")


def with_week(table: Table) -> tuple[Table, Role | None]:
    """The table without a column of years and one of weeks, and both as one; as it is without."""
    if any(_is_day(c) for c in table.columns):
        return table, None
    years = [c for c in table.columns if c.is_whole and _all(YEAR, c)]
    weeks = [c for c in table.columns if c.is_whole and _all(WEEK, c) and _is_named(c)]
    if len(years) != 1 or len(weeks) != 1:
        return table, None
    year, week = years[0], weeks[0]
    places = [table.names.index(c.name) for c in (year, week)]
    joined = Column(
        name=f"{year.name} {week.name}",
        values=tuple(" ".join(row[place] or "" for place in places) for row in table.rows),
        is_whole=True,
        stored_as="VARCHAR",
        parts=(year.name, week.name),
    )
    left = tuple(c for c in table.columns if c is not year and c is not week)
    return table._replace(columns=left), Role(joined, "a year and a week", is_sure=True)


def _is_day(column: Column) -> bool:
    is_week = inference.FITS["week_start"](column)
    return is_week and not column_values.timestamp_formats(column)


def _is_named(column: Column) -> bool:
    return any(word in column.name.lower() for word in WEEK_WORDS)


def _all(form: re.Pattern[str], column: Column) -> bool:
    return bool(column.values) and all(form.fullmatch(v) for v in column.values)


def by_name(table: Table) -> list[Open]:
    """Weeks told by the names of the files, each by another one of the same weekday; else none."""
    if any(_is_day(c) for c in table.columns):
        return []
    names = table.parts or (table.name,)
    told = [closings.told_by(name.rpartition("/")[2]) for name in names]
    weeks = {week for week, days in filter(None, told) if days in WEEK_DAYS}
    if len(weeks) != len(names) or len({week.weekday() for week in weeks}) != 1:
        return []
    weekday = min(weeks).weekday()
    sets = (
        ("settlements", "period", '{ means = "file_name" }'),
        ("calendar", "week_start", toml_text(WEEKDAYS[weekday])),
    )
    if _has_instant(table):
        return [Open((Form(f"the files' names, as {names[0]}", sets),))]
    forms = []
    for clock in CLOSED:
        at = f"{WEEKDAYS[weekday]} {clock}"
        said = f"the files' names, as {names[0]}, and closed on {at}"
        forms.append(Form(said, (*sets, ("settlements", "at", toml_text(at)))))
    return [Open(tuple(forms))]


def untold(table: Table, opens: list[Open]) -> tuple[str, ...]:
    """The columns that settlements need not have whose files' names tell their weeks."""
    if not opens:
        return ()
    return ("week_start",) if _has_instant(table) else ("week_start", "settled_at")


def _has_instant(table: Table) -> bool:
    return any(column_values.instant_formats(c) for c in table.columns)
