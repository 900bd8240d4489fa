"""A first profile for an export that nobody described: what is sure in it, and what is guessed.

Names count, and contents count more: a column whose name says amount but whose values are dates is
no amount. What they leave open is decided by the weeks: the reading by which they agree is kept.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from settle_core import contract
from settle_core.errors import Fault
from settle_core.exports import agreement, draft_forms, fitting, inference, trial
from settle_core.exports import profile as profiles
from settle_core.exports.inference import Column, Role, Table
from settle_core.exports.trial import Choice, Open, Sections
from settle_core.formats import toml_text

WITHOUT_CENTS: Final = frozenset({"JPY", "KRW", "CLP", "ISK", "VND", "HUF"})
CENT_WORDS: Final = ("cent", "minor", "pence", "rappen")
SCALE_USUAL: Final = 2
OURS: Final = ("canonical", "rails")  # read by what is in them, as any other
# What a built-in profile cannot know of a site.
SITE_KEYS: Final = ("zone =", "at =")


class Guess(NamedTuple):
    """A first profile as TOML with comments; `doubts` are the lines that were guessed."""

    text: str
    doubts: tuple[str, ...]


def guess(folder: str | Path) -> Guess:
    """Look at an export and write a first profile for it, which the check of the reading passes.

    Raises:
        Fault: there are not two tables that could be entries and settlements, a required column is
            not to be found in them, or no reading of them can be audited.
    """
    known = _known(Path(folder))
    if known:
        return known
    tables = inference.tables(Path(folder))
    if len(tables) != 2:  # noqa: PLR2004  entries and settlements
        raise Fault(
            "cannot tell entries from settlements",
            where=str(folder),
            expected="two tables as csv, csv.gz or parquet",
            found=", ".join(t.name for t in tables) or "none",
            todo="name them in entries.file and settlements.file; without exported closings set "
            'settlements.every = "week" and settlements.amounts = "as_recorded"',
        )
    entries, settlements = sorted(tables, key=inference.settledness)
    sections, opens = _looked_at(entries, settlements)
    decided = trial.settled(Path(folder), sections, opens)
    lines = [
        "# A first profile, from a look at the export. Check each line marked GUESSED.",
        *trial.lines(decided),
    ]
    doubts = tuple(
        f"{section}.{key} = {choice.value}: {choice.why}"
        for section, keys in decided.items()
        for key, choice in keys.items()
        if not choice.is_sure
    )
    return Guess("\n".join(lines) + "\n", doubts)


def _known(folder: Path) -> Guess | None:
    """The built-in profile of the system that the export is of, if it is of one."""
    try:
        name = fitting.by_columns(folder)
    except Fault:
        return None
    if name is None or name in OURS:
        return None
    agreement.read(folder, profiles.load(name))
    lines, doubts = [], []
    for line in profiles.text(name).splitlines():
        is_guess = line.startswith(SITE_KEYS)
        lines.append(f"{line}  # GUESSED: yours may have another" if is_guess else line)
        doubts += [f"{line}: yours may have another"] if is_guess else []
    return Guess("\n".join(lines) + "\n", tuple(doubts))


def _looked_at(entries: Table, settlements: Table) -> tuple[Sections, list[Open]]:
    """What the data tell of two tables, and what they leave open."""
    sides = draft_forms.sides(entries)
    marks, kind = draft_forms.kinds(entries)
    without = {"kind"} if kind else set()
    left = entries
    if sides:
        without.add("amount")
        taken = {sides[0].name, sides[1].name}
        left = left._replace(columns=tuple(c for c in left.columns if c.name not in taken))
    if kind:
        left = left._replace(columns=tuple(c for c in left.columns if c.name != kind.name))
    required = tuple(name for name in contract.ENTRY_REQUIRED if name not in without)
    ours = inference.roles(left, required, contract.ENTRY_OPTIONAL)
    theirs = inference.roles(
        settlements, contract.SETTLEMENT_REQUIRED, contract.SETTLEMENT_OPTIONAL
    )
    if "kind" in ours:
        marks = draft_forms.listed(ours["kind"].column)
    columns = _columns(ours)
    if kind and kind.name != "kind" and "counter_if_filled" not in marks:
        columns["kind"] = Choice(toml_text(kind.name), "by its name and contents", is_sure=True)
    amounts = [*sides] if sides else [ours["amount"].column]
    settled = theirs["settled_amount"].column
    sections: Sections = {
        "entries": _file(entries),
        "entries.columns": columns,
        "entries.kinds": marks,
        "settlements": _file(settlements),
        "settlements.columns": _columns(theirs),
        **_csv(entries, settlements, amounts, ours, theirs),
        "money": _money([*amounts, settled], ours),
        "calendar": {},
        "clock": {"zone": _zone((ours["recorded_at"].column, theirs["settled_at"].column))},
    }
    taken = {role.column.name for role in ours.values()} | ({kind.name} if kind else set())
    opens = [
        draft_forms.days(ours["effective_date"].column, theirs["week_start"].column),
        *draft_forms.signs(entries, sides, ours.get("amount"), taken),
        draft_forms.settled_sign(settled),
        draft_forms.unit(),
    ]
    sections["settlements.columns"].pop("week_start", None)
    return sections, opens


def _file(table: Table) -> dict[str, Choice]:
    told = {
        "file": Choice(toml_text(f"{table.stem}.*"), f"{table.name}, {table.why}", table.is_sure)
    }
    if table.sheet:
        told["sheet"] = Choice(toml_text(table.sheet), table.why, table.is_sure)
    return told


def _columns(roles: dict[str, Role]) -> dict[str, Choice]:
    """The columns that have another name than ours, or that were chosen by their contents."""
    return {
        name: Choice(toml_text(role.column.name), role.why, role.is_sure)
        for name, role in roles.items()
        if role.column.name != name or not role.is_sure
    }


def _csv(
    entries: Table,
    settlements: Table,
    amounts: list[Column],
    ours: dict[str, Role],
    theirs: dict[str, Role],
) -> Sections:
    """How text is written in the entries, and where the settlements write it otherwise."""
    shared = _dialect(entries, amounts, ours["recorded_at"].column)
    other = _dialect(settlements, [theirs["settled_amount"].column], theirs["settled_at"].column)
    if entries.is_parquet and settlements.is_parquet:
        return {"csv": {}}
    differing = {
        key: choice
        for key, choice in other.items()
        if choice.value != shared.get(key, Choice("", "", is_sure=True)).value
        and not (key == "decimal" and not choice.is_sure)
    }
    return {"csv": shared, "settlements.csv": differing}


def _dialect(table: Table, amounts: list[Column], instant: Column) -> dict[str, Choice]:
    values = tuple(value for column in amounts for value in column.values)
    example = max(values, key=len, default="")
    mark, thousands, negative = inference.written(amounts[0]._replace(values=values))
    instants = inference.timestamp_formats(instant)
    form = "" if instants[0] == inference.ISO_NAME else instants[0]
    told = {
        "delimiter": Choice(toml_text(table.delimiter), "of the header", is_sure=True),
        "decimal": Choice(toml_text(mark or "."), f"as in {example}", mark in "".join(values)),
        "timestamp_format": Choice(
            toml_text(form), _reading(instants, instant), len(instants) == 1
        ),
    }
    if thousands:
        told["thousands"] = Choice(toml_text(thousands), f"as in {example}", is_sure=True)
    if negative not in {"", "leading"}:
        told["negative"] = Choice(toml_text(negative), "as amounts are written", is_sure=True)
    return told


def _reading(formats: tuple[str, ...], column: Column) -> str:
    others = f", as does {' and '.join(formats[1:])}" if formats[1:] else ""
    return f"reads all of {column.name}, as {column.values[0]}{others}"


def _money(columns: list[Column], ours: dict[str, Role]) -> dict[str, Choice]:
    most = max(inference.decimals(c.values, inference.written(c)[0] or ".") for c in columns)
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
    if currencies and not has_marks:
        del money["scale"]  # those of each currency are known
    if "currency" not in ours:
        money["currency"] = Choice('"EUR"', "no column tells the currency", is_sure=False)
    return money


def _zone(columns: Iterable[Column]) -> Choice:
    if all(inference.has_offset(c) for c in columns):
        return Choice('"UTC"', "not needed: every instant has its offset", is_sure=True)
    return Choice('"UTC"', "the instants do not tell their zone", is_sure=False)
