"""Rows that were not accepted: each with its line, its reason and its text."""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import duckdb

from settle_core import formats
from settle_core.exports import source as export
from settle_core.exports.profile import Profile


class Rejected(NamedTuple):
    """A row that was not accepted. `line` counts from 1; in Parquet it is the row's number."""

    file: str
    line: int
    reason: str
    row: str


def unread(
    con: duckdb.DuckDBPyConnection, source: export.Source, profile: Profile, query: str
) -> list[Rejected]:
    """Lines of a CSV that are no records, such as one with a field too few.

    DuckDB tells how many there are and what is wrong; a second look at the file finds their lines,
    which DuckDB counts in rows.
    """
    found = con.execute(query).fetchall()
    if not found:
        return []
    rows = export.records(source, profile.csv_delimiter)
    ragged = [(line, fields) for line, fields, whole in rows if not whole]
    if len(ragged) != len(found):
        return [Rejected(source.path.name, line, reason, row) for line, reason, row in found]
    return [
        Rejected(source.path.name, line, reason, profile.csv_delimiter.join(fields))
        for (line, fields), (_, reason, _) in zip(ragged, found, strict=True)
    ]


def explain(  # noqa: PLR0913, PLR0917  what SQL knows and what the file knows meet here
    con: duckdb.DuckDBPyConnection,
    source: export.Source,
    profile: Profile,
    required: Sequence[str],
    bad: Sequence[tuple[int, int | None, *tuple[object, ...]]],
    raw_query: str,
) -> list[Rejected]:
    """Say of each bad row where it stands and why it was not accepted.

    Args:
        con: connection with the view `raw_<table>`.
        source: the table's file.
        profile: how it was read.
        required: our names of the required columns.
        bad: row number, number of the first row with the same id or None, then the typed values
            in the order of `required`, None where the value could not be read.
        raw_query: returns row number and required columns as exported, for `$row_numbers`.
    """
    numbers = [number for number, *_ in bad]
    raw = {
        number: dict(zip(required, values, strict=True))
        for number, *values in con.execute(raw_query, {"row_numbers": numbers}).fetchall()
    }
    wanted = {*numbers, *(first for _, first, *_ in bad if first is not None)}
    places = _places(source, profile.csv_delimiter, wanted)
    rejected = []
    for number, first, *typed in bad:
        fields = raw[number]
        if first is not None:
            reason = f"entry_id {fields['entry_id']!r} stands already in line {places[first][0]}"
        else:
            unread = next(n for n, v in zip(required, typed, strict=True) if v is None)
            reason = _reason(unread, fields[unread], profile)
        line, text = places[number]
        row = text or profile.csv_delimiter.join(str(v or "") for v in fields.values())
        rejected.append(Rejected(source.path.name, line, reason, row))
    return rejected


def _places(
    source: export.Source, delimiter: str, numbers: Iterable[int]
) -> Mapping[int, tuple[int, str]]:
    wanted = set(numbers)
    if not source.is_csv:
        return {number: (number + 1, "") for number in wanted}
    places: dict[int, tuple[int, str]] = {}
    whole_rows = (row for row in export.records(source, delimiter) if row[2])
    for number, (line, fields, _) in enumerate(whole_rows):
        if number in wanted:
            places[number] = (line, delimiter.join(fields))
            if len(places) == len(wanted):
                break
    return places


def _reason(column: str, value: str | None, profile: Profile) -> str:
    if value is None or value == "":
        return f"{column} is empty"
    if column in {"amount", "settled_amount"}:
        return f"{column} {value!r} {_money_reason(value, profile)}"
    if column == "kind":
        known = ", ".join((*profile.kinds_entry, *profile.kinds_counter, *profile.kinds_correction))
        return f"kind {value!r} is unknown: the profile knows {known}"
    if column == "week_start":
        return (
            f"week_start {value!r} is not a {profile.calendar_week_start.capitalize()} "
            f"of the form {profile.csv_date_format}"
        )
    if column == "effective_date":
        return f"effective_date {value!r} is not a date of the form {profile.csv_date_format}"
    form = profile.csv_timestamp_format or "ISO 8601"
    return f"{column} {value!r} is not an instant of the form {form}"


def _money_reason(value: str, profile: Profile) -> str:
    mark = re.escape(profile.csv_decimal)
    if not re.fullmatch(rf"[+-]?[0-9]+({mark}[0-9]*)?", value):
        return f"is not a number with the decimal mark {profile.csv_decimal!r}"
    decimals_max = profile.money_scale if profile.money_unit == "major" else 0
    _, _, decimals = value.partition(profile.csv_decimal)
    if len(decimals.rstrip("0")) > decimals_max:
        return f"has more than {decimals_max} decimals"
    return "has more digits than can be kept exactly (18)"


def write_csv(path: Path, rows: Sequence[Rejected]) -> None:
    """Write the rows that were not accepted, text that a spreadsheet would run made harmless."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Rejected._fields)
        writer.writerows([formats.harmless(str(value)) for value in row] for row in rows)
