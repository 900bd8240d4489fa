"""Exported values as typed tables: which macros read them, by the profile and by how they lie."""

import re
from collections.abc import Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, Final

import duckdb
from duckdb import ColumnExpression, ConstantExpression

from settle_core import sql
from settle_core.exports.profiles.checks import EPOCHS
from settle_core.exports.profiles.keys import EXCEL, INSTANT, NUMBERED, Dialect
from settle_core.exports.profiles.profile import Profile
from settle_core.exports.reading import packed, zones
from settle_core.exports.reading.columns import COLUMNS

SPACES: Final = r"\s\x{A0}\x{2009}\x{202F}"
# Files of macros that ask on which day an instant falls.
LOCAL_DAYS: Final = {"day_of_instant", "day_of_stored_instant", "period_week_before_settled_at"}
IDS: Final = {"entry": ("entry_id", "account_id"), "settlement": ("account_id",)}
IDS_LOOKED_AT: Final = 100  # rows
WHOLE: Final = re.compile(r"0|-?[1-9][0-9]{0,17}")  # as DuckDB writes a BIGINT
NOTHING: Final = r"[^\x{0}-\x{10FFFF}]"  # of no text
SPECIAL: Final = re.compile(r"([!-/:-@\[-`{-~])")


class Typing:
    """How the values of one table are read.

    Args:
        profile: the keys.
        table: entry or settlement.
        scale: decimals of money, as many as any currency of the export has.
        currencies: those of the export that may have other decimals.
    """

    def __init__(
        self, profile: Profile, table: str, scale: int, currencies: Sequence[str] = ()
    ) -> None:
        self.profile, self.table, self.scale = profile, table, scale
        self.csv = profile.table(table).csv
        self.own_scale = profile.own_scale(table)
        scales = {code: profile.other_scale(code, table) for code in currencies}
        self.scales = {code: each for code, each in scales.items() if each is not None}
        csv = self.csv
        self.is_worded = bool(csv.minus_marks or csv.plus_marks)
        self.is_rich = bool(
            csv.thousands or csv.currency_marks or csv.negative != "leading" or self.is_worded
        )
        # The macros that the connection has, by the first word of their files; another table's
        # typing may go on from them.
        self.made: dict[str, tuple[str, ...]] = {}
        # Whether ids are taken for whole numbers, which those of the first rows look like; None
        # before these were looked at.
        self.is_whole: bool | None = None
        self.forms: dict[str, str] = {}  # which would read what looks so; see reasons.py

    def macros(self, stored: dict[str, str]) -> list[str]:
        """The files of the macros that read values stored so."""
        is_entry, is_numbered = self.table == "entry", False
        day = stored.get("effective_date" if is_entry else "week_start", "VARCHAR")
        instant = stored.get("recorded_at" if is_entry else "settled_at", "VARCHAR")
        names = [
            "ids_whole" if self.is_whole else "ids_told",
            *("years_of_four_digits", "moment_iso", *self._moment()),
            self._instant(instant),
            self._amount(stored.get("amount" if is_entry else "settled_amount", "VARCHAR")),
            "scale_by_currency" if self.scales else "scale_one",
            self._sign(),
        ]
        if is_entry and "effective_date" not in stored:
            names.append(self._day_of_instant(instant))
        else:
            names.append(self._day(day))
        if is_entry:
            has_kind = "kind" in self.profile.required("entry")
            marked = "kind_marked_and_listed" if has_kind else "kind_marked"
            names.append(marked if self.profile.is_marked else "kind_listed")
        else:
            period = self.profile.settlements.period
            is_numbered = period is not None and period.means in NUMBERED
            names.append(f"period_{'start' if period is None else period.means}")
        needed = [
            *(["bare_worded" if self.is_worded else "bare"] if self.is_rich else []),
            *(["numbered"] if is_numbered else []),
            *(["local_day"] if LOCAL_DAYS & set(names) else []),
        ]
        return needed + names

    def _moment(self) -> list[str]:
        form = self.csv.timestamp_format
        if not form:
            return []
        if form in EPOCHS:
            return [f"moment_{form}"]
        if packed.shape(form):
            return ["moment_packed"]
        if "%Z" in _instant_form(form):
            return ["moment_short" if self._are_short else "moment_named"]
        return ["moment_zoned" if form != _instant_form(form) or "%z" in form else "moment_form"]

    @property
    def _are_short(self) -> bool:
        """Whether instants may name their zone by a short name that it has."""
        form = self.csv.timestamp_format
        is_named = "%Z" in form and "%z" not in form
        return is_named and bool(zones.short_names(self.profile.clock.zone))

    def _timestamp_format(self) -> str | list[str]:
        """The form as the macros take it."""
        form = _instant_form(self.csv.timestamp_format)
        if self._are_short:
            return zones.told(form, self.profile.clock.zone)
        return _with_shape(form, self.csv.timestamp_format)

    def _day(self, stored: str) -> str:
        if self.csv.date_format == INSTANT:
            return self._day_of_instant(stored)
        is_date = stored == "DATE" or stored.startswith("TIMESTAMP")
        if self.csv.date_format == EXCEL and not is_date:
            return "day_excel"
        if stored != "VARCHAR":
            return "day_stored"
        return "day_packed" if packed.shape(self.csv.date_format) else "day_text"

    def _day_of_instant(self, stored: str) -> str:
        is_text = stored == "VARCHAR" or self.csv.timestamp_format in EPOCHS
        return "day_of_instant" if is_text else "day_of_stored_instant"

    def _instant(self, stored: str) -> str:
        is_number = stored.startswith(("BIGINT", "INTEGER", "DECIMAL", "UBIGINT", "HUGEINT"))
        if stored == "VARCHAR" or (is_number and self.csv.timestamp_format in EPOCHS):
            return "instant_text"
        is_utc = stored == "TIMESTAMP" and self.profile.clock.zone == "UTC"
        return "instant_utc" if is_utc else "instant_stored"

    def _amount(self, stored: str) -> str:
        """The macro that reads an amount stored as that type."""
        unit = "_minor" if self.profile.table(self.table).money.unit == "minor" else ""
        if stored != "VARCHAR":
            return f"amount_stored{unit}"
        if not (self.is_rich or unit) and self.csv.decimal == ".":
            return "amount_plain" if self.decimals_max >= self.scale else "amount_text"
        return f"amount_{'rich' if self.is_rich else 'text'}{unit}"

    def _sign(self) -> str:
        given = self.profile.table(self.table).amount
        if given is None:
            return "sign_told"
        if given.positive:
            return f"sign_{given.positive}"
        return "sign_directed" if given.direction else "sign_negated"

    def parameters(self, named: tuple[date | None, datetime | None]) -> dict[str, Any]:
        """What the statement takes; `named` is what the file's name tells of week and closing."""
        profile, csv = self.profile, self.csv
        sign = profile.table(self.table).amount
        kinds = profile.entries.kinds
        return {
            "amount_pattern": pattern(csv, self.decimals_max),
            "decimal": csv.decimal,
            "marks": marks_told(csv) if self.is_worded else marks(csv.currency_marks),
            "unit_factor": profile.unit_factor(self.table, self.own_scale),
            "codes": list(self.scales),
            "scales": list(self.scales.values()),
            "factors": [profile.unit_factor(self.table, s) for s in self.scales.values()],
            "plus": list(sign.plus) if sign else [],
            "minus": list(sign.minus) if sign else [],
            "date_format": _with_shape(csv.date_format, csv.date_format),
            "timestamp_format": self._timestamp_format(),
            "day_starts": profile.day_starts_minutes,
            "week_offset_days": profile.week_offset_days,
            "named_week": named[0],
            "named_settled_at": named[1],
            "currency": profile.money.currency,
            "kind_entry": list(kinds.entry),
            "kind_counter": list(kinds.counter),
            "kind_correction": list(kinds.correction),
        }

    def look_at_ids(self, rows: duckdb.DuckDBPyRelation, stored: dict[str, str]) -> None:
        """Say by the first rows whether ids are whole numbers, if nobody said so before."""
        if self.is_whole is not None:
            return
        names = [name for name in IDS[self.table] if name in stored]
        is_text = bool(names) and {stored[name] for name in names} == {"VARCHAR"}
        first = rows.select(*names).limit(IDS_LOOKED_AT).fetchall() if is_text else []
        self.is_whole = bool(first) and all(WHOLE.fullmatch(v or "") for row in first for v in row)

    def amount_pattern(self, decimals_max: int) -> str:
        """What an amount looks like, for Python."""
        return _pattern_for_python(self.csv, decimals_max)

    def bare(self, value: str) -> str:
        """An amount without what is no part of the number, as bare.sql has it."""
        if not self.is_rich:
            return value
        space, mark = f"[{_for_python(SPACES)}]*", marks(self.csv.currency_marks)
        for sign, words in (("-", self.csv.minus_marks), ("", self.csv.plus_marks)):
            found = re.fullmatch(_for_python(worded(words)), value) if words else None
            if found:
                value = sign + (found[1] or found[2])
                break
        text = re.sub(rf"^{space}([-+(]?){space}{mark}{space}", r"\1", value.replace("\u2212", "-"))
        return re.sub(rf"{space}{mark}{space}([-)]?){space}$", r"\1", text, count=1)

    @property
    def decimals_max(self) -> int:
        """The most decimals that an exported amount may have."""
        minor = self.profile.table(self.table).money.unit == "minor"
        return 0 if minor else max([self.own_scale, *self.scales.values()])


