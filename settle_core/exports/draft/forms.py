"""The forms in which an unknown export may be: what marks a counter-entry, where a sign stands."""

import re
from contextlib import suppress
from decimal import Decimal
from itertools import combinations, product
from typing import Final

from settle_core.errors import Fault
from settle_core.exports.draft import column_values, inference, written_numbers
from settle_core.exports.draft.choices import Choice, Form, Open, listing
from settle_core.exports.draft.column_values import Column
from settle_core.exports.draft.inference import KINDS_MAX, Role, Table
from settle_core.exports.profiles.keys import INSTANT, NUMBERED
from settle_core.exports.profiles.profile import WEEKDAYS
from settle_core.formats import toml_text

COUNTER_WORDS: Final = (
    *("counter", "offset", "reversal", "contra", "balanc", "gegen", "storno", "tegenb", "extourn"),
    *("contrepass", "anula", "annul", "estorno", "motpost"),
)
COUNTER_CODES: Final = ("k", "c", "h", "ctr", "cr")
MARK_WORDS: Final = (
    *("revers", "storno", "stblg", "counter", "offset", "extourn", "anula", "annul", "umkehr"),
    *("korrigiert", "rvsl"),
)
YES: Final = {"1", "t", "true", "y", "yes", "j", "ja", "x", "o", "oui", "s", "si", "sim"}
# What tells the side that a row is on, where amounts have no sign.
DIRECTIONS: Final = (
    *({"s", "h"}, {"d", "c"}, {"dr", "cr"}, {"soll", "haben"}, {"debit", "credit"}, {"d", "k"}),
    {"dbit", "crdt"},
    *({"debet", "kredit"}, {"debe", "haber"}, {"dare", "avere"}, {"in", "out"}, {"+", "-"}),
)
CORRECTION: Final = "correction"
CORRECTION_WORDS: Final = ("korrektur", "correc", "corretti", "correzion", "rectific", "rettific")
KIND_WORDS: Final = ("kind", "type", "art", "class", "code")
SIDE_WORDS: Final = (("debit", "credit"), ("soll", "haben"), ("dr", "cr"), ("debet", "kredit"))
END_WORDS: Final = ("end", "until", "through", "last", "bis", "ende", "to")


def _words(name: str) -> set[str]:
    return set(re.split(r"[\W_]+", name.lower()))


def listed(column: Column) -> dict[str, Choice]:
    """Which values of a column are entries and which counter-entries; "" where some are empty."""
    every = sorted(column.distinct, key=lambda v: -column.distinct[v])
    values = [v for v in every if v != CORRECTION] or every
    counters = [v for v in values if any(w in v.lower() for w in COUNTER_WORDS)]
    is_word = bool(counters)  # of a letter alone, when such rows came says more
    counters = counters or [v for v in values if v.lower() in COUNTER_CODES]
    is_found = bool(counters) and (counters != values or not column.is_whole)
    if len(values) == 1 and column.is_whole:
        only = "the only value"
        return {"entry": Choice(listing(values), only, is_sure=not counters)}
    if not is_found:
        counters = values[-1:]
    is_sure = is_word and is_found
    why = "by its name" if is_found else f"the rarest of {', '.join(values)}"
    corrections = [v for v in values if is_sure and v not in counters and is_correction(v)]
    entries = [v for v in values if v not in {*counters, *corrections}]
    if not entries and column.is_whole:
        corrections, entries = [], corrections
    others = ([] if column.is_whole else [""]) + entries
    made = {
        "entry": Choice(listing(others), "the others", is_sure),
        "counter": Choice(listing(counters), why, is_sure),
    }
    if corrections:
        every_one = listing([*corrections, *(v for v in every if v == CORRECTION)])
        made["correction"] = Choice(every_one, "by its name", is_sure=False)
    return made


def is_correction(value: str) -> bool:
    """Whether a kind is called as corrections are."""
    return any(word in value.lower() for word in CORRECTION_WORDS)


