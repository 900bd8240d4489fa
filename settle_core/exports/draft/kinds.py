"""What marks counter-entries, by what they do: they come late, and answer what came late before.

A counter-entry is written after its week was settled, nearly every other row before. A value of a
column or a filled column that is held against that is no guess, whatever it is called.
"""

import logging
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from duckdb import ColumnExpression

from settle_core import contract, sql
from settle_core.errors import Fault
from settle_core.exports.checks import agreement
from settle_core.exports.draft import choices, forms, inference
from settle_core.exports.draft.choices import Choice, Sections, listing
from settle_core.exports.draft.column_values import Column, is_unique
from settle_core.exports.draft.inference import KINDS_MAX, Table
from settle_core.exports.profiles import profile as profiles
from settle_core.exports.profiles.keys import NULLS
from settle_core.exports.reading.ledger import Ledger
from settle_core.formats import toml_text

_LOG: Final = logging.getLogger(__name__)
LATE_SHARE_MIN: Final = 0.9
ROWS_MIN: Final = 4  # fewer prove nothing
ZERO: Final = "0"
COUNTED: Final = {"attempt", "last_seen", "observed"}  # of which 0 is a value
# Of ours, columns of text of which each can be lent to one of theirs.
LENT: Final = ("memo", "job_id", "answers", "last_seen", "run_id")
COLUMNS_MAX: Final = 10
# Columns that are something else than a mark.
OTHERS: Final = (*(name for name in contract.ENTRY_REQUIRED if name != "kind"), "currency")


class Mark(NamedTuple):
    """A mark of counter-entries: a column, and its values, or none where it is filled.

    `rows` of settled weeks have it, of which `late` came after that, and so of all `others`; it
    `explains` so many of the `whole` weeks in which what came late was answered.
    """

    column: Column
    values: tuple[str, ...]
    rows: int
    late: int
    others: int
    others_late: int
    explains: int
    whole: int

    @property
    def is_late(self) -> bool:
        """Whether its rows come late, as counter-entries do."""
        return self.late > 0 and self.late >= LATE_SHARE_MIN * self.rows

    @property
    def is_proved(self) -> bool:
        """Whether so many rows say so that it is no guess."""
        is_rare = self.others_late * 2 < self.others
        return self.is_late and self.rows >= ROWS_MIN and is_rare and self._is_answer

    @property
    def _is_answer(self) -> bool:
        return self.explains > 0 and self.explains * 2 >= self.whole

    @property
    def rank(self) -> tuple[bool, int, int, int]:
        """What is compared: what it explains, whether a word speaks for it, plain kinds first."""
        name = self.column.name.lower()
        words = forms.COUNTER_WORDS if self.values else forms.MARK_WORDS
        said = sum(any(w in text.lower() for w in words) for text in self.values or (name,))
        named = inference.name_score("kind", self.column) if self.values else 0
        return self.is_proved, self.explains, said, named

    def is_same(self, other: "Mark") -> bool:
        """Whether both mark the same rows, as far as numbers tell."""
        return (self.rows, self.late, self.explains) == (other.rows, other.late, other.explains)

    @property
    def told(self) -> str:
        """What there is to say for it."""
        others = f"{self.others_late} of {self.others} others"
        return f"{self.late} of {self.rows} such rows came after their weeks were settled, {others}"


def decided(folder: Path, sections: Sections, table: Table, ledger: Ledger) -> Sections:
    """The sections with what marks counter-entries held against when rows came.

    Args:
        folder: the export.
        sections: as decided but for that.
        table: the entries.
        ledger: the export, read by them.

    Raises:
        Fault: no column marks them, and what was guessed does not.
    """
    kinds = sections["entries.kinds"]
    own = _own(ledger)
    if not own.late + own.others_late:
        _demand_days(ledger, table)
    is_sure = all(choice.is_sure for choice in kinds.values())
    is_untold = not own.rows and own.others_late >= ROWS_MIN
    if is_sure and (own.is_proved or own.rows < ROWS_MIN) and not is_untold:
        return sections
    found = _found(folder, sections, table, own)
    if found is not None:
        return found
    count = agreement.counted(ledger)
    is_misread = own.late * 2 < own.rows and count.telling_agreeing * 2 < count.telling
    if (not is_sure or is_misread) and own.rows >= ROWS_MIN and own.late + own.others_late:
        raise Fault(
            "nothing marks counter-entries",
            where=table.name,
            expected="a value of a column, or a column that is filled, in rows that came after "
            "their weeks were settled and answer others that did",
            found=f"of {_shown(kinds)}, {own.told}; "
            f"{count.telling_agreeing} of {count.telling} weeks agree",
            todo="write the profile by hand, with entries.kinds: counter, counter_if_filled or "
            "counter_if_text; without counter-entries list every kind in entries.kinds.entry",
        )
    if is_untold and own.whole >= ROWS_MIN:
        raise Fault(
            "nothing marks counter-entries",
            where=table.name,
            expected="a value of a column, or one that is filled, in rows that answer others",
            found=f"late rows that sum to nothing in {own.whole} weeks, all of one kind",
            todo="export what marks them, or write the profile by hand: without counter-entries "
            "list every kind in entries.kinds.entry",
        )
    told = own.told if own.rows else "no row of a settled week has it"
    why = f"{told}; nothing marks rows that came late and answer others"
    return _said(sections, why, is_sure=False)


