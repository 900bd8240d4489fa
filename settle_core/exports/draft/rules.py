"""What else a first profile has to say: rows set aside, accounts, zones, closings by a rule."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import pairwise, permutations
from typing import Final

from settle_core.errors import Fault
from settle_core.exports.draft import (
    column_values,
    inference,
    written_numbers,
)
from settle_core.exports.draft.choices import Choice, Form, Open
from settle_core.exports.draft.column_values import Column
from settle_core.exports.draft.inference import KINDS_MAX, Role, Table
from settle_core.formats import toml_text

ZONES: Final = (
    *("Europe/Berlin", "Europe/London", "America/New_York", "America/Chicago"),
    *("America/Los_Angeles", "Asia/Kolkata", "Asia/Tokyo", "Australia/Sydney"),
)
DAY_STARTS: Final = ("04:00", "05:00", "06:00")
SHARED_MIN: Final = 0.5  # of the accounts of the settlements among those of the entries
CLOCKS_MAX: Final = 4


RECORDED: Final = ("creat", "record", "insert", "enter", "erfass", "complet", "written", "book")


def instants(table: Table) -> dict[str, Role] | None:
    """The roles of two columns of instants in a table without a day, or of two days without any.

    None if there are not two.
    """
    days = [c for c in table.columns if c.is_whole and column_values.date_formats(c)]
    moments = [c for c in table.columns if c.is_whole and inference.is_instant(c)]
    if days and moments:
        return None
    found = days or moments
    if len(found) < 2:  # noqa: PLR2004  one clock cannot tell what came late
        return None
    by_name = {
        c.name: inference.name_score("recorded_at", c)
        + sum(word in c.name.lower() for word in RECORDED)
        for c in found
    }
    # What is at one hour every day tells a day, whatever it is called, and no moment of writing.
    days = [c for c in moments if column_values.is_day_told(c)]
    moments = [c for c in found if c not in days] or found
    recorded = max(moments, key=lambda c: by_name[c.name])
    others = [c for c in days or found if c is not recorded]
    effective = max(others, key=lambda c: inference.name_score("effective_date", c))
    rivals = [c for c in moments if c is not recorded]
    is_sure = by_name[recorded.name] > max((by_name[c.name] for c in rivals), default=-1)
    why = "by its name and contents" if is_sure else f"as might {rivals[0].name}"
    return {
        "recorded_at": Role(recorded, why, is_sure),
        "effective_date": Role(effective, "the other clock", is_sure),
    }


def _is_day(column: Column) -> bool:
    return bool(column_values.date_formats(column))


def either_clock(table: Table, roles: dict[str, Role]) -> list[Open]:
    """Which instants tell the day, and when the row was written: of three it may be any two."""
    likely = [roles[ours].column.name for ours in ("effective_date", "recorded_at")]
    is_one = inference.is_instant if inference.is_instant(roles["recorded_at"].column) else _is_day
    more = [c.name for c in table.columns if c.is_whole and is_one(c)]
    names = [*likely, *(name for name in more if name not in likely)][:CLOCKS_MAX]
    forms = []
    for effective, recorded in permutations(names, 2):
        sets = (
            ("entries.columns", "effective_date", toml_text(effective)),
            ("entries.columns", "recorded_at", toml_text(recorded)),
        )
        forms.append(Form(f"{effective} tells the day, {recorded} when it was written", sets))
    # The names speak for the first; what turns it round is next, then what leaves one of them.
    forms.sort(key=lambda form: sum(f'"{name}"' in str(form.sets) for name in likely), reverse=True)
    return [Open(tuple(forms), of_clocks=True)]


def either_day(table: Table, effective: Column, taken: set[str]) -> list[Open]:
    """Which of several days is the one that a row counts for: names alone do not tell."""
    forms = set(column_values.date_formats(effective))
    rivals = [
        c
        for c in table.columns
        if c.is_whole and c.name not in taken and forms & set(column_values.date_formats(c))
    ]
    if not forms or not rivals:
        return []
    # What is of one weekday tells the week: all weeks agree by it, and days are lost.
    finest = sorted([effective, *rivals], key=inference.is_weekly)
    names = [c.name for c in finest][:CLOCKS_MAX]
    ways = [
        Form(f"{n} tells the day", (("entries.columns", "effective_date", toml_text(n)),))
        for n in names
    ]
    return [Open(tuple(ways), of_clocks=True)]


def either_moment(table: Table, found: dict[str, Role], ours: str, taken: set[str]) -> list[Open]:
    """Which of several instants is the one: of an event, of its arrival, of a later change.

    Args:
        table: the table.
        found: its columns, the likeliest ones.
        ours: `recorded_at` or `settled_at`.
        taken: the columns that are something else.
    """
    if ours not in found:
        return []
    chosen = found[ours].column
    forms = set(column_values.instant_formats(chosen))
    rivals = [
        c.name
        for c in table.columns
        if c.is_whole
        and c.name not in taken
        and not c.parts
        and c.values != chosen.values
        and inference.is_instant(c)
        and forms & set(column_values.instant_formats(c))
    ]
    if chosen.parts or not rivals:
        return []
    names = [chosen.name, *rivals][:CLOCKS_MAX]
    section = "entries.columns" if ours == "recorded_at" else "settlements.columns"
    ways = [Form(f"{n} as {ours}", ((section, ours, toml_text(n)),)) for n in names]
    return [Open(tuple(ways), of_clocks=True)]


def accounts(entries: Table, settlements: Table) -> tuple[Role, Role] | None:
    """The two columns that share their values, where no name tells the accounts."""
    pairs = [
        (_score(ours, theirs), ours, theirs)
        for ours in entries.columns
        for theirs in settlements.columns
        if inference.FITS["account_id"](ours) and inference.FITS["account_id"](theirs)
    ]
    best = max(pairs, key=lambda pair: pair[0], default=None)
    if best is None or not best[0][2]:
        return None
    (named, _, shared), ours, theirs = best
    why = f"{shared} values stand in {ours.name} and in {theirs.name}"
    if ours.name == theirs.name:
        why = f"by its name, and {shared} values stand in both files"
    return Role(ours, why, bool(named)), Role(theirs, why, bool(named))


def _score(ours: Column, theirs: Column) -> tuple[int, int, int]:
    """How much the names speak for it, that it has several values, and how many both have."""
    known = theirs.distinct
    shared = len(known.keys() & ours.distinct.keys())
    is_one = column_values.is_unique(ours) or column_values.is_currency(theirs)
    if is_one or shared < max(2, SHARED_MIN * len(known)):
        return 0, 0, 0
    names = [inference.name_score("account_id", column) for column in (ours, theirs)]
    return min(names), min(shared, 2), shared


def closed_alone(table: Table) -> tuple[Table, dict[str, Choice]]:
    """The settlements without weeks that are not closed yet, and what sets those aside.

    They are listed with the others, and nothing says when they were closed.
    """
    closing = [c for c in table.columns if _is_closing(c) and column_values.clock_formats(c)]
    found = max(closing, key=lambda c: inference.name_score("settled_at", c), default=None)
    if found is None or (found.is_whole and not _are_open(table, found)):
        return table, {}
    place = table.names.index(found.name)
    table = table._replace(below=()) if found.is_whole else table
    rows = tuple(row for row in table.rows if row[place])
    columns = tuple(
        Column(
            name=c.name,
            values=tuple(value for row in rows if (value := row[k])),
            is_whole=all(row[k] for row in rows),
            stored_as=c.stored_as,
        )
        for c in table.columns
        for k in (table.names.index(c.name),)
    )
    skip = f'{{ {toml_text(found.name)} = [""] }}'
    why = "weeks that were not closed when it was exported"
    left = table._replace(columns=columns, rows=rows)
    return left, {"skip": Choice(skip, why, is_sure=False)}


def _are_open(table: Table, closing: Column) -> bool:
    """Whether the rows of which hardly a field is filled are of known accounts, and not closed."""
    place = table.names.index(closing.name)
    rows = [row for row in table.below if any(row)]
    known = [
        k
        for k, c in enumerate(table.columns)
        if inference.FITS["account_id"](c) and not column_values.is_unique(c)
    ]
    return bool(rows) and any(
        not any(row[place] for row in rows)
        and all(row[k] in table.columns[k].distinct for row in rows)
        for k in known
    )


def _is_closing(column: Column) -> bool:
    return inference.name_score("settled_at", column) > 0 or bool(
        column_values.timestamp_formats(column)
    )


def set_aside(table: Table, taken: set[str], kind: str, kinds: Mapping[str, Choice]) -> list[Open]:
    """Rows that may be none of the ledger's business, by a column of few values.

    Args:
        table: the entries.
        taken: the columns that have another meaning.
        kind: the column that tells counter-entries, empty if none does.
        kinds: what its values are taken for.
    """
    entries = tomllib.loads(f"v = {kinds['entry'].value}")["v"] if "entry" in kinds else []
    # What is taken for a kind by its few values alone may as well say what is none of it.
    is_kind = all(choice.is_sure for choice in kinds.values())
    taken = taken if is_kind else taken - {kind}
    none = Form("no row set aside", ())
    kinds_aside, forms = [none, *(_kinds_aside(kind, entries) if kind else ())], [none]
    for column in table.columns:
        values = column.distinct
        if column.name in taken or not 1 < len(values) <= KINDS_MAX or not column.is_whole:
            continue
        for key in ("skip", "only"):
            for value in sorted(values, key=lambda v: values[v], reverse=key == "only"):
                told = f"{{ {toml_text(column.name)} = [{toml_text(value)}] }}"
                name = f"rows with {column.name} {value} {'alone' if key == 'only' else 'left out'}"
                forms.append(Form(name, (("entries", key, told),)))
    every = (kinds_aside, forms)
    return [Open(tuple(each), if_needed=True) for each in every if len(each) > 1]


def _kinds_aside(kind: str, entries: Sequence[str]) -> Iterator[Form]:
    """Kinds that may be no entries: one of them, all but one, and several of the rarest."""
    rarest = [value for value in reversed(entries) if value]
    aside: list[tuple[str, ...]] = [(v,) for v in rarest] if len(entries) > 1 else []
    aside += [tuple(v for v in rarest if v != kept) for kept in entries]
    aside += [tuple(rarest[:count]) for count in range(2, len(rarest))]
    for values in filter(None, dict.fromkeys(aside)):
        told = ", ".join(map(toml_text, values))
        left = ", ".join(toml_text(value) for value in entries if value not in values)
        sets = (
            ("entries", "skip", f"{{ {toml_text(kind)} = [{told}] }}"),
            ("entries.kinds", "entry", f"[{left}]"),
        )
        yield Form(f"rows with {kind} {' or '.join(values)} left out", sets)


def demand_whole_days(columns: Sequence[Column]) -> None:
    """Refuse hours from 1 to 12 with neither AM nor PM: which half of a day it was is lost."""
    for column in columns:
        if column_values.is_half_day(column):
            raise Fault(
                "hours go from 1 to 12, and nothing tells the morning from the evening",
                where=column.name,
                expected="hours from 0 to 23, or AM and PM",
                found=f"{column.values[0]}, and no hour of another kind",
                todo="export the instants whole; if they are, write the profile by hand, with "
                "csv.timestamp_format",
            )


def clock(columns: Sequence[Column], *, is_needed: bool) -> dict[str, Choice]:
    """The zone of the instants, and how fine they are where they are coarse."""
    told = {"zone": _zone(columns, is_needed=is_needed)}
    coarse = [column_values.resolution(c) for c in columns]
    for each in ("day", "minute"):
        if each in coarse:
            name = columns[coarse.index(each)].name
            told["resolution"] = Choice(toml_text(each), f"{name} has no finer one", is_sure=True)
            break
    return told


def _zone(columns: Sequence[Column], *, is_needed: bool) -> Choice:
    named = column_values.zone_of(columns)
    if named:
        return Choice(toml_text(named), "it has the names in the instants", is_sure=False)
    if not all(column_values.has_offset(c) for c in columns):
        return Choice('"UTC"', "the instants do not tell their zone", is_sure=False)
    if is_needed:
        return Choice('"UTC"', "closings by a rule have one, which nothing tells", is_sure=False)
    return Choice('"UTC"', "not needed: every instant has its offset", is_sure=True)


def clocks(zone: Choice, *, by_instant: bool, week_by_instant: bool) -> list[Open]:
    """Zones in which the weeks may agree, and hours at which a day may begin."""
    opens = []
    if not zone.is_sure or by_instant or week_by_instant:
        forms = [Form("UTC", ())]
        forms += [
            Form(f"{name}, or one like it", (("clock", "zone", toml_text(name)),)) for name in ZONES
        ]
        opens.append(Open(tuple(forms), if_needed=True))
    if by_instant:
        forms = [Form("days begin at midnight", ())]
        forms += [
            Form(f"days begin at {hour}", (("calendar", "day_starts", toml_text(hour)),))
            for hour in DAY_STARTS
        ]
        opens.append(Open(tuple(forms), if_needed=True, of_sums=True))
    return opens


def doubted(entries: Table, account: Role) -> Role:
    """The account where no settled amount can tell it, and what it might be as well."""
    rivals = [
        c.name
        for c in entries.columns
        if inference.FITS["account_id"](c)
        and not (inference.is_number(c) or column_values.is_unique(c) or c is account.column)
        and 1 < len(c.distinct) < len(c.values)
    ]
    if not rivals:
        return account
    return Role(
        account.column, f"{account.why}, as might {' and '.join(rivals[:3])}", is_sure=False
    )


def by_rule(recorded: Column) -> dict[str, Choice]:
    """Closings that no file tells: each week on the Monday after it, all of it guessed."""
    last = max(_days(recorded), default=None)
    keys = {
        "every": Choice('"week"', "no file tells the closings", is_sure=False),
        "at": Choice('"monday 03:00"', "nothing tells when weeks are closed", is_sure=False),
        "amounts": Choice('"as_recorded"', "no settled amounts are exported", is_sure=True),
    }
    if last is not None:
        first_open = last.date() - timedelta(days=last.weekday())
        why = "the week of the last row is taken for open"
        keys["until"] = Choice(first_open.isoformat(), why, is_sure=False)
    return keys


def _days(column: Column) -> list[datetime]:
    form = column_values.clock_formats(column)[0]
    return [column_values.day_of(value, form) for value in column.values]


def _looks_like_ids(column: Column) -> bool:
    """Whether numbers rather name rows: none twice, no decimals, by name or by running upwards."""
    values = column.values
    if not column_values.is_unique(column) or any(mark in v for v in values for mark in ".,"):
        return False
    how = written_numbers.written(column)
    numbers = [written_numbers.plain(value, how) for value in values]
    is_ascending = len(values) > 1 and all(0 <= a < b for a, b in pairwise(numbers))
    return inference.name_score("entry_id", column) > 0 or is_ascending


def untold(table: Table, *, is_shared: bool) -> tuple[str, ...]:
    """The columns that closings need not have: the amount, and an account where none is shared."""
    named = any(inference.name_score("settled_amount", c) for c in table.columns)
    money = [
        c
        for c in table.columns
        if inference.FITS["settled_amount"](c)
        and not inference.name_score("account_id", c)
        and not _looks_like_ids(c)
    ]
    if money or named:
        return ()
    return ("settled_amount",) if is_shared else ("settled_amount", "account_id")