def kinds(table: Table) -> tuple[dict[str, Choice], Column | None]:
    """How counter-entries are marked where no column has a kind in every row, and which column.

    A column of debits and credits beside amounts without a sign is one of kinds only if no other
    may be.

    Raises:
        Fault: nothing marks them.
    """
    side = [c for c in table.columns if _is_direction(c)]
    if side and not any(inference.is_number(c) and _has_minus(c) for c in table.columns):
        with suppress(Fault):
            left = tuple(c for c in table.columns if c not in side)
            marks, column = _kinds(table._replace(columns=left))
            if column is not None:
                return marks, column
    return _kinds(table)


def _is_direction(column: Column) -> bool:
    return column.is_whole and {value.lower() for value in column.distinct} in DIRECTIONS


def _flagged(columns: list[Column]) -> Column | None:
    """A column of two values of which one says yes, called as what marks counter-entries."""
    return next(
        (
            c
            for c in columns
            if any(word in c.name.lower() for word in (*MARK_WORDS, *COUNTER_WORDS))
            and len(c.distinct) == 2  # noqa: PLR2004  yes and no
            and len({value for value in c.distinct if value.lower() in YES}) == 1
        ),
        None,
    )


def _by_flag(column: Column) -> dict[str, Choice]:
    yes = [value for value in column.distinct if value.lower() in YES]
    no = [value for value in column.distinct if value not in yes]
    return {
        "entry": Choice(listing(no), "the others", is_sure=False),
        "counter": Choice(listing(yes), f"{column.name} says so", is_sure=False),
    }


def _kinds(table: Table) -> tuple[dict[str, Choice], Column | None]:
    columns = [c for c in table.columns if not column_values.is_currency(c)]
    whole = [c for c in columns if inference.is_kind(c)]
    told = next((c for c in whole if 0 < len(_counters(c)) < len(c.distinct)), None)
    if told:
        return listed(told), told
    flagged = _flagged(whole)
    if flagged:
        return _by_flag(flagged), flagged
    marks = [c for c in table.columns if _is_mark(c)]
    beside = next((c for c in marks if inference.name_score("answers", c)), None)
    beside = beside or next((c for c in table.columns if _counter_texts(c)), None)
    if beside:
        return (_filled if beside in marks else _by_text)(beside), beside
    if any(_words(c.name) & set(KIND_WORDS) for c in whole):
        return {}, None
    named = next((c for c in table.columns if _is_kind_by_words(c)), None)
    marks = marks or [c for c in table.columns if _names_rows(c, table)]
    if named or marks:
        return (listed(named), named) if named else (_filled(marks[0]), marks[0])
    if whole:
        return {}, None
    raise Fault(
        "no column looks like kind",
        where=table.name,
        expected="a column that marks counter-entries",
        found=", ".join(c.name for c in table.columns),
        todo="set entries.kinds: counter, counter_if_filled or counter_if_text",
    )


def _is_kind_by_words(column: Column) -> bool:
    """Whether it has few values, and its name, or what stands in some rows, is of kinds."""
    if not 0 < len(column.distinct) <= KINDS_MAX:
        return False
    named = bool(_words(column.name) & set(KIND_WORDS))
    said = any(w in v.lower() for v in column.distinct for w in COUNTER_WORDS)
    return named or (said and not column.is_whole)


def _counters(column: Column) -> list[str]:
    return [v for v in column.distinct if any(w in v.lower() for w in COUNTER_WORDS)]


def _counter_texts(column: Column) -> list[str]:
    """The first words of texts, where some say that a row is a counter-entry and others do not."""
    first = {value.split()[0] for value in column.values if value.strip()}
    found = [word for word in first if any(w in word.lower() for w in COUNTER_WORDS)]
    is_text = any(" " in value.strip() for value in column.values)
    return sorted(found) if is_text and len(found) < len(first) else []


def _by_text(column: Column) -> dict[str, Choice]:
    words = _counter_texts(column)
    value = f"{{ column = {toml_text(column.name)}, starts_with = {listing(words)} }}"
    return {"counter_if_text": Choice(value, "by how the text begins", is_sure=False)}