def _demand_days(ledger: Ledger, table: Table) -> None:
    """Refuse days that are those of writing: by them no row can be late, whatever it is for."""
    query = sql.text("exports/draft", "day_of_writing")
    ((rows, others, counters),) = ledger.con.execute(query).fetchall()
    if counters >= ROWS_MIN and not others:
        raise Fault(
            "nothing tells which day a row counts for",
            where=table.name,
            expected="a day of each row that may be another than that of its writing",
            found=f"{rows} rows of which none counts for another day than that on which it was "
            f"written, {counters} counter-entries among them",
            todo="export the day that a row counts for, and name it in "
            "entries.columns.effective_date",
        )


def _shown(kinds: dict[str, Choice]) -> str:
    return ", ".join(f"{key} = {choice.value}" for key, choice in kinds.items() if key != "entry")


def _found(folder: Path, sections: Sections, table: Table, own: Mark) -> Sections | None:
    """The sections with the mark that does best, which may be the own one; None if none does."""
    found = sorted(_marks(folder, sections, table), key=lambda mark: mark.rank, reverse=True)
    best = next((mark for mark in found if mark.is_proved), None)
    if best is not None:
        rivals = [m for m in found if m.is_proved and m.explains == best.explains]
        is_only = all(mark.is_same(best) for mark in rivals)
        if own.is_proved and own.is_same(best) and is_only:
            return _said(sections, f"by name; {own.told}", is_sure=True)
        return _by(_with_zeros(sections, table, best), best, is_sure=is_only)
    if own.is_proved:
        return _said(sections, own.told, is_sure=True)
    if own.is_late:
        return sections
    late = [mark for mark in found if mark.is_late]
    if len(late) == 1 or (late and all(mark.is_same(late[0]) for mark in late)):
        return _by(_with_zeros(sections, table, late[0]), late[0], is_sure=False)
    return None


def _said(sections: Sections, why: str, *, is_sure: bool) -> Sections:
    kinds = sections["entries.kinds"]
    made = {key: Choice(choice.value, why, is_sure) for key, choice in kinds.items()}
    return sections | {"entries.kinds": made}


def _by(sections: Sections, mark: Mark, *, is_sure: bool) -> Sections:
    """The sections with counter-entries told by a mark."""
    columns = dict(sections["entries.columns"])
    columns.pop("kind", None)
    if not mark.values:
        value = toml_text(mark.column.name)
        why = f"{mark.column.name} is filled; {mark.told}"
        made = {"counter_if_filled": Choice(value, why, is_sure)}
        return sections | {"entries.columns": columns, "entries.kinds": made}
    if mark.column.name != "kind":
        columns["kind"] = Choice(toml_text(mark.column.name), "by its contents", is_sure)
    every = sorted(mark.column.distinct, key=lambda v: -mark.column.distinct[v])
    left = [v for v in every if v not in mark.values]
    left = [""] * (not mark.column.is_whole and "" not in mark.values) + left
    made = {
        "entry": Choice(listing(left), "the others", is_sure),
        "counter": Choice(listing(mark.values), mark.told, is_sure),
    }
    words = [v for v in left if forms.is_correction(v)]
    if words and len(words) < len(left):
        others = [v for v in left if v not in words]
        made["entry"] = Choice(listing(others), "the others", is_sure)
        made["correction"] = Choice(listing(words), "by its name", is_sure=False)
    return sections | {"entries.columns": columns, "entries.kinds": made}


def _own(ledger: Ledger) -> Mark:
    """The counter-entries as they are read already."""
    ledger.con.execute(sql.text("exports/draft", "mark_row"))
    column = Column("kind", (), is_whole=True, stored_as="VARCHAR")
    return _counted(ledger, "kind", column, ("counter",))


