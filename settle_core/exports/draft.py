"""A first profile for an export that nobody described: what is sure in it, and what is guessed.

Names count, and contents count more: a column whose name says amount but whose values are dates is
no amount. A sample of each file is looked at, and of the kinds of entries every one.
"""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final, NamedTuple

from settle_core import contract
from settle_core.errors import Fault
from settle_core.exports import inference
from settle_core.exports.inference import Column, Role, Table
from settle_core.exports.profile import WEEKDAYS

COUNTER_WORDS: Final = ("counter", "offset", "reversal", "contra", "balanc", "gegen", "storno")
COUNTER_CODES: Final = ("k", "c", "h", "ctr", "cr")
WITHOUT_CENTS: Final = frozenset({"JPY", "KRW", "CLP", "ISK", "VND", "HUF"})
CENT_WORDS: Final = ("cent", "minor", "pence", "rappen")
SCALE_USUAL: Final = 2


class Choice(NamedTuple):
    """What a key of the profile is set to, and why that is sure, or what it was guessed by."""

    value: str
    why: str
    is_sure: bool


class Guess(NamedTuple):
    """A first profile as TOML with comments; `doubts` are the lines that were guessed."""

    text: str
    doubts: tuple[str, ...]


def guess(folder: str | Path) -> Guess:
    """Look at an export and write a first profile for it.

    Raises:
        Fault: there are not two tables that could be entries and settlements, or a required column
            is not to be found in them.
    """
    tables = inference.tables(Path(folder))
    if len(tables) != 2:  # noqa: PLR2004  entries and settlements
        raise Fault(
            "cannot tell entries from settlements",
            where=str(folder),
            expected="two tables as csv, csv.gz or parquet",
            found=", ".join(t.name for t in tables) or "none",
            todo="move other files away",
        )
    entries, settlements = sorted(tables, key=inference.settledness)
    ours = inference.roles(entries, contract.ENTRY_REQUIRED, contract.ENTRY_OPTIONAL)
    theirs = inference.roles(
        settlements, contract.SETTLEMENT_REQUIRED, contract.SETTLEMENT_OPTIONAL
    )
    sections = {
        "entries": {"file": _file(entries)},
        "entries.columns": _columns(ours),
        "entries.kinds": _kinds(ours["kind"].column),
        "settlements": {"file": _file(settlements)},
        "settlements.columns": _columns(theirs),
        "csv": _csv(entries, [ours[n].column for n in ("amount", "effective_date", "recorded_at")])
        if not entries.is_parquet
        else {},
        "money": _money(ours, theirs),
        "calendar": {"week_start": _week_start(theirs["week_start"].column)},
        "clock": {"zone": _zone((ours["recorded_at"].column, theirs["settled_at"].column))},
    }
    lines = ["# A first profile, from a look at the export. Check each line marked GUESSED."]
    doubts = []
    for section, keys in sections.items():
        lines += ["", f"[{section}]"] if keys else []
        for key, choice in keys.items():
            line = f"{key} = {choice.value}"
            lines.append(f"{line}  # {'' if choice.is_sure else 'GUESSED: '}{choice.why}")
            doubts += [] if choice.is_sure else [f"{section}.{line}: {choice.why}"]
    return Guess("\n".join(lines) + "\n", tuple(doubts))


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return f'"{escaped}"'


def _file(table: Table) -> Choice:
    return Choice(_quoted(f"{table.stem}.*"), f"{table.name}, {table.why}", table.is_sure)


def _columns(roles: dict[str, Role]) -> dict[str, Choice]:
    """The columns that have another name than ours, or that were chosen by their contents."""
    return {
        name: Choice(_quoted(role.column.name), role.why, role.is_sure)
        for name, role in roles.items()
        if role.column.name != name or not role.is_sure
    }


def _kinds(column: Column) -> dict[str, Choice]:
    values = sorted(column.distinct, key=lambda v: -column.distinct[v])
    counters = [v for v in values if any(w in v.lower() for w in COUNTER_WORDS)]
    counters = counters or [v for v in values if v.lower() in COUNTER_CODES]
    is_sure = bool(counters) and counters != values
    if not is_sure:
        counters = values[-1:]
    why = "by its name" if is_sure else f"the rarest of {', '.join(values)}"
    entries = [v for v in values if v not in counters]
    return {
        "entry": Choice(f"[{', '.join(map(_quoted, entries))}]", "the others", is_sure),
        "counter": Choice(f"[{', '.join(map(_quoted, counters))}]", why, is_sure),
    }


def _csv(table: Table, columns: list[Column]) -> dict[str, Choice]:
    amount, day, instant = columns
    mark = inference.decimal_mark(amount)
    days = inference.date_formats(day)
    instants = inference.timestamp_formats(instant)
    form = "" if instants[0] == inference.ISO_NAME else instants[0]
    return {
        "delimiter": Choice(_quoted(table.delimiter), "of the header", is_sure=True),
        "decimal": Choice(
            _quoted(mark), f"as in {max(amount.values, key=len)}", mark in "".join(amount.values)
        ),
        "date_format": Choice(_quoted(days[0]), _reading(days, day), len(days) == 1),
        "timestamp_format": Choice(_quoted(form), _reading(instants, instant), len(instants) == 1),
    }


def _reading(formats: tuple[str, ...], column: Column) -> str:
    others = f", as does {' and '.join(formats[1:])}" if formats[1:] else ""
    return f"reads all of {column.name}, as {column.values[0]}{others}"


def _money(ours: dict[str, Role], theirs: dict[str, Role]) -> dict[str, Choice]:
    columns = (ours["amount"].column, theirs["settled_amount"].column)
    most = max(inference.decimals(c.values, inference.decimal_mark(c)) for c in columns)
    has_marks = any(mark in v for c in columns for v in c.values for mark in ".,")
    currencies = set(ours["currency"].column.values) if "currency" in ours else set()
    is_named = any(word in c.name.lower() for c in columns for word in CENT_WORDS)
    if has_marks:
        scale = Choice(str(max(most, SCALE_USUAL)), f"at most {most} decimals", is_sure=most > 1)
        unit = Choice('"major"', "amounts have decimals", is_sure=True)
    elif currencies and currencies <= WITHOUT_CENTS:
        scale = Choice("0", "a currency without cents", is_sure=True)
        unit = Choice('"major"', "a currency without cents", is_sure=True)
    else:
        why = "a column's name says so" if is_named else "all amounts are whole numbers"
        scale = Choice(str(SCALE_USUAL), "usual; 3 for TND or KWD, 0 for JPY", is_sure=False)
        unit = Choice('"minor"', why, is_named)
    money = {"scale": scale, "unit": unit}
    if "currency" not in ours:
        money["currency"] = Choice('"EUR"', "no column tells the currency", is_sure=False)
    return money


def _week_start(column: Column) -> Choice:
    form = inference.date_formats(column)[0]
    days = [datetime.strptime(v, form).weekday() for v in column.values]  # noqa: DTZ007  a date
    most = max(set(days), key=days.count)
    why = f"the day of {days.count(most)} of {len(days)} values of {column.name}"
    return Choice(_quoted(WEEKDAYS[most]), why, days.count(most) == len(days))


def _zone(columns: Iterable[Column]) -> Choice:
    if all(inference.has_offset(c) for c in columns):
        return Choice('"UTC"', "not needed: every instant has its offset", is_sure=True)
    return Choice('"UTC"', "the instants do not tell their zone", is_sure=False)
