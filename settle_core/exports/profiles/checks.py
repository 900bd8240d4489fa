"""What no single key of a profile can be refused for: keys that contradict or lack each other."""

import codecs
import difflib
import re
from functools import cache, partial
from typing import Final
from zoneinfo import ZoneInfo, available_timezones

from settle_core import contract
from settle_core.errors import Fault
from settle_core.exports.profiles.keys import (
    EXCEL,
    INSTANT,
    WHOLE_ROW,
    Amount,
    Dialect,
    Document,
    Entries,
    Settlements,
)

ID: Final = "settlement_id"
EPOCHS: Final = ("epoch_s", "epoch_ms", "epoch_us", "epoch_ns", "ms_json", "excel")
# Of an amount, what tells whether it takes away, and is no mark of money.
# A dash as a currency mark would make minus plus.
SIGNS: Final = "[0-9.,+()\N{HYPHEN}-\N{HORIZONTAL BAR}\N{MINUS SIGN}-]"
SIDES: Final = frozenset(
    (
        *("dr", "cr", "db", "d", "c", "s", "h", "soll", "haben"),
        *("debit", "credit", "debe", "haber", "dare", "avere", "debet", "kredit"),
    )
)
_DIRECTIVES: Final = re.compile(r"%(-?[A-Za-z%])")
_KNOWN: Final = frozenset(
    (
        *("a", "A", "b", "B", "c", "d", "-d", "f", "g", "G", "H", "-H", "I", "-I", "j", "-j"),
        *("m", "-m", "M", "-M", "n", "p", "S", "-S", "u", "U", "V", "w", "W", "x", "X"),
        *("y", "-y", "Y", "z", "Z", "%"),
    )
)
_DAY: Final = ({"Y", "y", "-y", "c", "x"}, {"m", "-m", "b", "B", "c", "x"}, {"d", "-d", "c", "x"})
_DAY_OF_YEAR: Final = ({"Y", "y", "-y"}, {"j", "-j"})
_AT: Final = re.compile(r"([a-z]+) ([01][0-9]|2[0-3]):[0-5][0-9]")


