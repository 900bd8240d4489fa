"""The files of an unknown export, and which column of them may be which of ours."""

import logging
import re
from collections.abc import Callable, Iterable
from typing import Final, NamedTuple

from settle_core.exports.draft import unfound
from settle_core.exports.draft.column_values import (
    Column,
    date_formats,
    day_of,
    instant_formats,
    is_currency,
    is_iso_week,
    is_unique,
    timestamp_formats,
)
from settle_core.exports.draft.csv_text import Text
from settle_core.exports.draft.written_numbers import written

_LOG: Final = logging.getLogger(__name__)
KINDS_MAX: Final = 12
OTHERS_MAX: Final = 1000
EXAMPLE_MAX: Final = 40  # letters of a value
# Words in a column's name that speak for it, in English and in German; the first ones most.
WORDS: Final[dict[str, tuple[str, ...]]] = {
    "entry_id": ("entry_id", "ledger_id", "id", "uuid", "beleg", "buchung", "nr"),
    "account_id": ("account_id", "user_id", "customer_id", "account", "user", "konto", "kunde"),
    "effective_date": (
        *("effective_date", "value_date", "date", "wertstellung", "datum", "day", "fecha"),
        "valuta",
    ),
    "amount": ("amount", "betrag", "value", "cents", "sum"),
    "kind": ("kind", "type", "art", "s/h", "side", "class"),
    "recorded_at": ("recorded_at", "created_at", "inserted_at", "timestamp", "erfasst", "booked"),
    "job_id": ("job_id", "jid", "job", "worker", "vorgang"),
    "attempt": ("attempt", "versuch"),
    "answers": (
        "answers",
        "answer_to",
        "offsets",
        "reverses",
        "storno_zu",
        "storno_von",
        "reversal_of",
        "cancels",
    ),
    "currency": ("currency", "ccy", "waehrung", "währung", "curr"),
    "memo": ("memo", "note", "text", "description", "comment"),
    "observed": ("observed",),
    "last_seen": ("last_seen",),
    "run_id": ("run_id",),
    "committed_at": ("committed_at",),
    "week_start": ("week_start", "week", "period", "woche", "semaine", "semana"),
    "settled_amount": ("settled_amount", "amount", "total", "betrag", "abgerechnet", "cents"),
    "settled_at": ("settled_at", "closed_at", "created_at", "abgerechnet", "timestamp"),
}
# Told by numbers that count since 1970 only where no instant is written as one: ids look alike.
COUNTED: Final = ("recorded_at", "settled_at")
CLOCK_WORDS: Final = frozenset(
    (
        *("ts", "at", "on", "time", "epoch", "stamp", "millis", "ms", "micros", "unix"),
        *("created", "posted"),
    )
)
MS_JSON: Final = ("ms_json",)  # is nothing else
NUMBERS: Final = re.compile(r"\d[\d_-]*")
CLOCK: Final = re.compile(r"\d:\d\d")
CAMEL: Final = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
SETTLED_WORDS: Final = ("settle", "abrechnung", "payout", "invoice", "week", "statement")


class Table(NamedTuple):
    """A file of the export, or a folder of parts, with a sample of its columns.

    `names`: of `rows`, before columns were joined or left out; `below`: rows as of totals;
    `parts`: the files, if they are several; `file`: what a profile calls it.
    """

    name: str
    text: Text
    columns: tuple[Column, ...]
    is_parquet: bool
    rows: tuple[tuple[str | None, ...], ...] = ()
    sheet: str = ""
    names: tuple[str, ...] = ()
    below: tuple[tuple[str | None, ...], ...] = ()
    parts: tuple[str, ...] = ()
    file: str = ""

    @property
    def is_named_settled(self) -> bool:
        """Whether its name says that it holds settlements."""
        name = (self.sheet or self.name).lower()
        return any(word in name for word in SETTLED_WORDS)

    @property
    def why(self) -> str:
        """By what it was told from the other table."""
        return "by its contents" if self.is_sure else "by its name"

    @property
    def is_sure(self) -> bool:
        """Whether its contents tell: only settlements have nothing but weeks for dates."""
        return self.is_weekly or any(is_kind(c) for c in self.columns)

    @property
    def is_weekly(self) -> bool:
        """Whether a column holds dates of one weekday only."""
        return any(is_weekly(c) or is_iso_week(c) for c in self.columns)


class Role(NamedTuple):
    """The column that was found for one of ours."""

    column: Column
    why: str
    is_sure: bool


def settledness(table: Table) -> tuple[bool, bool, int]:
    """Sort key: entries come first, settlements last; of entries there are more."""
    has_kind = any(is_kind(c) and name_score("kind", c) for c in table.columns)
    return (table.is_weekly and not has_kind, table.is_named_settled, -len(table.rows))