def _is_mark(column: Column) -> bool:
    """Whether it is filled in some rows, and called as if that said something."""
    is_partly = bool(column.values) and not column.is_whole
    return is_partly and any(w in column.name.lower() for w in MARK_WORDS)


def _names_rows(column: Column, table: Table) -> bool:
    """Whether it is filled in some rows, and names others, as an answer names what it answers."""
    known = [c.distinct for c in table.columns if c.is_whole and column_values.is_unique(c)]
    is_partly = bool(column.values) and not column.is_whole
    # Of a large export only a part of the rows is looked at.
    return is_partly and any(
        2 * sum(value in ids for value in column.values) > len(column.values) for ids in known
    )


def _filled(column: Column) -> dict[str, Choice]:
    why = f"{column.name} is filled in some rows"
    return {"counter_if_filled": Choice(toml_text(column.name), why, is_sure=False)}


def sides(table: Table) -> tuple[Column, Column] | None:
    """Two columns of amounts of which one is filled in each row, the debits first."""
    for debit, credit in SIDE_WORDS:
        found = [
            next((c for c in table.columns if _is_side(c) and word in _words(c.name)), None)
            for word in (debit, credit)
        ]
        first, second = found
        if first and second and _exclude(table, first, second):
            return first, second
    if any(_words(c.name) & {"amount", "betrag", "value"} for c in table.columns):
        return None
    for first, second in combinations([c for c in table.columns if _is_side(c)], 2):
        if _exclude(table, first, second):
            return first, second
    return None


def _is_side(column: Column) -> bool:
    return bool(column.values) and inference.is_number(column)


def _exclude(table: Table, first: Column, second: Column) -> bool:
    """Whether each row has an amount in one of the two, and both have some."""
    places = [table.names.index(first.name), table.names.index(second.name)]
    how = [written_numbers.written(first), written_numbers.written(second)]
    filled = [0, 0]
    for row in table.rows:
        amounts = [
            written_numbers.plain(row[place] or "0", form) != 0
            for place, form in zip(places, how, strict=True)
        ]
        if all(amounts):
            return False
        filled[0] += amounts[0]
        filled[1] += amounts[1]
    return min(filled) > 0 and sum(filled) * 20 >= len(table.rows) * 19


def signs(
    table: Table,
    two: tuple[Column, Column] | None,
    amount: Role | None,
    taken: set[str],
    section: str = "entries",
) -> list[Open]:
    """Where the sign of an amount may stand, if it does not stand before it."""
    plain = "amount" if section == "entries" else "settled_amount"
    if two:
        debit, credit = two
        said = f"{{ debit = {toml_text(debit.name)}, credit = {toml_text(credit.name)}, positive = "
        forms = tuple(
            Form(f"{side} counts as plus", ((section, "amount", f'{said}"{side}" }}'),))
            for side in ("credit", "debit")
        )
        return [Open(forms)]
    if amount is None or _has_minus(amount.column):
        return []
    pairs = [
        c
        for c in table.columns
        if c.is_whole and len(c.distinct) == 2 and c.name not in taken  # noqa: PLR2004
    ]
    forms = ()
    for column in pairs:
        for plus, minus in (sorted(column.distinct), sorted(column.distinct, reverse=True)):
            value = (
                f"{{ column = {toml_text(amount.column.name)}, "
                f"direction = {toml_text(column.name)}, plus = {listing([plus])}, "
                f"minus = {listing([minus])} }}"
            )
            name = f"{plus} in {column.name} counts as plus"
            drop = ((f"{section}.columns", plain),)
            forms += (Form(name, ((section, "amount", value),), drop),)
    return [Open(forms)] if forms else []


def _has_minus(column: Column) -> bool:
    how = written_numbers.written(column)
    return any(written_numbers.plain(value, how) < Decimal() for value in column.values)


def settled_sign(column: Column) -> Open:
    """Settled amounts as they stand, or with the opposite sign."""
    value = f"{{ column = {toml_text(column.name)}, negate = true }}"
    negated = Form(
        "settled amounts have the opposite sign",
        (("settlements", "amount", value),),
        (("settlements.columns", "settled_amount"),),
    )
    forms = (Form("settled amounts as they stand", ()), negated)
    return Open(forms, if_needed=True, of_sums=True)