def _marks(folder: Path, sections: Sections, table: Table) -> Iterator[Mark]:
    """Each column that may mark counter-entries, by being filled or by a value, and how it does."""
    taken = _taken(sections)
    free = [c for c in table.columns if c.name not in taken and not c.parts]
    is_zero_read = COUNTED & {*sections["entries.columns"], *table.names}
    zeros = {} if is_zero_read else {c.name: _without_zeros(c) for c in free if _is_zeroed(c)}
    if zeros:
        sections = sections | {"entries.csv": _zero_is_none(sections)}
    columns = [c for c in (zeros.get(c.name, c) for c in free) if _may_mark(c)]
    columns.sort(key=lambda c: (-inference.name_score("kind", c), c.is_whole))
    for start in range(0, min(len(columns), COLUMNS_MAX), len(LENT)):
        lent = dict(zip(LENT, columns[start:], strict=False))
        _LOG.info("looking at what marks counter-entries")
        ledger = _read(folder, sections, lent)
        if ledger is None:
            continue
        ledger.con.execute(sql.text("exports/draft", "mark_row"))
        for ours, column in lent.items():
            if not column.is_whole:
                yield _counted(ledger, ours, column, ())
            if len(column.distinct) <= KINDS_MAX:
                yield from _by_value(ledger, ours, column)


def _by_value(ledger: Ledger, ours: str, column: Column) -> Iterator[Mark]:
    _valued(ledger, ours)
    query = sql.text("exports/draft", "mark_value")
    rows = ledger.con.execute(query, {"values_max": KINDS_MAX + 1}).fetchall()
    late = [v for v, count, late in rows if late and late >= LATE_SHARE_MIN * count]
    for value in late if len(rows) > 1 else ():
        yield _counted(ledger, ours, column, (value,))
    if 1 < len(late) < len(rows):
        yield _counted(ledger, ours, column, tuple(late))


def _counted(ledger: Ledger, ours: str, column: Column, values: Sequence[str]) -> Mark:
    _valued(ledger, ours)
    given = {"values": list(values), "is_filled": not values}
    (numbers,) = ledger.con.execute(sql.text("exports/draft", "mark_count"), given).fetchall()
    return Mark(column, tuple(values), *numbers)


def _valued(ledger: Ledger, ours: str) -> None:
    """Create the view `valued_row`: the rows with one of the columns as their value."""
    names = ("account_id", "currency", "week_start", "recorded_at", "amount", "is_late")
    rows = ledger.con.view("dated_row")
    chosen = rows.select(*map(ColumnExpression, names), ColumnExpression(ours).alias("value"))
    chosen.create_view("valued_row", replace=True)


def _is_zeroed(column: Column) -> bool:
    """Whether it names another row, by its name and numbers, or 0 where it names none."""
    named = any(word in column.name.lower() for word in forms.MARK_WORDS)
    left = len(column.values) - column.distinct[ZERO]
    return named and 0 < left * 2 < len(column.values) and inference.is_number(column)


def _without_zeros(column: Column) -> Column:
    left = tuple(value for value in column.values if value != ZERO)
    return column._replace(values=left, is_whole=False)


def _with_zeros(sections: Sections, table: Table, mark: Mark) -> Sections:
    """The sections by which 0 is no value, if the mark is a column in which it is none."""
    is_one = any(c.name == mark.column.name and _is_zeroed(c) for c in table.columns)
    if mark.values or not is_one:
        return sections
    return sections | {"entries.csv": _zero_is_none(sections)}


def _zero_is_none(sections: Sections) -> dict[str, Choice]:
    """The dialect of the entries, by which 0 is no value where one may be missing."""
    nulls = Choice(listing([*NULLS, ZERO]), "0 where no row is named", is_sure=False)
    return sections.get("entries.csv", {}) | {"nulls": nulls}


def _may_mark(column: Column) -> bool:
    """Whether it may be empty, or is one of few values: not what names rows, days and amounts."""
    if not column.is_whole:
        return True
    return inference.is_kind(column) and not is_unique(column)


def _taken(sections: Sections) -> set[str]:
    """The columns that are something else."""
    columns = sections["entries.columns"]
    told = [columns[name].value for name in OTHERS if name in columns]
    told += [choice.value for key, choice in sections["entries"].items() if key == "amount"]
    own = {name for name in OTHERS if name not in columns}
    return own | {name for value in told for name in _texts(tomllib.loads(f"v = {value}")["v"])}


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for each in value.values() if isinstance(value, dict) else value:
            yield from _texts(each)


def _read(folder: Path, sections: Sections, lent: dict[str, Column]) -> Ledger | None:
    columns = dict(sections["entries.columns"])
    for ours in LENT:
        columns.pop(ours, None)
    columns |= {ours: Choice(toml_text(c.name), "", is_sure=True) for ours, c in lent.items()}
    try:
        text = "\n".join(choices.lines(sections | {"entries.columns": columns}))
        return Ledger.read(folder, profiles.parse(text, "candidate"))
    except Fault:
        return None
