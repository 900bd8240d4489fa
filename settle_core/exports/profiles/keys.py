"""The keys of a profile: one frozen class for each table of the TOML file, each key described.

The reference of keys is made from these descriptions, and the types are what a value is held to.
"""

from datetime import date
from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

SCALE_MAX: Final = 8
NULLS: Final = ("NULL", "\\N", "None", "nan", "NaN", "N/A")
INSTANT: Final = "instant"
WHOLE_ROW: Final = "*"  # in place of a column
EXCEL: Final = "excel"
Texts = tuple[str, ...]
Name = str | tuple[str, ...]  # of a column; several are joined by a space
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
Scale = Annotated[int, Meta(ge=0, le=SCALE_MAX)]
Means = Literal[
    "start",
    "last_day",
    "end",
    "iso_week",
    "week_of_january_1",
    "full_week",
    "four_day_week",
    "file_name",
    "week_before_settled_at",
]
NUMBERED: Final = ("iso_week", "week_of_january_1", "full_week", "four_day_week")


class Keys(Struct, frozen=True, forbid_unknown_fields=True):
    """A table of a profile."""


class Unit(Keys, frozen=True):
    """How a file writes amounts of money."""

    scale: Annotated[
        Scale | None, Meta(description="decimals of money; by default those of the currency, or 2")
    ] = None
    unit: Annotated[
        Literal["major", "minor"], Meta(description="`minor`: the export holds cents")
    ] = "major"


class Money(Unit, frozen=True):
    """How the export writes amounts of money, in both files."""

    currency: Annotated[
        str, Meta(min_length=1, description="where there is no currency column")
    ] = "EUR"
    scales: Annotated[
        dict[str, Scale],
        Meta(description="decimals by currency, where they are not those of ISO 4217"),
    ] = {}


class Dialect(Keys, frozen=True):
    """How text is written in CSV."""

    delimiter: Annotated[str, Meta(description="one character")] = ","
    quote: Annotated[
        Literal["auto", "doubled", "none"],
        Meta(
            description='`doubled`: a field in `"` may hold line ends, and a quote of its own is '
            "doubled; `auto`: likewise, but refused where what it holds looks like whole rows; "
            "`none`: quotes are letters, as in text of COPY"
        ),
    ] = "auto"
    escape: Annotated[
        Literal["", "\\"],
        Meta(
            description="a backslash goes before what is no mark, as in text of COPY and LOAD DATA"
        ),
    ] = ""
    decimal: Annotated[Literal[".", ","], Meta(description="the decimal mark")] = "."
    thousands: Annotated[
        Literal["", ".", ",", " ", "'", "\N{RIGHT SINGLE QUOTATION MARK}", "_"],
        Meta(
            description="the mark between groups of three digits; a space is any kind of space, a "
            "comma may part lakhs as well, as in 12,34,567"
        ),
    ] = ""
    negative: Annotated[
        Literal["leading", "trailing", "parentheses"],
        Meta(description="where the minus of an amount stands; a leading one is always read"),
    ] = "leading"
    currency_marks: Annotated[
        Texts, Meta(description='marks that stand before or behind an amount, as `["€", "EUR"]`')
    ] = ()
    minus_marks: Annotated[
        Texts,
        Meta(description='marks before or behind an amount that takes away, as `["Dr"]`'),
    ] = ()
    plus_marks: Annotated[
        Texts, Meta(description='marks before or behind one that does not, as `["Cr"]`')
    ] = ()
    date_format: Annotated[
        str,
        Meta(
            description="of days; `instant`: the day of an instant, in `clock.zone`; `excel`: days "
            "since 30 December 1899"
        ),
    ] = "%Y-%m-%d"
    timestamp_format: Annotated[
        str,
        Meta(
            description="of instants; empty: ISO 8601; or `epoch_s`, `epoch_ms`, `epoch_us`, "
            "`epoch_ns` (since 1970), `ms_json`, `excel` (days since 30 December 1899); `%Z` "
            "takes UTC, zones in full and the short names that `clock.zone` has then, as PDT"
        ),
    ] = ""
    encoding: Annotated[str, Meta(description="of the text, as Python calls it")] = "utf-8"
    skip_lines: Annotated[int, Meta(ge=0, description="lines above the header")] = 0
    footer: Annotated[
        Texts,
        Meta(
            description='how the lines below the table start, as `["TOTAL", "(# rows"]`, of which '
            "`#` is any number, that have another number of fields than the header: the first of "
            "them and all behind it are set aside, and a file without them is refused as cut off"
        ),
    ] = ()
    trim: Annotated[
        bool,
        Meta(
            description="spaces around values and names are no part of them, and lines of dashes "
            "no rows, as in lists for the screen"
        ),
    ] = False
    nulls: Annotated[
        Texts, Meta(description="texts that are no value in an optional column, as is empty text")
    ] = NULLS