def unit() -> Open:
    """Amounts of one file in another unit than those of the other."""
    return Open(
        (
            Form("one unit in both files", ()),
            Form("entries are in cents", (("entries.money", "unit", '"minor"'),)),
            Form("settlements are in cents", (("settlements.money", "unit", '"minor"'),)),
        ),
        if_needed=True,
        of_sums=True,
    )


def days(effective: Column, week: Column | None) -> Open:
    """How days are written, and which day of a week a settlement names, if one does."""
    of_entries = day_formats(effective)
    if week is None:
        forms = [Form(f"{effective.name} as {f}", _date_format(f)) for f in of_entries]
        return Open(tuple(forms))
    if week.parts or column_values.is_iso_week(week):
        return Open(tuple(_iso_week(week, day) for day in of_entries))
    of_weeks = day_formats(week)
    told = [(day, day) for day in of_entries if day in of_weeks] or [
        (day, other) for day in of_entries for other in of_weeks
    ]
    rhythmic = [pair for pair in told if len(_weekdays(week, pair[1])) == 1]
    is_end = bool(_words(week.name) & set(END_WORDS)) or any(
        word in week.name.lower() for word in ("ending", "week_end")
    )
    order = ("last_day", "end", "start") if is_end else ("start", "last_day", "end")
    forms = [_day_form(week, pair, means) for means in order for pair in (rhythmic or told)]
    return Open(tuple(forms))


def other_count(week: Column) -> Open:
    """Weeks that are not counted as ISO has it: by Sundays, or by another first one."""
    column = listing(week.parts) if week.parts else toml_text(week.name)
    forms = [Form(f"{week.name} as an ISO week", ())]
    for weekday, means in product(("sunday", "monday"), NUMBERED[1:]):
        value = f'{{ column = {column}, means = "{means}" }}'
        first = ("calendar", "week_start", toml_text(weekday))
        name = f"{week.name} as a {means}, from {weekday} on"
        forms.append(Form(name, (("settlements", "period", value), first)))
    return Open(tuple(forms), if_needed=True)


def _iso_week(week: Column, day: str) -> Form:
    column = listing(week.parts) if week.parts else toml_text(week.name)
    value = f'{{ column = {column}, means = "iso_week" }}'
    sets = (*_date_format(day), ("settlements", "period", value))
    return Form(f"{week.name} as an ISO week, days as {day}", sets)


def day_formats(column: Column) -> tuple[str, ...]:
    """The formats of a day, or that it is told by an instant."""
    return column_values.date_formats(column) or (INSTANT,)


def _date_format(form: str) -> tuple[tuple[str, str, str], ...]:
    return (("csv", "date_format", toml_text(form)),)


def _day_form(week: Column, formats: tuple[str, str], means: str) -> Form:
    entries, weeks = formats
    found = _weekdays(week, weeks)
    day = max(found, key=lambda each: found[each])
    first = (day + 1) % 7 if means == "last_day" else day
    sets = [*_date_format(entries), ("calendar", "week_start", toml_text(WEEKDAYS[first]))]
    if weeks != entries:
        sets.append(("settlements.csv", "date_format", toml_text(weeks)))
    if means == "start":
        if week.name != "week_start":
            sets.append(("settlements.columns", "week_start", toml_text(week.name)))
    else:
        value = f'{{ column = {toml_text(week.name)}, means = "{means}" }}'
        sets.append(("settlements", "period", value))
    said = {"start": "the first day", "last_day": "the last day", "end": "the day after"}[means]
    name = f"{week.name} as {weeks}, {said} of a week"
    return Form(name, tuple(sets))


def _weekdays(column: Column, form: str) -> dict[int, int]:
    """How often each weekday comes."""
    if form == INSTANT:
        form = column_values.instant_formats(column)[0]
    found: dict[int, int] = {}
    for value, times in column.distinct.items():
        day = column_values.day_of(value, form)
        found[day.weekday()] = found.get(day.weekday(), 0) + times
    return found