def _instant_form(form: str) -> str:
    """A pattern as DuckDB knows it: a zone that it spells is one, and no other text.

    A name behind an offset is left out.
    """
    if form in {"", *EPOCHS}:
        return form
    if "%z" in form:
        form = re.sub(r"\s*\(?%Z\)?$", "", form)
    form = re.sub(r"(?<![%A-Za-z])(UTC|GMT)$", "%Z", form)
    return re.sub(r"(?<!%)Z$|(?<=[%A-Za-z][SMHf])( ?)[+-]00:?00$", r"\1%z", form)


def _with_shape(form: str, told: str) -> str | list[str]:
    """A form as the macros take it; where its numbers stand together, with what it looks like."""
    return [form, packed.shape(told)] if packed.shape(told) else form


def pattern(csv: Dialect, decimals_max: int) -> str:
    """What an amount looks like, as a regular expression."""
    point = escaped(csv.decimal)
    whole = "[0-9]+"
    if csv.thousands:
        mark = f"[{SPACES}]" if csv.thousands == " " else escaped(csv.thousands)
        whole = f"([0-9]{{1,3}}({mark}[0-9]{{3}})+|[0-9]+)"
        if csv.thousands == ",":  # lakhs and crores, as in India
            whole = f"({whole}|[0-9]{{1,2}}(,[0-9]{{2}})+,[0-9]{{3}})"
    number = rf"{whole}({point}[0-9]{{0,{decimals_max}}}0*)?"
    # A dash behind the decimal mark stands for no decimals, as in 100,-: no minus.
    decimals = f"[0-9]{{1,{decimals_max}}}0*|0+" if decimals_max else "0+"
    forms = {
        "leading": rf"[+-]?{number}",
        "trailing": rf"[+-]?{number}|{whole}({point}({decimals}))?-",
        "parentheses": rf"[+-]?{number}|\({number}\)",
    }
    return forms[csv.negative]