class Amount(Keys, frozen=True):
    """Where an amount and its sign stand, if not in one signed column."""

    debit: Annotated[str, Meta(description="the column of debits")] = ""
    credit: Annotated[str, Meta(description="the column of credits")] = ""
    positive: Annotated[
        Literal["", "debit", "credit"], Meta(description="the side that counts as plus")
    ] = ""
    column: Annotated[str, Meta(description="the column of amounts")] = ""
    direction: Annotated[str, Meta(description="the column that tells the sign")] = ""
    plus: Annotated[Texts, Meta(description="directions that count as plus")] = ()
    minus: Annotated[Texts, Meta(description="directions that count as minus")] = ()
    negate: Annotated[bool, Meta(description="the signs are the other way round")] = False


class Starts(Keys, frozen=True):
    """A text that marks counter-entries."""

    column: Annotated[str, Meta(min_length=1, description="the column of the text")]
    starts_with: Annotated[Texts, Meta(min_length=1, description="how the text starts")]


class Kinds(Keys, frozen=True):
    """Which values of `kind` mean what."""

    entry: Annotated[Texts, Meta(description='entries; `""` is the empty field')] = ("entry",)
    counter: Annotated[Texts, Meta(description="counter-entries")] = ("counter",)
    correction: Annotated[Texts, Meta(description="corrections")] = ("correction",)
    counter_if_filled: Annotated[
        str, Meta(description="instead: rows where this column is filled are counter-entries")
    ] = ""
    counter_if_text: Annotated[
        Starts | None, Meta(description="instead: rows whose text starts so are counter-entries")
    ] = None


class Table(Keys, frozen=True):
    """What both files have."""

    file: str = ""
    sheet: Annotated[
        str,
        Meta(description="of an Excel workbook; by default its first one that is not hidden"),
    ] = ""
    parts: Annotated[
        Literal["one", "append"],
        Meta(description="`append`: all files that match are one table"),
    ] = "one"
    columns: Annotated[
        dict[str, Name],
        Meta(description="our name = the export's name; several are joined by a space"),
    ] = {}
    amount: Annotated[
        Amount | None, Meta(description="where the sign of an amount stands, if not before it")
    ] = None
    only: Annotated[
        dict[str, Texts], Meta(description="column = values: all other rows are set aside")
    ] = {}
    skip: Annotated[
        dict[str, Texts],
        Meta(
            description='column = values: these rows are set aside; `"*" = [""]`: rows without any '
            "value"
        ),
    ] = {}
    csv: Annotated[Dialect, Meta(description="the dialect of this file, over `[csv]`")] = Dialect()
    money: Annotated[Unit, Meta(description="`unit` and `scale` of this file")] = Unit()
    pull_from: Annotated[
        str,
        Meta(
            description="what `settle pull` reads, if not the table called as the file: a table, a "
            "view, or a query in a file `*.sql` beside the profile"
        ),
    ] = ""