class _Checks:
    """The checks of one profile; each raises Fault."""

    def __init__(self, p: Document, told: frozenset[str], name: str) -> None:
        self.p, self.told, self.name = p, told, name

    def demand(self, ok: object, path: str, expected: str, found: object) -> None:
        if not ok:
            shown = found if isinstance(found, Said) else repr(found)
            raise Fault(
                "bad value",
                where=f"profile {self.name}, {path}",
                expected=expected,
                found=str(shown),
            )

    def table(self, path: str, table: Entries | Settlements, known: tuple[str, ...]) -> None:
        demand = self.demand
        amount = "amount" if path == "entries" else "settled_amount"
        for ours, theirs in table.columns.items():
            near = [] if ours in known else difflib.get_close_matches(ours, known, 1, 0.6)
            hint = f"perhaps {near[0]}, one of" if near else "one of"
            demand(ours in known, f"{path}.columns", f"{hint} {', '.join(known)}", ours)
            demand(theirs and all(theirs), f"{path}.columns.{ours}", "a column's name", theirs)
        demand(table.file.strip(), f"{path}.file", "a file's name or pattern", table.file)
        inside = not table.file.startswith("/") and ".." not in re.split(r"[/\\]", table.file)
        demand(inside, f"{path}.file", "a name within the export", table.file)
        if table.amount is not None:
            both = Said(f"both {path}.amount and {path}.columns.{amount}")
            demand(amount not in table.columns, f"{path}.amount", "one of the two", both)
            self.amount(f"{path}.amount", table.amount)
        for choice in ("only", "skip"):
            for column, values in getattr(table, choice).items():
                demand(values, f"{path}.{choice}.{column}", "a list of values", Said("none"))
                blank = column != WHOLE_ROW or (choice == "skip" and not any(values))
                wanted = '[""] in skip, of rows without any value'
                demand(blank, f"{path}.{choice}.{column}", wanted, list(values))
        for column in set(table.only) & set(table.skip):
            twice = sorted(set(table.only[column]) & set(table.skip[column]))
            demand(not twice, f"{path}.skip.{column}", "values that only does not list", twice)
        self.dialect(f"{path}.csv" if f"{path}.csv" in self.told else "csv", table.csv)

    def amount(self, path: str, given: Amount) -> None:
        demand = self.demand
        sides = [given.debit, given.credit, given.positive]
        directed = [given.direction, given.plus, given.minus]
        forms = (
            "debit, credit and positive; or column, direction, plus and minus; or column and negate"
        )
        found = Said(
            ", ".join(key for key in given.__struct_fields__ if getattr(given, key)) or "nothing"
        )
        if any(sides):
            others = any(directed) or given.column or given.negate
            demand(all(sides) and not others, path, forms, found)
            demand(given.debit != given.credit, path, "two columns", given.debit)
        elif any(directed):
            demand(all(directed) and given.column and not given.negate, path, forms, found)
            both = sorted(set(given.plus) & set(given.minus))
            demand(not both, path, "a direction in plus or in minus", both)
        else:
            demand(given.column and given.negate, path, forms, found)

    def dialect(self, path: str, csv: Dialect) -> None:
        demand = self.demand
        one = len(csv.delimiter) == 1 and csv.delimiter not in '"\\\r\n\0'
        demand(one, f"{path}.delimiter", "one character", csv.delimiter)
        other = csv.thousands != csv.decimal
        demand(other, f"{path}.thousands", "another mark than decimal", csv.thousands)
        marks = [m for m in csv.currency_marks if not m.strip() or re.search(SIGNS, m)]
        demand(not marks, f"{path}.currency_marks", "marks without digits or signs", marks)
        sided = [m for m in csv.currency_marks if m.strip().lower().rstrip(".") in SIDES]
        todo = "marks of money; csv.minus_marks and csv.plus_marks take those that tell a sign"
        demand(not sided, f"{path}.currency_marks", todo, sided)
        for name in ("minus_marks", "plus_marks"):
            words = [m for m in getattr(csv, name) if not m.strip() or re.search(r"[0-9.,()]", m)]
            demand(not words, f"{path}.{name}", "marks without digits", words)
        named = all(map(str.strip, csv.footer))
        demand(named, f"{path}.footer", "how the lines below start", list(csv.footer))
        both = sorted(set(csv.minus_marks) & set(csv.plus_marks))
        demand(not both, f"{path}.minus_marks", "marks that plus_marks does not list", both)
        try:
            is_text = codecs.lookup(csv.encoding)._is_text_encoding  # noqa: SLF001  no other way
        except (LookupError, ValueError):
            is_text = False
        todo = "an encoding as Python calls it, as utf-8, cp1252 or utf-16"
        demand(is_text, f"{path}.encoding", todo, csv.encoding)
        if csv.date_format not in {INSTANT, EXCEL}:
            self.pattern(f"{path}.date_format", csv.date_format, "%Y-%m-%d, instant, or excel")
            zoned = re.search(r"%z|%Z|[^%]Z$", csv.date_format)
            wanted = '"instant", with timestamp_format for its form: such a day has a zone'
            demand(not zoned, f"{path}.date_format", wanted, csv.date_format)
        if csv.timestamp_format and csv.timestamp_format not in EPOCHS:
            wanted = "%Y-%m-%d %H:%M:%S, empty for ISO 8601, " + ", ".join(EPOCHS)
            self.pattern(f"{path}.timestamp_format", csv.timestamp_format, wanted)

    def pattern(self, path: str, form: str, example: str) -> None:
        used = _DIRECTIVES.findall(form)
        unknown = [f"%{d}" for d in used if d not in _KNOWN]
        self.demand(
            not unknown, path, f"directives as in {example}", Said(f"{form!r}: {unknown[:1]}")
        )
        is_day = any(all(part & set(used) for part in day) for day in (_DAY, _DAY_OF_YEAR))
        is_whole = is_day and "%" not in _DIRECTIVES.sub("", form)
        self.demand(is_whole, path, f"a pattern of a whole day, as {example}", form)

    def kinds(self) -> None:
        demand, kinds = self.demand, self.p.entries.kinds
        marks = [k for k in ("counter_if_filled", "counter_if_text") if getattr(kinds, k)]
        demand(len(marks) < 2, "entries.kinds", "one mark of counter-entries", Said("two"))  # noqa: PLR2004
        if marks:
            path = f"entries.kinds.{marks[0]}"
            told = "entries.kinds.counter" in self.told
            demand(not told, path, "one of the two", Said("entries.kinds.counter as well"))
        listed = (kinds.entry, () if marks else kinds.counter, kinds.correction)
        every = [kind for group in listed for kind in group]
        twice = sorted({kind for kind in every if every.count(kind) > 1})
        demand(not twice, "entries.kinds", "a value in one kind only", twice)

    def period(self) -> None:
        demand, given = self.demand, self.p.settlements.period
        if given is None:
            return
        path = "settlements.period"
        both = Said(f"both {path} and settlements.columns.week_start")
        demand("week_start" not in self.p.settlements.columns, path, "one of the two", both)
        alone = given.means in {"file_name", "week_before_settled_at"}
        demand(
            bool(given.column) != alone,
            f"{path}.column",
            f"no column with means = {given.means!r}" if alone else "the column that tells it",
            given.column,
        )
        ends = given.means in {"last_day", "end"}
        wanted = "means = last_day or end beside it"
        demand(not given.first_day or ends, f"{path}.first_day", wanted, given.means)
        monday = self.p.calendar.week_start == "monday"
        is_week = monday or given.means != "iso_week"
        demand(is_week, "calendar.week_start", "monday with ISO weeks", self.p.calendar.week_start)

    def settlements(self) -> None:
        demand, given = self.demand, self.p.settlements
        recorded = given.amounts == "as_recorded"
        if recorded:
            path = "settlements.amounts"
            told = "settled_amount" in given.columns or given.amount is not None
            demand(not told, path, "told, where a column tells the amount", given.amounts)
        if given.every:
            path = "settlements.every"
            demand("settlements.file" not in self.told, path, "one of the two", Said("a file too"))
            demand(recorded, path, 'amounts = "as_recorded" beside it', Said("none"))
            demand("clock.zone" in self.told, path, "clock.zone beside it", Said("none"))
            demand(given.at, path, "at beside it, as monday 03:00", Said("none"))
            of_file = ("columns", "only", "skip", "period", "csv", "parts", "sheet", "money")
            more = [f"settlements.{k}" for k in of_file if f"settlements.{k}" in self.told]
            demand(not more, path, "no keys of a file", Said(", ".join(more)))
        named = given.period is not None and given.period.means == "file_name"
        if given.at:
            path = "settlements.at"
            demand(given.every or named, path, "settlements.every beside it", given.at)
            weekday = _AT.fullmatch(given.at)
            known = weekday is not None and weekday[1] in _WEEKDAYS
            demand(known, path, "a weekday and an hour, as monday 03:00", given.at)
        if given.until is not None:
            path = "settlements.until"
            demand(given.every, path, "settlements.every beside it", Said(str(given.until)))
            first = _WEEKDAYS[given.until.weekday()] == self.p.calendar.week_start
            wanted = f"a {self.p.calendar.week_start.capitalize()}, the first day of a week"
            demand(first, path, wanted, Said(f"{given.until}, a {given.until:%A}"))
        if self.p.entries.effective == "of_settlement":
            lacking = [
                f"{path}.columns.{ID}"
                for path, table in (("entries", self.p.entries), ("settlements", given))
                if ID not in table.columns
            ]
            path = "entries.effective"
            # By default both are called so; of one that is named the other is named too.
            is_named = len(lacking) != 1 and not given.every
            demand(is_named, path, " and ".join(lacking), Said("none"))
            demand(not recorded, path, "settled amounts that are told", given.amounts)

    def clock(self) -> None:
        demand, p = self.demand, self.p
        zone = p.clock.zone
        known = zone in _zones() and ZoneInfo(zone) is not None
        near = [] if known else difflib.get_close_matches(zone, sorted(_zones()), 1, 0.6)
        hint = f", perhaps {near[0]}" if near else ""
        demand(known, "clock.zone", f"an IANA time zone{hint}", zone)
        instants = INSTANT in {p.entries.csv.date_format, p.settlements.csv.date_format}
        wanted = 'csv.date_format = "instant" beside it'
        by_instant = instants or p.calendar.day_starts == "00:00"
        demand(by_instant, "calendar.day_starts", wanted, p.calendar.day_starts)


class Said(str):
    """What was found, in words, not as a value."""

    __slots__ = ()


_WEEKDAYS: Final = (
    *("monday", "tuesday", "wednesday", "thursday"),
    *("friday", "saturday", "sunday"),
)


@cache
def _zones() -> frozenset[str]:
    """All that this machine knows: its folders are walked once, not for each built-in profile."""
    return frozenset(available_timezones())


def check(profile: Document, told: frozenset[str], name: str) -> None:
    """Refuse a profile whose keys contradict or lack each other.

    Raises:
        Fault: names the key, what would do and what is there.
    """
    checks = _Checks(profile, told, name)
    entry = (*contract.ENTRY_REQUIRED, *contract.ENTRY_OPTIONAL, ID)
    settlement = (*contract.SETTLEMENT_REQUIRED, *contract.SETTLEMENT_OPTIONAL, ID)
    for step in (
        checks.clock,
        partial(checks.table, "entries", profile.entries, entry),
        partial(checks.table, "settlements", profile.settlements, settlement),
        checks.kinds,
        checks.period,
        checks.settlements,
    ):
        step()
    currencies = [c for c in profile.money.scales if not c.strip()]
    checks.demand(not currencies, "money.scales", "currencies", currencies)
