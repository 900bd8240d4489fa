"""How the values of a column are written: days, instants and numbers, in what forms."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

DATES: Final = (
    *("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y%m%d", "%d-%b-%Y"),
)
CLOCKS: Final = (
    *("%H:%M:%S.%f", "%H:%M:%S", "%H:%M", "%H%M%S"),
    *("%I:%M:%S.%f %p", "%I:%M:%S %p", "%I:%M %p"),
)
ZONES: Final = ("", "%z", " %z")
ISO: Final = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(?P<zone>Z|[+-]\d\d(:?\d\d)?)?"
)
OFFSET: Final = re.compile(r"(Z|[+-]\d\d:?\d\d)$")
NUMBER: Final = {".": re.compile(r"[+-]?\d+(\.\d*)?"), ",": re.compile(r"[+-]?\d+(,\d*)?")}
# Numbers as spreadsheets and ERPs write them, by decimal mark, mark of thousands and minus.
WRITTEN: Final = {
    (".", "", "trailing"): re.compile(r"\d+(\.\d*)?-?"),
    (",", "", "trailing"): re.compile(r"\d+(,\d*)?-?"),
    (".", ",", "leading"): re.compile(r"-?\d{1,3}(,\d{3})*(\.\d*)?"),
    (",", ".", "leading"): re.compile(r"-?\d{1,3}(\.\d{3})*(,\d*)?"),
    (",", " ", "leading"): re.compile(r"-?\d{1,3}( \d{3})*(,\d*)?"),
    (".", " ", "leading"): re.compile(r"-?\d{1,3}( \d{3})*(\.\d*)?"),
    (".", ",", "trailing"): re.compile(r"\d{1,3}(,\d{3})*(\.\d*)?-?"),
    (",", ".", "trailing"): re.compile(r"\d{1,3}(\.\d{3})*(,\d*)?-?"),
    (".", ",", "parentheses"): re.compile(r"\(?\d{1,3}(,\d{3})*(\.\d*)?\)?"),
    (",", ".", "parentheses"): re.compile(r"\(?\d{1,3}(\.\d{3})*(,\d*)?\)?"),
}
ISO_NAME: Final = "ISO 8601"
CURRENCY: Final = re.compile(r"[A-Z]{3}|[a-z]{3}")


class Column(NamedTuple):
    """A column: its name and the values of a sample of rows, as text, empty ones left out.

    `is_whole` says that no row of the sample was empty; `parts` are the columns that it joins.
    """

    name: str
    values: tuple[str, ...]
    is_whole: bool
    stored_as: str
    parts: tuple[str, ...] = ()

    @property
    def distinct(self) -> Counter[str]:
        """How often each value comes."""
        return Counter(self.values)


@lru_cache  # a column is looked at for each role that it may have
def date_formats(column: Column) -> tuple[str, ...]:
    """The formats that read every value as a date."""
    if column.stored_as == "DATE":
        return DATES[:1]
    return tuple(f for f in DATES if column.values and all(_fits(v, f) for v in column.values))


@lru_cache
def timestamp_formats(column: Column) -> tuple[str, ...]:
    """The formats that read every value as an instant; ISO 8601 comes alone."""
    if column.stored_as.startswith("TIMESTAMP") or _all(ISO, column.values):
        return (ISO_NAME,)
    return tuple(
        text
        for day in DATES
        for clock in CLOCKS
        for zone in ZONES
        if column.values and all(_fits(v, text := f"{day} {clock}{zone}") for v in column.values)
    )


def has_offset(column: Column) -> bool:
    """Whether every instant says how far from UTC it is."""
    aware = column.stored_as == "TIMESTAMP WITH TIME ZONE"
    return aware or (bool(column.values) and all(OFFSET.search(v) for v in column.values))


def decimal_mark(column: Column) -> str:
    """The mark with which every value is a number: a full stop where both would do, or none."""
    return next((mark for mark, form in NUMBER.items() if _all(form, column.values)), "")


def written(column: Column) -> tuple[str, str, str]:
    """The decimal mark, the mark of thousands and where the minus stands; empty if no number."""
    mark = decimal_mark(column)
    if mark:
        return mark, "", "leading"
    return next((how for how, form in WRITTEN.items() if _all(form, column.values)), ("", "", ""))


def plain(value: str, how: tuple[str, str, str]) -> Decimal:
    """A written number as one."""
    mark, thousands, negative = how
    bare = value.replace(thousands, "") if thousands else value
    bare = bare.replace(mark, ".").strip("()-+")
    is_minus = value.startswith("-") or (
        value.endswith("-") if negative == "trailing" else value.startswith("(")
    )
    return Decimal(bare or "0") * (-1 if is_minus else 1)


def decimals(values: Iterable[str], mark: str) -> int:
    """The most decimals that a value has, zeros at its end left out."""
    return max((len(v.partition(mark)[2].strip("()-").rstrip("0")) for v in values), default=0)


def is_currency(column: Column) -> bool:
    """Whether every value is a code of three letters."""
    return _all(CURRENCY, column.values)


def is_unique(column: Column) -> bool:
    """Whether no value comes twice and none is empty."""
    return column.is_whole and len(set(column.values)) == len(column.values)


def _all(form: re.Pattern[str], values: Sequence[str]) -> bool:
    return bool(values) and all(form.fullmatch(v) for v in values)


def _fits(value: str, form: str) -> bool:
    try:
        datetime.strptime(value, form)  # noqa: DTZ007  only the form is looked at
    except ValueError:
        return False
    return True