@cache
def _pattern_for_python(csv: Dialect, decimals_max: int) -> str:
    return _for_python(pattern(csv, decimals_max))


@cache
def _for_python(expression: str) -> str:
    return re.sub(r"\\x\{([0-9A-F]+)\}", lambda code: f"\\u{code[1]:0>4}", expression)


def marks(given: Sequence[str]) -> str:
    """Any of the currency marks, or none, as a regular expression."""
    longest_first = sorted((mark.strip() for mark in given), key=len, reverse=True)
    return f"(?:{'|'.join(escaped(mark) for mark in longest_first)})?"


def marks_told(csv: Dialect) -> list[str]:
    """What bare_worded.sql takes."""
    return [marks(csv.currency_marks), worded(csv.minus_marks), worded(csv.plus_marks)]


def worded(given: Sequence[str]) -> str:
    """An amount without a sign that has one of the words before or behind it."""
    if not given:
        return NOTHING
    longest_first = sorted((mark.strip() for mark in given), key=len, reverse=True)
    word = f"[{SPACES}]*(?:{'|'.join(escaped(mark) for mark in longest_first)})[{SPACES}]*"
    rest = r"([^-+()\x{2212}]*[0-9][^-+()\x{2212}]*)"
    return f"{word}{rest}|{rest}{word}"


