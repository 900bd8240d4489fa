"""One table of an export, read: located, opened, typed, and what cannot be a row told.

Rows in = accepted + rejected + set aside, by a count that does not come from the reader.
"""

import heapq
from collections.abc import Iterator
from functools import reduce
from operator import or_
from pathlib import Path
from typing import Any, Final, NamedTuple

import duckdb
from duckdb import ColumnExpression

from settle_core import sql
from settle_core.errors import Fault
from settle_core.exports.arrays import unique_ids
from settle_core.exports.files import json_pages, scan, split
from settle_core.exports.files import source as sources
from settle_core.exports.files.opened import Opened, open_part, open_split
from settle_core.exports.files.source import Part, Source
from settle_core.exports.files.spreadsheet import Sheet
from settle_core.exports.profiles import wanted
from settle_core.exports.profiles.keys import WHOLE_ROW, Dialect
from settle_core.exports.profiles.profile import Profile
from settle_core.exports.reading import closings, reasons, typed
from settle_core.exports.reading.columns import COLUMNS, lay_open
from settle_core.exports.reading.rejected import Rejected, Rejects, records
from settle_core.exports.reading.typed import Typing

ROWS_FIRST: Final = 1000
BATCH: Final = 10_000
UNREADABLE: Final = (duckdb.InvalidInputException, duckdb.IOException, duckdb.OutOfMemoryException)
BELOW: Final = "below the table"  # as a value that sets lines aside
VALUES_MAX: Final = 100  # of set aside ones that are told apart


class Found(NamedTuple):
    """A part whose rows are stored, from the row number `before` on; or some rows of a file."""

    opened: Opened
    before: int
    are_chosen: bool = False


class Read(NamedTuple):
    """What became of the rows of one table; `set_aside` counts them by the value that did it."""

    source: Source
    rows: int
    rejected: int
    rows_set_aside: int
    set_aside: tuple[tuple[str, int], ...]


