"""A first profile for an export that nobody described: what is sure in it, and what is guessed.

Names count, and contents count more: a column whose name says amount but whose values are dates is
no amount. What they leave open is decided by the weeks: the reading by which they agree is kept.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import permutations
from pathlib import Path
from typing import Final, NamedTuple

from settle_core import contract
from settle_core.errors import Fault
from settle_core.exports.archive import checked
from settle_core.exports.draft import (
    choices,
    column_values,
    fitting_profile,
    forms,
    inference,
    joined_columns,
    kinds,
    money,
    periods,
    rules,
    sampled,
    totals,
    trial,
    unfound,
    written_numbers,
)
from settle_core.exports.draft.choices import Choice, Open, Sections, listing
from settle_core.exports.draft.column_values import Column
from settle_core.exports.draft.inference import Role, Table
from settle_core.exports.files import control_totals, workbook
from settle_core.exports.profiles import profile as profiles
from settle_core.exports.profiles.keys import INSTANT
from settle_core.formats import toml_text

TABLES_MAX: Final = 6  # that are tried by two
OURS: Final = ("canonical", "rails")  # read by what is in them, as any other
# Sections in which they are written, and what needs not be said in [csv].
ORDER: Final = (
    *("entries", "entries.columns", "entries.kinds", "settlements", "settlements.columns"),
    *("csv", "settlements.csv", "money", "calendar", "clock"),
)
MARKS: Final = {"counter_if_filled", "counter_if_text"}  # instead of a kind
POINT: Final = '"."'
USUAL: Final = {
    "encoding": '"utf-8"',
    "skip_lines": "0",
    "trim": "false",
    "delimiter": '","',
    "quote": '"auto"',
    **dict.fromkeys(("escape", "thousands", "timestamp_format"), '""'),
    "negative": '"leading"',
    **dict.fromkeys(("currency_marks", "minus_marks", "plus_marks", "footer"), "[]"),
}
# What a built-in profile cannot know of a site.
SITE_KEYS: Final = ("zone =", "at =")


class Guess(NamedTuple):
    """A first profile as TOML with comments; `doubts` are the lines that were guessed."""

    text: str
    doubts: tuple[str, ...]


@workbook.held()
def guess(folder: str | Path) -> Guess:
    """Look at an export and write a first profile for it, which the check of the reading passes.

    Raises:
        Fault: there are not two tables that could be entries and settlements, a required column is
            not to be found in them, no reading of them can be audited, or they are not whole.
    """
    control_totals.demand(Path(folder))
    known = _known(Path(folder))
    if known:
        return known
    tables = sampled.tables(Path(folder))
    if not tables:
        raise unfound.no_table(Path(folder))
    if len(tables) not in {1, 2}:
        raise _too_many(folder, tables)
    _demand_rows(folder, tables)
    ordered, sections, opens = _either_way(sorted(tables, key=inference.settledness))
    decided, ledger = trial.settled(Path(folder), sections, opens)
    decided = kinds.decided(Path(folder), decided, ordered[0], ledger)
    head = "# A first profile, from a look at the export. Check each line marked GUESSED."
    lines = [head, *choices.lines(decided)]
    doubts = tuple(
        f"{section}.{key} = {choice.value}: {choice.why}"
        for section, keys in decided.items()
        for key, choice in keys.items()
        if not choice.is_sure
    )
    lines += unfound.unread({t.name: t.names for t in tables}, "\n".join(lines))
    lines += unfound.rejected(ledger.rejected, is_below=any(table.below for table in tables))
    return Guess("\n".join(lines) + "\n", doubts)


def _demand_rows(folder: str | Path, tables: Sequence[Table]) -> None:
    empty = [table.sheet or table.name for table in tables if not table.rows]
    if empty:
        raise Fault(
            f"there is no row in {' and '.join(empty)}",
            where=str(folder),
            expected="rows to tell by what is in the columns",
            found="a header alone",
            todo="export it again, or ask of an export that has rows",
        )


def _either_way(tables: Sequence[Table]) -> tuple[Sequence[Table], Sections, list[Open]]:
    """The tables, entries first, or the other way round where that cannot be; what they tell."""
    try:
        return tables, *_looked_at(*tables)
    except Fault as fault:
        with suppress(Fault):
            return tables[::-1], *_looked_at(*tables[::-1])
        raise fault from None


def _too_many(folder: str | Path, tables: Sequence[Table]) -> Fault:
    """The fault of more tables than two, or none, with those two that look like the right ones."""
    fitting = []
    for pair in permutations(tables, 2) if len(tables) <= TABLES_MAX else ():
        with suppress(Fault):
            _looked_at(*pair)
            fitting.append(pair)
    todo = (
        'name them in entries.file and settlements.file; parts = "append" beside it takes several '
        "files of one table together; without exported closings set "
        'settlements.every = "week" and settlements.amounts = "as_recorded"'
    )
    if len(fitting) == 1:
        files = [toml_text(each.file) for each in fitting[0]]
        todo = (
            f"{' and '.join(each.name for each in fitting[0])} look like them: ask again of a "
            f"folder with these alone; in a profile that is entries.file = {files[0]} and "
            f"settlements.file = {files[1]}"
        )
    return Fault(
        "cannot tell entries from settlements",
        where=str(folder),
        expected="two tables as csv, csv.gz, parquet or sheets of a workbook, or entries alone",
        found=", ".join(t.name for t in tables) or "none",
        todo=todo,
    )


def _known(folder: Path) -> Guess | None:
    """The built-in profile of the system that the export is of, if it is of one."""
    try:
        name = fitting_profile.by_columns(folder)
    except Fault:
        return None
    if name is None or name in OURS:
        return None
    checked.read(folder, profiles.load(name))
    lines, doubts = [], []
    for line in profiles.text(name).splitlines():
        is_guess = line.startswith(SITE_KEYS)
        lines.append(f"{line}  # GUESSED: yours may have another" if is_guess else line)
        doubts += [f"{line}: yours may have another"] if is_guess else []
    return Guess("\n".join(lines) + "\n", tuple(doubts))


class _Seen(NamedTuple):
    """What was made out of a table: which column is which of ours, and where its amounts are."""

    table: Table
    roles: dict[str, Role]
    amounts: list[Column]
    kind: str  # the column that tells counter-entries, empty if none does


def _looked_at(entries: Table, settlements: Table | None = None) -> tuple[Sections, list[Open]]:
    """What the data tell of the tables, and what they leave open."""
    shared = rules.accounts(entries, settlements) if settlements else None
    sections: Sections = {name: {} for name in ORDER}
    sections["entries"] = _file(entries)
    ours, opens = _entries(entries, shared[0] if shared else None, sections)
    theirs, more = None, list[Open]()
    if settlements is None:
        sections["settlements"] = rules.by_rule(ours.roles["recorded_at"].column)
    else:
        theirs, more = _settlements(settlements, shared[1] if shared else None, sections)
        opens += more
    instants = [ours.roles["recorded_at"].column]
    if theirs and "settled_at" in theirs.roles:
        instants.append(theirs.roles["settled_at"].column)
    if theirs is None or not theirs.amounts:
        doubted = rules.doubted(entries, ours.roles["account_id"])
        sections["entries.columns"] |= _columns({"account_id": doubted})
    rules.demand_whole_days(instants)
    sections["clock"] = rules.clock(instants, is_needed=len(instants) == 1)
    zone = sections["clock"]["zone"]
    _csv(ours, theirs, sections)
    effective = ours.roles["effective_date"].column
    week = theirs.roles["week_start"].column if theirs and "week_start" in theirs.roles else None
    amounts = [*ours.amounts, *(theirs.amounts if theirs else ())]
    sections["money"] = money.money(amounts, ours.roles)
    opens = [forms.days(effective, week), *opens]
    if week is not None and (week.parts or column_values.is_iso_week(week)):
        opens.append(forms.other_count(week))
    if theirs and theirs.amounts:
        is_plain = "settled_amount" in theirs.roles and all(
            o.if_needed or o.of_clocks for o in more
        )
        opens += [forms.settled_sign(theirs.amounts[0])] if is_plain else []
        opens.append(forms.unit())
        opens += totals.below(theirs.table, "settlements")
    if theirs:
        by_instant = not column_values.date_formats(effective)
        week_by_instant = week is not None and forms.day_formats(week) == (INSTANT,)
        opens += rules.clocks(zone, by_instant=by_instant, week_by_instant=week_by_instant)
        taken = {role.column.name for role in ours.roles.values()} | {ours.kind}
        opens += rules.set_aside(entries, taken, ours.kind, sections["entries.kinds"])
        if sampled.are_whole(entries, theirs.table) and _share_nothing(ours, theirs):
            opens = [each._replace(forms=each.forms[:1]) for each in opens]
    return sections, opens


def _share_nothing(ours: _Seen, theirs: _Seen) -> bool:
    """Whether no account stands in both files, which no way of reading them mends."""
    if "account_id" not in theirs.roles:
        return False
    known = theirs.roles["account_id"].column.distinct
    return not known.keys() & ours.roles["account_id"].column.distinct.keys()


def _entries(table: Table, account: Role | None, sections: Sections) -> tuple[_Seen, list[Open]]:
    """The columns of the entries, and what marks counter-entries and tells the sign."""
    opens = totals.below(table, "entries")
    table = joined_columns.with_id(joined_columns.with_clock(table))
    sides = forms.sides(table)
    joined = {name for c in table.columns for name in c.parts}
    lone = table._replace(columns=tuple(c for c in table.columns if c.name not in joined))
    marks, kind = forms.kinds(lone)
    found = {"account_id": account} if account else {}
    clocks = rules.instants(table)
    if clocks:
        found |= clocks
        opens += rules.either_clock(table, clocks)
    without = {*found, *(("kind",) if kind else ()), *(("amount",) if sides else ())}
    gone = {role.column.name for role in found.values()} | {c.name for c in sides or ()}
    gone |= {kind.name} if kind else set()
    left = table._replace(columns=tuple(c for c in table.columns if c.name not in gone))
    required = tuple(name for name in contract.ENTRY_REQUIRED if name not in without)
    optional = tuple(name for name in contract.ENTRY_OPTIONAL if name not in without)
    found |= inference.roles(left, required, optional)
    if "kind" in found:
        marks = forms.listed(found["kind"].column)
    columns = _columns(found)
    if kind and kind.name != "kind" and not MARKS & set(marks):
        columns["kind"] = Choice(toml_text(kind.name), "by its name and contents", is_sure=True)
    sections["entries.columns"], sections["entries.kinds"] = columns, marks
    taken = {role.column.name for role in found.values()} | ({kind.name} if kind else set())
    # What is taken for a kind by nothing but its few values may tell the side as well.
    told = kind or (found["kind"].column if "kind" in found else None)
    is_kind = all(choice.is_sure for choice in marks.values())
    roled = taken - {told.name} if told and not is_kind else taken
    opens += forms.signs(table, sides, found.get("amount"), roled)
    if "amount" in found:
        opens += money.others(lone, "entries", found["amount"].column, taken)
    if not clocks:
        opens += rules.either_day(lone, found["effective_date"].column, taken)
        opens += rules.either_moment(lone, found, "recorded_at", taken)
    amounts = [*sides] if sides else [found["amount"].column]
    return _Seen(table, found, amounts, told.name if told else ""), opens


def _settlements(
    table: Table, account: Role | None, sections: Sections
) -> tuple[_Seen, list[Open]]:
    """The columns of the settlements, and where the sign of what was settled may stand.

    Closings may tell no amount, or be of all accounts.
    """
    table, aside = rules.closed_alone(table)
    sections["settlements"] = _file(table) | aside
    table = joined_columns.with_clock(table)
    found = {"account_id": account} if account else {}
    left = table._replace(
        columns=tuple(c for c in table.columns if not account or c is not account.column)
    )
    left, week = periods.with_week(left)
    found |= {"week_start": week} if week else {}
    named = [] if week else periods.by_name(left)
    sides = forms.sides(left)
    without = rules.untold(left, is_shared=account is not None)
    if sides:
        without = ("settled_amount",)
        gone = {c.name for c in sides}
        left = left._replace(columns=tuple(c for c in left.columns if c.name not in gone))
    elif without:
        why = "no column looks like a settled amount"
        sections["settlements"]["amounts"] = Choice('"as_recorded"', why, is_sure=False)
    without += periods.untold(left, named)
    required = tuple(n for n in contract.SETTLEMENT_REQUIRED if n not in {*without, *found})
    found |= inference.roles(left, required, contract.SETTLEMENT_OPTIONAL)
    columns = _columns(found)
    columns.pop("week_start", None)
    sections["settlements.columns"] = columns
    amounts = [found["settled_amount"].column] if "settled_amount" in found else []
    taken = {role.column.name for role in found.values()}
    opens = forms.signs(left, sides, found.get("settled_amount"), taken, "settlements")
    named += rules.either_moment(left, found, "settled_at", taken)
    if amounts:
        opens += money.others(left, "settlements", amounts[0], taken)
    return _Seen(table, found, [*sides] if sides else amounts, ""), [*named, *opens]


def _file(table: Table) -> dict[str, Choice]:
    file = Choice(toml_text(table.file), f"{table.name}, {table.why}", table.is_sure)
    if table.parts:
        told = f"{len(table.parts)} files of the same columns"
        return {"file": file, "parts": Choice('"append"', told, is_sure=True)}
    if not table.sheet:
        return {"file": file}
    return {"file": file, "sheet": Choice(toml_text(table.sheet), table.why, table.is_sure)}


def _columns(roles: dict[str, Role]) -> dict[str, Choice]:
    """The columns that have another name than ours, or that were chosen by their contents."""
    return {
        name: Choice(_name(role.column), role.why, role.is_sure)
        for name, role in roles.items()
        if role.column.name != name or not role.is_sure
    }


def _name(column: Column) -> str:
    """A column as a profile names it, several that are joined as a list."""
    if not column.parts:
        return toml_text(column.name)
    return f"[{', '.join(map(toml_text, column.parts))}]"


def _csv(ours: _Seen, theirs: _Seen | None, sections: Sections) -> None:
    """How text is written in the entries, and where the settlements write it otherwise."""
    shared = _dialect(ours, ours.roles["recorded_at"].column)
    closed = theirs.roles.get("settled_at") if theirs else None
    other = _dialect(theirs, closed.column if closed else None) if theirs else dict(shared)
    sections["settlements.csv"] = {
        key: choice
        for key, choice in other.items()
        if choice.value != shared[key].value
        and not (key == "decimal" and not choice.is_sure and other["thousands"].value == '""')
    }
    sections["csv"] = {key: c for key, c in shared.items() if c.value != USUAL.get(key)}
    if ours.table.is_parquet and shared["decimal"].value == POINT:
        del sections["csv"]["decimal"]


def _dialect(seen: _Seen, instant: Column | None) -> dict[str, Choice]:
    text = seen.table.text
    values = tuple(value for column in seen.amounts for value in column.values)
    example = max(values, key=len, default="")
    mark, thousands, negative = "", "", ""
    if seen.amounts:
        mark, thousands, negative = written_numbers.written(seen.amounts[0]._replace(values=values))
    marks = list(filter(None, dict.fromkeys(map(written_numbers.mark, seen.amounts))))
    words = [written_numbers.sign_words(column) for column in seen.amounts]
    minus, plus = (sorted({w for each in words for w in each[side]}) for side in (0, 1))
    instants = column_values.clock_formats(instant) if instant else ()
    form = "" if not instants or instants[0] == column_values.ISO_NAME else instants[0]
    reading = _reading(instants, instant) if instant and instants else "ISO 8601"
    encoding = "as its bytes are" if text.is_sure else "reads all of it, as might one like it"
    above = f"{text.skip_lines} lines above the header"
    return {
        "encoding": Choice(toml_text(text.encoding), encoding, text.is_sure),
        "skip_lines": Choice(str(text.skip_lines), above, is_sure=True),
        "footer": Choice(listing(text.footer), "no rows, below the table", is_sure=True),
        "trim": Choice(str(text.is_padded).lower(), "spaces stand around values", is_sure=True),
        "delimiter": Choice(toml_text(text.delimiter), "of the header", is_sure=True),
        "quote": Choice(toml_text(text.quote), "so each line is a row", is_sure=True),
        "escape": Choice(toml_text(text.escape), "so each line is a row", is_sure=True),
        "decimal": Choice(toml_text(mark or "."), f"as in {example}", _stands(mark, values)),
        "thousands": Choice(toml_text(thousands), f"as in {example}", is_sure=True),
        "negative": Choice(toml_text(negative or "leading"), "as amounts are", is_sure=True),
        "currency_marks": Choice(listing(marks), f"as in {example}", is_sure=True),
        "minus_marks": Choice(listing(minus), "they tell the sign", is_sure=True),
        "plus_marks": Choice(listing(plus), "they tell the sign", is_sure=True),
        "timestamp_format": Choice(toml_text(form), reading, len(instants) < 2),  # noqa: PLR2004
    }


def _stands(mark: str, values: Iterable[str]) -> bool:
    return bool(mark) and any(mark in value for value in values)


def _reading(formats: tuple[str, ...], column: Column) -> str:
    others = f", as does {' and '.join(formats[1:])}" if formats[1:] else ""
    return f"reads all of {column.name}, as {column.values[0]}{others}"