class Entries(Table, frozen=True):
    """The file of entries."""

    file: Annotated[
        str, Meta(description="within the export; an ending in full, or none, is taken as CSV")
    ] = "entries.*"
    kinds: Annotated[Kinds, Meta(description="which values of `kind` mean what")] = Kinds()
    effective: Annotated[
        Literal["by_date", "of_settlement"],
        Meta(
            description="`of_settlement`: a row counts for the settlement whose id it names, and "
            "needs no `effective_date`"
        ),
    ] = "by_date"
    job_id_means: Annotated[
        Literal["job", "run", "unknown"],
        Meta(description="what the job column identifies; `run`: one run of a job"),
    ] = "job"


class Period(Keys, frozen=True):
    """Which week a settlement is of, if not told by the first day of it."""

    means: Annotated[
        Means,
        Meta(
            description="what `column` tells; of a year and a week's number: `iso_week`, or by "
            "which week is the first, from `calendar.week_start` on: `week_of_january_1` (as "
            "WEEKNUM has it), `full_week` (the first whole one, as %U), `four_day_week`"
        ),
    ]
    column: Annotated[Name, Meta(description="the column that tells the period")] = ""
    first_day: Annotated[
        str, Meta(description="the column of its first day, by which its length is checked")
    ] = ""


class Settlements(Table, frozen=True):
    """The file of settlements."""

    file: Annotated[
        str, Meta(description="within the export; an ending in full, or none, is taken as CSV")
    ] = "settlements.*"
    amounts: Annotated[
        Literal["told", "as_recorded"],
        Meta(description="`as_recorded`: what the ledger held at `settled_at`"),
    ] = "told"
    agreement: Annotated[
        Literal["checked", "any"],
        Meta(description="`any`: audited even if hardly any settled week agrees with the entries"),
    ] = "checked"
    period: Annotated[
        Period | None, Meta(description="which week a settlement is of, if not `week_start`")
    ] = None
    every: Annotated[
        Literal["", "week"], Meta(description="`week`: a rule stands for closings; no file")
    ] = ""
    at: Annotated[
        str, Meta(description="when a week is closed after its end, as `monday 03:00`")
    ] = ""
    until: Annotated[
        date | None, Meta(description="weeks from this day on are open; a day as 2026-09-28")
    ] = None


class Calendar(Keys, frozen=True):
    """What a week is."""

    week_start: Annotated[Weekday, Meta(description="the first day of a week")] = "monday"
    day_starts: Annotated[
        str,
        Meta(
            pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$",
            description="the hour at which a day begins, of days that are told by an instant",
        ),
    ] = "00:00"


class Clock(Keys, frozen=True):
    """What an instant says."""

    zone: Annotated[str, Meta(description="of timestamps that carry none; IANA")] = "UTC"
    resolution: Annotated[
        Literal["exact", "second", "minute", "day"],
        Meta(description="how fine the clock is: equal instants may have come in either order"),
    ] = "exact"
    skew_seconds: Annotated[
        float,
        Meta(ge=0, lt=1e9, description="two events closer than this came in either order"),
    ] = 2.0
    grace_minutes: Annotated[
        float,
        Meta(ge=0, lt=1e9, description="a younger late entry is pending"),
    ] = 15.0


class Balancing(Keys, frozen=True):
    """How the system that is audited balances; `auto` is inferred."""

    level: Annotated[
        Literal["auto", "day", "week"], Meta(description="what a counter-entry restores")
    ] = "auto"
    policy: Annotated[
        Literal["auto", "sum", "delta"],
        Meta(description="`sum`: settled less the current sum; `delta`: less the late entry"),
    ] = "auto"


class Document(Keys, frozen=True):
    """A profile as it stands in its file."""

    entries: Entries = Entries()
    settlements: Settlements = Settlements()
    csv: Dialect = Dialect()
    money: Money = Money()
    calendar: Calendar = Calendar()
    clock: Clock = Clock()
    balancing: Balancing = Balancing()