def escaped(text: str) -> str:
    """Text as a regular expression of DuckDB and of Python alike."""
    return SPECIAL.sub(r"\\\1", text)


def is_told(ids: duckdb.DuckDBPyRelation) -> bool:
    """Whether one of the first ids in a column is no whole number."""
    first = ids.limit(IDS_LOOKED_AT).fetchall()
    return any(value is not None and not WHOLE.fullmatch(str(value)) for (value,) in first)


def macros(con: duckdb.DuckDBPyConnection, typing: Typing, stored: dict[str, str]) -> None:
    """Create the macros that read one table, if they are not there from the part before."""
    files: dict[str, tuple[str, ...]] = {}
    for name in typing.macros(stored):
        word = name.partition("_")[0]
        files[word] = (*files.get(word, ()), name)
    for word, names in files.items():
        for name in names if typing.made.get(word) != names else ():
            con.execute(sql.text("exports/reading", name))
    typing.made |= files


def store(
    con: duckdb.DuckDBPyConnection,
    typing: Typing,
    stored: dict[str, str],
    named: tuple[date | None, datetime | None],
    kept: Sequence[str],
) -> None:
    """Create `part_<table>`: the wanted columns of one part, typed.

    Args:
        con: connection with the view `raw_<table>` and the type `money`.
        typing: how to read it.
        stored: the exported type of each of our columns that is there.
        named: what the file's name tells.
        kept: the columns to keep.
    """
    macros(con, typing, stored)
    query = sql.text("exports/reading", typing.table)
    given = typing.parameters(named) | {"kept": list(kept)}
    used = {name: given[name] for name in sql.parameters(query)}
    con.execute(query, used)


def rows(
    con: duckdb.DuckDBPyConnection, typing: Typing, stored: dict[str, str], kept: Sequence[str]
) -> duckdb.DuckDBPyRelation:
    """The same rows, not stored; see `store`."""
    macros(con, typing, stored)
    query = sql.text("exports/reading", typing.table).partition(
        f"CREATE TABLE part_{typing.table} AS"
    )[2]
    given = typing.parameters((None, None)) | {"kept": list(kept)}
    return con.sql(query, params={name: given[name] for name in sql.parameters(query)})


def view(con: duckdb.DuckDBPyConnection, table: str, currency: str) -> None:
    """Create the table as a view: what is stored, and what the export does not have."""
    stored = con.table(f"stored_{table}")
    required, optional = COLUMNS[table]
    absent = {
        "currency": ConstantExpression(currency),
        "observed": ConstantExpression(None).cast(con.type("money")),
        "committed_at": ConstantExpression(None).cast("TIMESTAMP"),
    }
    nothing = ConstantExpression(None).cast("VARCHAR")
    stored.select(
        *(
            ColumnExpression(name)
            if name in stored.columns
            else absent.get(name, nothing).alias(name)
            for name in required + optional
        )
    ).create_view(table)
