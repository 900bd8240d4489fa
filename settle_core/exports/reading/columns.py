"""Our columns over those of an open file: names, signs, marks, and which rows are set aside.

Every value stays as it was exported; typing comes after.
"""

import difflib
import json
from functools import reduce
from operator import or_
from typing import Final

import duckdb
from duckdb import (
    CaseExpression,
    CoalesceOperator,
    ColumnExpression,
    ConstantExpression,
    Expression,
    FunctionExpression,
)

from settle_core import contract
from settle_core.errors import Fault
from settle_core.exports.files import parquet_folder
from settle_core.exports.files.opened import FILE_ROW, LINE, ROW_NUMBER, Opened
from settle_core.exports.profiles.keys import WHOLE_ROW, Name
from settle_core.exports.profiles.profile import Profile

FLOATS: Final = ("FLOAT", "DOUBLE", "REAL")
MONEY: Final = ("amount", "settled_amount", "observed", "amount_other")
IDS: Final = ("entry_id", "account_id", "answers", "last_seen", "settlement_id")
# Required and optional columns of each table.
COLUMNS: Final = {
    "entry": (contract.ENTRY_REQUIRED, contract.ENTRY_OPTIONAL),
    "settlement": (contract.SETTLEMENT_REQUIRED, contract.SETTLEMENT_OPTIONAL),
}
DELIMITERS: Final = ",;\t|"
NOTHING: Final = ConstantExpression(None).cast("VARCHAR")
EMPTY: Final = ConstantExpression("")
NO_VALUE: Final = "rows without any value"  # as what sets them aside


class Naming:
    """Our columns over the columns of an open part."""

    def __init__(self, opened: Opened, profile: Profile, table: str) -> None:
        self.opened, self.profile, self.table = opened, profile, table
        self.keys = profile.table(table)
        self.csv = self.keys.csv
        self.path = "entries" if table == "entry" else "settlements"

    def has(self, name: str) -> bool:
        """Whether the file has a column of that name."""
        return name in self.opened.types

    def exported(self, name: str, key: str) -> Expression:
        """A column as it was exported, empty text as NULL. Raises Fault if it is not there."""
        if not self.has(name):
            raise self.missing(name, key)
        column = ColumnExpression(f"c{self.opened.columns.index(name)}")
        if self.opened.types[name] != "VARCHAR":
            return column
        return FunctionExpression("nullif", column, ConstantExpression(""))

    def text(self, name: str, key: str) -> Expression:
        """A column as text, empty where there is no value."""
        value = self.exported(name, key).cast("VARCHAR")
        return CoalesceOperator(value, ConstantExpression(""))

    def optional(self, value: Expression) -> Expression:
        """A value of an optional column: NULL where the text says that there is none."""
        nulls = [ConstantExpression(text) for text in self.csv.nulls]
        if not nulls:
            return value
        return CaseExpression(value.isnotin(*nulls), value)

    def named(self, theirs: Name, key: str) -> tuple[Expression, str]:
        """A column, or several joined by a space, and how the value is stored."""
        if isinstance(theirs, str):
            value = self.exported(theirs, key)
            return value, self.opened.types[theirs]
        parts = [self.text(name, key) for name in theirs]
        joined = FunctionExpression("concat_ws", ConstantExpression(" "), *parts)
        empty = ConstantExpression(" " * (len(parts) - 1))
        return FunctionExpression("nullif", joined, empty), "VARCHAR"

    def missing(self, name: str, key: str) -> Fault:
        """The fault of a column that the file does not have."""
        theirs = {ours: self.keys.columns.get(ours, ours) for ours in self.required}
        near = difflib.get_close_matches(name, self.opened.columns, 1, 0.6)
        wanted = [t if isinstance(t, str) else " + ".join(t) for t in theirs.values()]
        return Fault(
            f"column {name!r} is missing ({key})",
            where=self.opened.part.name,
            expected=", ".join(wanted),
            found=", ".join(self.opened.columns),
            todo=self._delimiter_hint()
            or (f"perhaps {near[0]!r}; " if near else "")
            + "choose the right profile, or map the column in one",
        )

    def _delimiter_hint(self) -> str:
        """What to do where a header is one name, in which another delimiter stands."""
        name = self.opened.columns[0]
        if len(self.opened.columns) > 1 or not self.opened.part.is_csv:
            return ""
        most = max(DELIMITERS, key=name.count)
        todo = f"set csv.delimiter = {json.dumps(most)}, or choose the right profile"
        return todo if most in name else ""

    def demand_no_folder(self, name: str, key: str) -> None:
        """Raise Fault if a column stands in the names of folders only, from which none is read."""
        if name not in parquet_folder.keys(self.opened.part.paths):
            return
        raise Fault(
            f"column {name!r} stands in the names of folders only ({key})",
            where=self.opened.part.name,
            expected="a value in each row, as it was recorded",
            found=f"folders called {name}=...",
            todo="write the column into the files as well",
        )

    @property
    def required(self) -> tuple[str, ...]:
        """Our names of what the file must have."""
        return self.profile.required(self.table)

    def chosen(self, ours: str) -> tuple[Expression, str] | None:
        """The value of one of our columns and how it is stored; None if the file has none."""
        theirs = self.keys.columns.get(ours, ours)
        is_required = ours in self.required
        if isinstance(theirs, str) and not self.has(theirs):
            self.demand_no_folder(theirs, ours)
        if not (is_required or ours in self.keys.columns or self.has(ours)):
            return None
        value, kind = self.named(theirs, ours)
        if ours == "kind" and self.takes_empty_kind:
            empty = self.optional(value.cast("VARCHAR"))
            return CoalesceOperator(empty, EMPTY), "VARCHAR"
        return (value if is_required or kind != "VARCHAR" else self.optional(value)), kind

    @property
    def takes_empty_kind(self) -> bool:
        """Whether the profile says what an empty kind means."""
        kinds = self.profile.entries.kinds
        return "" in {*kinds.entry, *kinds.counter, *kinds.correction}