class Reader:
    """Reads one table.

    Args:
        con: the ledger's connection.
        profile: how to read it.
        table: entry or settlement.
        typing: likewise, for this export's currencies.
        scratch: a folder for what is split.

    Attributes:
        codes: the currencies of rows that are not accepted, which may be so by their decimals.
    """

    def __init__(
        self, con: duckdb.DuckDBPyConnection, profile: Profile, typing: Typing, scratch: Path
    ) -> None:
        self.con, self.profile, self.typing, self.scratch = con, profile, typing, scratch
        self.table = typing.table
        self.keys = profile.table(self.table)
        self.path = "entries" if self.table == "entry" else "settlements"
        self.parts: list[Found] = []
        self.set_aside: dict[str, int] = {}
        self.aside = 0
        self.codes: frozenset[str] = frozenset()

    def read(self, folder: Path, rejects: Rejects) -> Read:
        """Create `stored_<table>` of the rows that are accepted. Raises Fault."""
        key = f"{self.path}.file"
        sheet = Sheet(self.keys.sheet, wanted.read(self.profile, self.table))
        source = sources.source(folder, self.table, self.keys.file, self.keys.parts, key, sheet)
        self._store_all(source)
        if self.typing.is_whole and self._lacks_ids():
            self.typing.is_whole = False
            self.parts, self.set_aside, self.aside = [], {}, 0
            self._run(f"drop_stored_{self.table}")
            self._store_all(source)
        sources.demand_same(source)
        found = sum(each.opened.counted + each.opened.rejected for each in self.parts)
        json_pages.demand_all([each.opened.page for each in self.parts], found, source.name)
        rejected = self._reject(rejects)
        below = sum(each.opened.below for each in self.parts)
        if below:
            self.aside += below
            self.set_aside[BELOW] = below
        rows = found + below
        aside = sorted(self.set_aside.items(), key=lambda found: (-found[1], found[0]))
        more = self.aside - sum(count for _, count in aside[:VALUES_MAX])
        told = [*aside[:VALUES_MAX], *([("other values", more)] if more else [])]
        return Read(source, rows, rejected, self.aside, tuple(told))

    def _store_all(self, source: Source) -> None:
        for part in source.parts:
            self._store(part)

    def _lacks_ids(self) -> bool:
        """Whether a row has an id that was not read as a whole number, or none."""
        ids = [ColumnExpression(name).isnull() for name in typed.IDS[self.table]]
        stored = self.con.table(f"stored_{self.table}")
        return bool(stored.filter(reduce(or_, ids)).limit(1).fetchall())

    def _store(self, part: Part) -> None:
        opened = open_part(self.con, part, self.keys.csv, self.scratch)
        if self.parts and set(opened.columns) != set(self.parts[0].opened.columns):
            raise _other_columns(opened, self.parts[0].opened)
        stored = self._fast(opened)
        if stored is None:
            opened = open_split(self.con, part, self.keys.csv, self.scratch)
            stored = self._type(opened)
        aside = self._count_set_aside()
        if stored + aside != opened.counted:
            raise Fault(
                "rows were lost while they were read",
                where=part.name,
                expected=f"{opened.counted:,} rows, by their lines",
                found=f"{stored:,} read and {aside:,} set aside",
                todo="send us the profile and what is odd in the file; nothing was audited",
            )
        before = self._count("stored") if self.parts else 0
        self._run(f"append_part_{self.table}" if self.parts else f"keep_part_{self.table}")
        self.parts.append(Found(opened, before))

    def _run(self, name: str) -> None:
        self.con.execute(sql.text("exports/reading", name))

    def _count(self, what: str) -> int:
        return len(self.con.table(f"{what}_{self.table}"))

    def _type(self, opened: Opened) -> int:
        """Create `part_<table>`; how many rows it has."""
        relation, stored = lay_open(opened, self.profile, self.table)
        relation.create_view(f"raw_{self.table}", replace=True)
        self.typing.look_at_ids(relation, stored)
        required, optional = COLUMNS[self.table]
        kept = [*required, *(name for name in optional if name in stored)]
        if self.profile.entries.effective == "of_settlement":
            kept.append("settlement_id")
        is_named = self.table == "settlement"
        named = closings.named_week(opened.part.name, self.profile) if is_named else (None, None)
        typed.store(self.con, self.typing, stored, named, kept)
        return self._count("part")

    def _fast(self, opened: Opened) -> int | None:
        """Create `part_<table>` as the file was opened; None if that leaves out rows.

        DuckDB's reader stops at the first line that is no row; then the file is to be split.
        """
        is_final = opened.is_split or not opened.part.is_csv
        try:
            stored = self._type(opened)
            if is_final or stored + self._count_set_aside(peek=True) == opened.counted:
                return stored
        except UNREADABLE as error:
            if is_final:
                raise scan.unreadable(opened.part.paths[0], _first_line(error)) from error
            return None
        self._run(f"drop_part_{self.table}")
        return None

    def _count_set_aside(self, *, peek: bool = False) -> int:
        """How many rows of the part that is open are set aside; counted by value."""
        if not (self.keys.only or self.keys.skip):
            return 0
        self.con.view(f"raw_{self.table}").create_view("raw", replace=True)
        found = self.con.execute(sql.text("exports/reading", "set_aside")).fetchall()
        if not peek:
            for label, count, _ in found:
                self.set_aside[label] = self.set_aside.get(label, 0) + count
            self.aside += int(found[0][2]) if found else 0
        return int(found[0][2]) if found else 0

    def _reject(self, rejects: Rejects) -> int:
        """Drop the rows that cannot be accepted, and say why."""
        if self.keys.only or self.keys.skip:
            self._demand_filters()
        if self.table == "entry" and self.profile.is_marked:
            self._demand_marks()
        given: dict[str, object] = {}
        if self.table == "entry":
            given = {"is_unique": self._is_unique()}
        else:
            recorded = self.profile.settlements.amounts == "as_recorded"
            told = "account_id" in self.keys.columns or any(
                "account_id" in each.opened.types for each in self.parts
            )
            given = {
                "week_offset_days": self.profile.week_offset_days,
                "is_recorded": recorded,
                "for_all": recorded and not told,
            }
        self.con.execute(sql.text("exports/reading", f"bad_{self.table}"), given)
        is_any = bool(self.con.table(f"bad_{self.table}").limit(1).fetchall())
        before, rejected = len(rejects), 0
        known = self._count("bad") + sum(each.opened.rejected for each in self.parts)
        places: dict[int, int] = {}
        for found in self.parts:
            rows = self.explained(found, places) if is_any else iter(())
            unsplit = self._unsplit(found.opened)
            rejected += rejects.extend(heapq.merge(unsplit, rows, key=lambda row: row.line))
        if is_any:
            if "currency" in self.con.table(f"stored_{self.table}").columns:
                query = sql.text("exports/reading", f"currencies_bad_{self.table}")
                self.codes = frozenset(code for (code,) in self.con.execute(query).fetchall())
            self.con.execute(sql.text("exports/reading", f"drop_{self.table}"))
        if rejects.is_sample:
            rejects.are(before + known)
            return known
        return rejected

    def _is_unique(self) -> bool:
        """Whether ids are surely each there once: they ascend, or keys of all of them tell it."""
        is_number = self._is_ascending("number")
        return is_number or unique_ids.are_unique(self.con) or self._is_ascending("text")

    def _is_ascending(self, form: str) -> bool:
        """Whether entries stand in the order of their ids; mostly the first rows tell it."""
        query = sql.text("exports/reading", f"ascending_{form}")
        return all(
            self.con.execute(query, {"rows": rows}).fetchall()[0][0]
            for rows in (ROWS_FIRST, self._count("stored"))
        )

    @staticmethod
    def _unsplit(opened: Opened) -> Iterator[Rejected]:
        if opened.rejects is not None and opened.rejected:
            for line, reason, text in records(opened.rejects):
                yield Rejected(opened.part.name, int(line), reason, text)

    def explained(self, found: Found, places: dict[int, int]) -> Iterator[Rejected]:
        """Each row of a part that cannot be accepted, with its line and the reason."""
        opened = found.opened
        relation, _ = lay_open(opened, self.profile, self.table)
        relation.create_view(f"raw_{self.table}", replace=True)
        query = sql.text("exports/reading", f"row_{self.table}")
        given = {"rows_before": found.before, "are_chosen": found.are_chosen}
        used = {name: given[name] for name in sql.parameters(query)}
        result = self.con.cursor().execute(query, used)
        names = [column[0] for column in result.description or ()]
        lines = _Lines(opened, self.keys.csv)
        while batch := result.fetchmany(BATCH):
            for values in batch:
                row = dict(zip(names, values, strict=True))
                line = row["line"] or lines.of(row["row_index"])
                if row["is_first"]:
                    places[row["row_number"]] = line
                if row["unread"] is not None:
                    yield Rejected(
                        opened.part.name, line, self._reason(row, places), _cut(row["row_text"])
                    )

    def _reason(self, row: dict[str, Any], places: dict[int, int]) -> str:
        if row["unread"] == "repeated":
            first = places[row["first_row"]]
            return f"entry_id {row['entry_id']!r} stands already in line {first}"
        return reasons.reason(row["unread"], row, self.typing)

    def _demand_marks(self) -> None:
        """Raise Fault for a mark of counter-entries that every row has, or none."""
        ((rows, counters),) = self.con.execute(
            sql.text("exports/reading", "marked_entry")
        ).fetchall()
        if not rows or 0 < counters < rows:
            return
        kinds = self.profile.entries.kinds
        text = kinds.counter_if_text
        column = kinds.counter_if_filled or (text.column if text else "")
        key = "counter_if_filled" if kinds.counter_if_filled else "counter_if_text"
        what = "is filled" if kinds.counter_if_filled else "starts so"
        raise Fault(
            f"column {column!r} marks no counter-entries",
            where=self.parts[0].opened.part.name,
            expected=f"a column that {what} in counter-entries only",
            found=f"that it {what} in {'every row' if counters else 'no row'} of {rows:,}",
            todo=f"see entries.kinds.{key}",
        )

    def _demand_filters(self) -> None:
        """Raise Fault for a filter that leaves nothing, or finds nothing to set aside."""
        kept = self._count("stored")
        where = ", ".join(each.opened.part.name for each in self.parts[:1])
        for column, values in self.keys.skip.items():
            is_found = any(label.startswith(f"{column} '") for label in self.set_aside)
            if not is_found and column != WHOLE_ROW:
                raise _useless(f"{self.path}.skip.{column}", values, where, "no row has any")
        if not kept and self.set_aside:
            key = f"{self.path}.{'only' if self.keys.only else 'skip'}"
            label, count = next(iter(self.set_aside.items()))
            found = f"every row set aside, {count:,} by {label}"
            raise _useless(key, (), where, found)


