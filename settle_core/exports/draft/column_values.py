"""How the values of a column are written: days, instants and numbers, in what forms."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Final, NamedTuple

from settle_core.exports.profiles.keys import EXCEL
from settle_core.exports.reading import zones
from settle_core.exports.reading.reasons import fits, parsed

DATES: Final = (
    *("%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y%m%d", "%d-%b-%Y"),
    *("%d.%m.%y", "%m/%d/%y", "%d/%m/%y", "%d-%m-%y", "%y-%m-%d", "%d-%b-%y"),
    *("%d %b %Y", "%b %d, %Y", "%d %B %Y", "%B %d, %Y"),
    *("%Y.%m.%d", "%Y\u5e74%m\u6708%d\u65e5", "%Y\ub144 %m\uc6d4 %d\uc77c"),
    *("%a, %d %b %Y", "%a %d %b %Y", "%A, %d %B %Y", "%a, %b %d, %Y", "%A, %B %d, %Y"),
)
# Without a mark between their numbers: of ids as much, so only where a name says that it is a day.
BARE_DATES: Final = ("%d%m%Y", "%y%m%d", "%d%m%y")
WORDS_MAX: Final = 3  # before a day
BARE_WORDS: Final = ("date", "datum", "day", "tag", "fecha", "data", "valuta", "week", "woche")
JAVA: Final = "%a %b %d %H:%M:%S %Z %Y"  # its zone before the year, and none behind
MAILED: Final = ("%a, %d %b %Y %H:%M:%S", "%a %b %d %Y %H:%M:%S", "%a %b %d %H:%M:%S %Y")
CLOCKS: Final = (
    *("%H:%M:%S.%f", "%H:%M:%S,%f", "%H:%M:%S", "%H:%M", "%H%M%S", "%H:%M Uhr", "%H:%M:%S Uhr"),
    *("%I:%M:%S.%f %p", "%I:%M:%S %p", "%I:%M %p", "%I:%M%p", "%I:%M:%S%p"),
    *("%H.%M.%S.%f", "%H.%M.%S", "%I.%M.%S.%f %p", "%I.%M.%S %p", "%H.%M"),
)
PACKED: Final = (
    *("%Y%m%d%H%M%S", "%Y%m%dT%H%M%S", "%Y%m%d%H%M", "%y%m%d%H%M%S"),
    *("%Y%m%dT%H%M%S.%f", "%Y%m%d%H%M%S.%f"),
)
# With other marks than a space between a day and a clock: of DB2, of SQL Server, of web servers.
MARKED: Final = (
    *("%Y-%m-%d-%H.%M.%S.%f", "%Y-%m-%d-%H.%M.%S", "%b %d %Y %I:%M:%S:%f%p", "%b %d %Y %I:%M%p"),
    "%d/%b/%Y:%H:%M:%S",
)
BETWEEN: Final = (" ", ", ", "T")  # a day and a clock
ZONES: Final = ("", "%z", " %z", " UTC", " GMT", " %z %Z", " %Z", " GMT%z", " GMT%z %Z")
# Zones whose short names are met, of several with the same ones the one first.
SHORT_NAMED: Final = (
    *("America/New_York", "America/Chicago", "America/Denver", "America/Los_Angeles"),
    *("America/Phoenix", "America/Anchorage", "Pacific/Honolulu", "America/Halifax"),
    *("Europe/Berlin", "Europe/London", "Europe/Dublin", "Europe/Helsinki", "Europe/Lisbon"),
    *("Asia/Kolkata", "Asia/Jerusalem", "Asia/Tokyo", "Asia/Seoul", "Asia/Shanghai"),
    *("Asia/Hong_Kong", "Australia/Sydney", "Australia/Brisbane", "Australia/Perth"),
    *("Pacific/Auckland", "Africa/Johannesburg", "Africa/Lagos", "Africa/Nairobi"),
)
ISO: Final = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(?P<zone>Z|[+-]\d\d(:?\d\d)?| (UTC|GMT))?"
)
OFFSET: Final = re.compile(
    r"(Z|[+-]\d\d:?\d\d( \(?[A-Z]{2,5}\)?| \([A-Za-z ]+\))?|:\d\d(\.\d+)?[+-]\d\d| (UTC|GMT))$"
)
ISO_NAME: Final = "ISO 8601"
# As period_iso_week.sql has them; numbers alone are a week only where a name says so.
WEEK_WORD: Final = "(w|kw|cw|wk|week|woche|sem|semaine|semana|vecka|uge)"
ISO_WEEK: Final = re.compile(
    rf"\d{{4}}[-/. ]*{WEEK_WORD}[-. ]*\d{{1,2}}|\d{{4}}-W\d\d-1|"
    rf"{WEEK_WORD}[-. ]*\d{{1,2}}[-/., ]+('?\d\d|\d{{4}})",
    re.IGNORECASE,
)
BARE_WEEK: Final = re.compile(r"\d{4}[-/. ]*\d\d|\d\d?[-/., ]+\d{4}")
WEEK_NAME: Final = re.compile(r"week|woche|kw|cw|wk|semaine|semana|settimana|vecka", re.IGNORECASE)
# Days as a spreadsheet counts them, of the years 2000 to 2050.
EXCEL_DAY: Final = re.compile(r"(3[6-9]|4\d|5[0-4])\d{3}")
EXCEL_INSTANT: Final = re.compile(r"(3[6-9]|4\d|5[0-4])\d{3}(\.\d{3,})?")
EXCEL_ZERO: Final = datetime(1899, 12, 30)  # noqa: DTZ001  of no zone
# Since 1970, by how many make a second; of the years 2005 to 2039, since shorter ones are ids.
EPOCHS: Final = {"epoch_s": 1, "epoch_ms": 10**3, "epoch_us": 10**6, "epoch_ns": 10**9}
MS_JSON: Final = re.compile(r"\\?/Date\((-?\d{1,14})([+-]\d{4})?\)\\?/")
EPOCH: Final = re.compile(r"\d{10,19}(\.\d*)?")
EPOCH_SPAN: Final = (1_104_537_600, 2_208_988_800)
NOON: Final = timedelta(hours=12)
DAY_SECONDS: Final = 86_400
HALF_DAY_MIN: Final = 100  # instants
DAYS_MIN: Final = 4  # fewer may be at one time of the day by chance
CLOCK_TIMES_MAX: Final = 2
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
    named = any(word in column.name.lower() for word in BARE_WORDS)
    if named and all_are(EXCEL_DAY, column.values):
        return (EXCEL,)
    forms = (*DATES, *BARE_DATES) if named else DATES
    found = tuple(f for f in forms if column.values and all(fits(v, f) for v in column.values))
    return found or _behind_words(column.values)


def _behind_words(values: Sequence[str]) -> tuple[str, ...]:
    """The formats of days that stand behind the same words in each row, as in "Week of"."""
    for count in range(1, WORDS_MAX + 1):
        starts = {" ".join(value.split(" ")[:count]) for value in values}
        if len(starts) != 1 or any(c.isdigit() or c == "%" for c in "".join(starts)):
            return ()
        (start,) = starts
        forms = (f"{start} {form}" for form in DATES)
        found = tuple(f for f in forms if all(fits(v, f) for v in values))
        if found:
            return found
    return ()


@lru_cache
def timestamp_formats(column: Column) -> tuple[str, ...]:
    """The formats that read every value as an instant; ISO 8601 comes alone."""
    if column.stored_as.startswith("TIMESTAMP") or all_are(ISO, column.values):
        return (ISO_NAME,)
    if not column.values:
        return ()
    first = column.values[0]
    days = [day for day in DATES if _begins(first, day)]
    clocks = [f"{day}{b}{clock}" for day in days for b in BETWEEN for clock in CLOCKS]
    forms = [f"{each}{z}" for each in (*clocks, *PACKED, *MAILED, *MARKED) for z in _zones(first)]
    forms.append(JAVA)
    told = dict.fromkeys(forms)
    found = tuple(form for form in told if all(fits(v, form) for v in column.values))
    if not any(map(_is_short, found)) or not _named([column]) or zone_of([column]):
        return found
    return tuple(form for form in found if not _is_short(form))


def _is_short(form: str) -> bool:
    """Whether a short name alone tells the zone of an instant."""
    return "%Z" in form and "%z" not in form


def zone_of(columns: Sequence[Column]) -> str:
    """A zone that has the short names in instants; nothing where some differ, or none is named.

    The names are those of one zone or of several that are as far from UTC by them. Likewise one
    that all instants name in full.
    """
    names = _named(columns)
    full = {zones.full_name_in(value) for column in columns for value in column.distinct}
    if len(full) == 1 and not names:
        return full.pop()
    found = [each for each in SHORT_NAMED if names <= zones.short_names(each).keys()]
    offsets = {tuple(zones.short_names(each)[name] for name in sorted(names)) for each in found}
    return found[0] if names and len(offsets) == 1 else ""


def _named(columns: Sequence[Column]) -> set[str]:
    """The short names of zones in instants."""
    return {zones.name_in(value) for column in columns for value in column.distinct} - {""}


def _begins(value: str, form: str) -> bool:
    """Whether a day of a form, as many words as it has, may stand before a clock."""
    words = re.split(r" |(?<=\d)T", value.replace(",", ""))[: form.count(" ") + 1]
    return fits(" ".join(words), form.replace(",", ""))


def _zones(value: str) -> Iterator[str]:
    """The ways in which an instant may end: of each that it cannot, all days were tried."""
    for zone in ZONES:
        if zone in {" UTC", " GMT"}:
            is_one = value.endswith(zone)
        elif zone == " %Z":
            is_one = bool(zones.name_in(value) or zones.full_name_in(value))
        elif zone.startswith(" GMT%z"):
            is_one = " GMT" in value and value.endswith(")") == zone.endswith("%Z")
        else:
            is_one = value[-1].isalpha() if zone == " %z %Z" else True
        if is_one:
            yield zone


@lru_cache
def instant_formats(column: Column) -> tuple[str, ...]:
    """The same, and of whole numbers what since 1970 they may count."""
    return timestamp_formats(column) or _epochs(column)


def clock_formats(column: Column) -> tuple[str, ...]:
    """The same, and of a column of days those of days: a clock that is no finer."""
    return instant_formats(column) or date_formats(column)


def resolution(column: Column) -> str:
    """How fine a clock is, as a profile calls it: what its values, or their form, leave out."""
    forms = clock_formats(column)
    if not forms:
        return "exact"
    if not instant_formats(column):
        return "day"
    values = column.distinct
    is_told = len(values) >= DAYS_MIN and all(not day_of(v, forms[0]).second for v in values)
    return "minute" if is_told else "exact"


def is_half_day(column: Column) -> bool:
    """Whether every hour from 1 to 12 comes, no other one does, and AM or PM is not there."""
    forms = instant_formats(column)
    if len(column.distinct) < HALF_DAY_MIN or has_offset(column) or not forms:
        return False
    if column.stored_as != "VARCHAR" or forms[0] in EPOCHS or forms[0] in {EXCEL, "ms_json"}:
        return False
    if "%p" in forms[0]:
        return False
    if forms[0] == ISO_NAME:
        hours = {int(value[11:13]) for value in column.values}
    else:
        read = (parsed(value, forms[0]) for value in column.values)
        hours = {each.hour for each in read if each}
    return hours == set(range(1, 13))


def _epochs(column: Column) -> tuple[str, ...]:
    if all_are(MS_JSON, column.values):
        return ("ms_json",)
    if all_are(EXCEL_INSTANT, column.values) and any("." in v for v in column.values):
        return (EXCEL,)
    if not all_are(EPOCH, column.values):
        return ()
    first, last = (extreme(map(Decimal, column.values)) for extreme in (min, max))
    low, high = EPOCH_SPAN
    return tuple(n for n, each in EPOCHS.items() if low <= first / each and last / each < high)


def day_of(value: str, form: str) -> datetime:
    """The day that a value tells, in the zone that it is written in; an hour before it counts.

    Midnight in some zone is on the hour, perhaps of the day before, where another zone is written.
    """
    if form == ISO_NAME:
        day = datetime.fromisoformat(value[:19].replace(" ", "T"))
    elif form == "ms_json":
        told = MS_JSON.fullmatch(value)
        day = datetime.fromtimestamp(int(told[1] if told else 0) / 1000, UTC)
    elif form == EXCEL:
        day = EXCEL_ZERO + timedelta(days=float(value))
    elif form in EPOCHS:
        day = datetime.fromtimestamp(float(Decimal(value) / EPOCHS[form]), UTC)
    else:
        day = parsed(value, form) or datetime.fromtimestamp(0, UTC)
    day = day.replace(tzinfo=None)
    return day if day.minute or day.second else day + NOON


def is_day_told(column: Column) -> bool:
    """Whether its instants are of one time of the day, or of two where a clock is set: of days."""
    forms = instant_formats(column)
    days = column.distinct
    if not forms or len(days) < DAYS_MIN:
        return False
    return len({_time_of(value, forms[0]) for value in days}) <= CLOCK_TIMES_MAX


def _time_of(value: str, form: str) -> object:
    if form == ISO_NAME:
        return value[11:]
    if form == EXCEL:
        return Decimal(value) % 1
    if form in EPOCHS:
        return Decimal(value) / EPOCHS[form] % DAY_SECONDS
    if form == "ms_json":
        told = MS_JSON.fullmatch(value)
        return int(told[1] if told else 0) % (DAY_SECONDS * 1000)
    read = parsed(value, form)
    return read and read.timetz()


def is_iso_week(column: Column) -> bool:
    """Whether every value tells a year and an ISO week."""
    is_named = WEEK_NAME.search(column.name) is not None
    is_bare = is_named and all_are(BARE_WEEK, column.values) and not date_formats(column)
    return all_are(ISO_WEEK, column.values) or is_bare


def has_offset(column: Column) -> bool:
    """Whether every instant says how far from UTC it is."""
    counted = () if timestamp_formats(column) else _epochs(column)
    if counted:
        return counted != (EXCEL,)
    if any(map(_is_short, timestamp_formats(column))):
        return True
    aware = column.stored_as == "TIMESTAMP WITH TIME ZONE"
    return aware or (bool(column.values) and all(OFFSET.search(v) for v in column.values))


def is_currency(column: Column) -> bool:
    """Whether every value is a code of three letters."""
    return all_are(CURRENCY, column.values)


def is_unique(column: Column) -> bool:
    """Whether no value comes twice and none is empty."""
    return column.is_whole and len(set(column.values)) == len(column.values)


def all_are(form: re.Pattern[str], values: Sequence[str]) -> bool:
    """Whether every value is of a form, and there is one."""
    return bool(values) and all(form.fullmatch(v) for v in values)