def lay_open(
    opened: Opened, profile: Profile, table: str
) -> tuple[duckdb.DuckDBPyRelation, dict[str, str]]:
    """Our columns over the exported values, with what else the typing needs.

    Only text that is empty is NULL there, as it is where a column is missing, and in an optional
    column what the profile calls no value.

    Returns:
        The relation, for the view `raw_<table>`, and how each of our columns is stored.

    Raises:
        Fault: a required column is missing, or money or an id is stored as a float.
    """
    naming = Naming(opened, profile, table)
    required, optional = COLUMNS[table]
    values: dict[str, Expression] = {}
    stored: dict[str, str] = {}
    for ours in (*required, *optional, "settlement_id"):
        found = naming.chosen(ours)
        values[ours] = found[0] if found else NOTHING
        if found:
            stored[ours] = found[1]
    _sign(naming, values, stored)
    if table == "entry":
        values["is_marked"] = _mark(naming)
        if "effective_date" not in stored:
            # It counts for the settlement that it names; one that names none for the day it came.
            values["effective_date"] = values["recorded_at"]
    else:
        _period(naming, values, stored)
    for ours, kind in stored.items():
        if kind in FLOATS and ours in {*MONEY, *IDS}:
            raise _inexact(opened.part.name, str(naming.keys.columns.get(ours, ours)), ours, kind)
    number = ConstantExpression(None).cast("BIGINT")
    is_numbered = ROW_NUMBER in opened.relation.columns
    values[FILE_ROW] = ColumnExpression(ROW_NUMBER) if is_numbered else number
    values[LINE] = ColumnExpression(LINE) if opened.is_split else number
    values["row_text"] = _row_text(opened, naming.csv.delimiter)
    values["set_aside"] = _set_aside(naming)
    named = [value.alias(name) for name, value in values.items()]
    return opened.relation.select(*named), stored