def _useless(key: str, values: tuple[str, ...], where: str, found: str) -> Fault:
    named = f" {', '.join(map(repr, values))}" if values else ""
    return Fault(
        f"{key}{named} is of no use",
        where=where,
        expected="some rows set aside and some kept",
        found=found,
        todo="correct the values, which count as they are written, or remove the key",
    )


def _other_columns(opened: Opened, first: Opened) -> Fault:
    return Fault(
        "the files of one table have other columns",
        where=opened.part.name,
        expected=f"as in {first.part.name}: {', '.join(first.columns)}",
        found=", ".join(opened.columns),
        todo="name the files in the profile so that only those of one table match",
    )


def _first_line(error: duckdb.Error) -> Exception:
    return ValueError(str(error).splitlines()[0])


def _cut(text: str) -> str:
    return text if len(text) <= split.SHOWN_MAX else f"{text[: split.SHOWN_MAX]}..."


class _Lines:
    """The line of a row by its number in the file; to be asked for in ascending order."""

    def __init__(self, opened: Opened, csv: Dialect) -> None:
        self.opened = opened
        self.is_even = not opened.part.is_csv or opened.part.scans[0].is_even
        self.walk = enumerate(split.records(opened.part.paths[0], csv), start=-1)

    def of(self, index: int) -> int:
        if self.is_even:
            return index + 1 + self.opened.part.is_csv
        return next(record.line for number, record in self.walk if number == index)