def roles(table: Table, required: Iterable[str], optional: Iterable[str]) -> dict[str, Role]:
    """The column for each of ours, by name and contents. Raises Fault if a required one lacks."""
    required = tuple(required)
    has_instant = any(timestamp_formats(c) for c in table.columns)
    # Where no column is an instant a day is a clock as well, though a coarse one.
    is_coarse = not any(FITS["settled_at"](c) for c in table.columns)
    fitting = [
        (name_score(ours, column), ours, column)
        for ours in (*required, *optional)
        for column in table.columns
        if (FITS[ours](column) or (is_coarse and ours == "settled_at" and _is_day(column)))
        and (timestamp_formats(column) or not (has_instant and ours in COUNTED))
    ]
    found: dict[str, Role] = {}
    taken: set[str] = set()
    for named, ours, column in sorted(fitting, key=_promise, reverse=True):
        if ours in found or column.name in taken or (not named and ours not in required):
            continue
        rivals = [
            c.name for _, o, c in fitting if o == ours and c.name not in {*taken, column.name}
        ]
        why = "by its name and contents" if named else "by its contents"
        if not named and rivals:
            why += f", as might {' and '.join(rivals)}"
        found[ours] = Role(column, why, is_sure=bool(named))
        taken.add(column.name)
    missing = [ours for ours in required if ours not in found]
    if missing:
        left = ", ".join(c.name for c in table.columns)
        shown = _examples(missing, [c for c in table.columns if c.name not in taken])
        raise unfound.columns(missing, required, table.name, left, shown)
    return found


def _examples(missing: Iterable[str], columns: Iterable[Column]) -> dict[str, str]:
    """Of each that is missing, a value of the column that is called so, which was not read."""
    columns = list(columns)
    pairs = []
    for ours in missing:
        best = max(columns, key=lambda c: name_score(ours, c), default=None)
        if ours in COUNTED and best and not name_score(ours, best):
            best = next((c for c in columns if c.values and CLOCK.search(c.values[0])), None)
        if best and (name_score(ours, best) or ours in COUNTED):
            pairs.append((ours, best))
    return {c.name: _unread(c)[:EXAMPLE_MAX] for n, c in pairs if c.values and not FITS[n](c)}


def _unread(column: Column) -> str:
    """A value of a column that is not read: where it has one, such as no key would read."""
    forms = unfound.NO_KEY
    told = (v for v in column.values if any(form.fullmatch(v) for form in forms))
    return next(told, column.values[0])


def _promise(fitting: tuple[int, str, Column]) -> tuple[int, bool, bool]:
    """What is taken first: what a name says, then what varies, of money what has decimals."""
    named, ours, column = fitting
    has_decimals = "amount" in ours and any("." in v or "," in v for v in column.values)
    return named, len(set(column.values)) > 1, has_decimals


def name_score(ours: str, column: Column) -> int:
    """How much a column's name speaks for one of ours, 0 if not at all."""
    name = CAMEL.sub("_", column.name).lower().strip().replace(" ", "_").replace("-", "_")
    words = WORDS[ours]
    scores = [
        2 * (len(words) - k) + (100 if word == name else 0)
        for k, word in enumerate(words)
        if word == name or word in name.split("_") or (len(word) > 3 and word in name)  # noqa: PLR2004
    ]
    return max(scores, default=0)


def _weekdays(column: Column) -> set[int]:
    forms = date_formats(column)
    values = column.distinct
    if not forms or len(values) < 2:  # noqa: PLR2004  one date shows no rhythm
        return set()
    return {day_of(v, forms[0]).weekday() for v in values}


def is_weekly(column: Column) -> bool:
    """Whether it holds days of one weekday alone."""
    return len(_weekdays(column)) == 1


def is_kind(column: Column) -> bool:
    """Whether every row has one of few values."""
    return 1 < len(column.distinct) <= KINDS_MAX and column.is_whole and not _is_day(column)


def _is_day(column: Column) -> bool:
    return bool(date_formats(column))


def is_instant(column: Column) -> bool:
    """Whether every value is an instant; a number that counts since 1970, by its name too."""
    words = CAMEL.sub("_", column.name).lower().replace("-", "_").replace(" ", "_").split("_")
    is_named = bool(
        name_score("recorded_at", column)
        or name_score("effective_date", column)
        or CLOCK_WORDS & set(words)
    )
    counted = instant_formats(column)
    return bool(timestamp_formats(column) or counted == MS_JSON or (is_named and counted))


def _is_money(column: Column) -> bool:
    return column.is_whole and is_number(column)


def is_number(column: Column) -> bool:
    """Whether every value is a number, however written, and none a day."""
    return bool(written(column)[0]) and not _is_day(column)


def _is_id(column: Column) -> bool:
    return column.is_whole and not (_is_day(column) or timestamp_formats(column))


FITS: Final[dict[str, Callable[[Column], bool]]] = {
    "entry_id": lambda c: _is_id(c) and is_unique(c),
    "account_id": _is_id,
    "effective_date": _is_day,
    "amount": _is_money,
    "kind": is_kind,
    "recorded_at": lambda c: bool(instant_formats(c)),
    "job_id": lambda _: True,
    "attempt": lambda _: True,
    "answers": lambda _: True,
    "currency": is_currency,
    "memo": lambda _: True,
    "observed": lambda _: True,
    "last_seen": lambda _: True,
    "run_id": lambda _: True,
    "committed_at": lambda c: bool(timestamp_formats(c)),
    "week_start": lambda c: (
        _is_day(c) or is_iso_week(c) or (is_instant(c) and name_score("week_start", c) > 0)
    ),
    "settled_amount": _is_money,
    "settled_at": lambda c: bool(instant_formats(c)),
}