def _sign(naming: Naming, values: dict[str, Expression], stored: dict[str, str]) -> None:
    """Where an amount and its sign stand, if not in one column."""
    ours = "amount" if naming.table == "entry" else "settled_amount"
    values |= {"amount_other": NOTHING, "direction": NOTHING}
    given, key = naming.keys.amount, f"{naming.path}.amount"
    if given is None:
        return
    sides = (("debit", ours), ("credit", "amount_other"), ("column", ours))
    for side, name in sides:
        theirs = getattr(given, side)
        if theirs:
            value, kind = naming.named(theirs, f"{key}.{side}")
            values[name] = naming.optional(value) if kind == "VARCHAR" else value
            stored[name] = kind
    if given.direction:
        values["direction"] = naming.text(given.direction, f"{key}.direction")


def _mark(naming: Naming) -> Expression:
    """Whether a row is a counter-entry by a filled column or a text."""
    kinds = naming.profile.entries.kinds
    if kinds.counter_if_filled:
        value = naming.exported(kinds.counter_if_filled, "entries.kinds.counter_if_filled")
        return naming.optional(value.cast("VARCHAR")).isnotnull()
    if kinds.counter_if_text is not None:
        text = naming.text(kinds.counter_if_text.column, "entries.kinds.counter_if_text.column")
        starts = [
            FunctionExpression("starts_with", text, ConstantExpression(start))
            for start in kinds.counter_if_text.starts_with
        ]
        return reduce(or_, starts)
    return ConstantExpression(False)  # noqa: FBT003  a value


def _period(naming: Naming, values: dict[str, Expression], stored: dict[str, str]) -> None:
    """The column that tells a settlement's week, if not its first day."""
    given = naming.profile.settlements.period
    values["first_day"] = NOTHING
    if given is None:
        return
    values["week_start"], stored["week_start"] = NOTHING, "VARCHAR"
    if given.column:
        value, kind = naming.named(given.column, "settlements.period.column")
        values["week_start"], stored["week_start"] = value, kind
    if given.first_day:
        value, kind = naming.named(given.first_day, "settlements.period.first_day")
        values["first_day"], stored["first_day"] = value, kind


def _row_text(opened: Opened, delimiter: str) -> Expression:
    """The whole row, as near to the file as it is known."""
    if not opened.part.is_csv:
        delimiter = ","
    cells = [
        CoalesceOperator(ColumnExpression(f"c{k}").cast("VARCHAR"), EMPTY)
        for k in range(len(opened.columns))
    ]
    return FunctionExpression("concat_ws", ConstantExpression(delimiter), *cells)


def _set_aside(naming: Naming) -> Expression:
    """Which filter sets a row aside, with the value that it has; NULL for a row that is kept."""
    found = None
    for choice in ("only", "skip"):
        for column, values in getattr(naming.keys, choice).items():
            is_row = column == WHOLE_ROW
            if is_row:
                text = _row_text(naming.opened, "")
            else:
                text = naming.text(column, f"{naming.path}.{choice}.{column}")
            listed = [ConstantExpression(value) for value in values]
            is_out = text.isnotin(*listed) if choice == "only" else text.isin(*listed)
            label = FunctionExpression(
                "concat",
                ConstantExpression(f"{column} '"),
                FunctionExpression("left", text, ConstantExpression(80)),
                ConstantExpression("'"),
            )
            label = ConstantExpression(NO_VALUE) if is_row else label
            found = CaseExpression(is_out, label) if found is None else found.when(is_out, label)
    return NOTHING if found is None else found


def _inexact(where: str, theirs: str, ours: str, kind: str) -> Fault:
    what = "an id" if ours in IDS else "money"
    exact = "an integer or text" if ours in IDS else "DECIMAL, an integer or text, which are exact"
    return Fault(
        f"column {theirs!r} holds {what} as {kind}",
        where=where,
        expected=exact,
        found=kind,
        todo=f"export it as {'text' if ours in IDS else 'DECIMAL'}",
    )
