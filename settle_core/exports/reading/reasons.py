"""Why a row is not accepted: what is wrong with which value, and the key that would mend it."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from functools import lru_cache
from typing import Final

from settle_core.exports.profiles.checks import SIDES
from settle_core.exports.profiles.keys import EXCEL, INSTANT, NUMBERED, Dialect
from settle_core.exports.reading import packed, zones
from settle_core.exports.reading.typed import Typing

VALUE_MAX: Final = 200
SHAPES_MAX: Final = 1000  # of values for which a form is looked for
AMOUNTS: Final = ("amount", "settled_amount")
LACKING: Final = "; it lacks digits, without which it might be read in two ways"
EXPONENT: Final = "; what is written with an exponent may have lost digits: export it in full"
_MARKS: Final = ".,' \N{RIGHT SINGLE QUOTATION MARK}\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}"
_DIGITS: Final = f"[0-9][0-9{_MARKS}]*"
_FINER: Final = re.compile(r"(\.\d{6})\d{1,3}(?!\d)")
_DASHES: Final = "\N{HYPHEN}-\N{HORIZONTAL BAR}\N{MINUS SIGN}-"
_MINUS: Final = "-\N{MINUS SIGN}"
_EXPONENT: Final = re.compile(r"[-+]?[0-9]+([.,][0-9]*)?[eE][-+]?[0-9]+")
_NINES: Final = str.maketrans("12345678", "99999999")
_DIGITS_AS_ONE: Final = str.maketrans("0123456789", "9999999999")
_OTHER_DAYS: Final = (
    *("%Y-%m-%d", "%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%Y%m%d", "%d-%m-%Y"),
    *("%y-%m-%d", "%d.%m.%y", "%d/%m/%y", "%m/%d/%y"),
)
# Of the ISO ones only those that need to be named.
_OTHER_INSTANTS: Final = tuple(
    f"{day}{between}{clock}{zone}"
    for day in _OTHER_DAYS
    for between in (" ", "T")
    for clock in ("%H:%M:%S", "%H:%M:%S.%f", "%H:%M", "%I:%M:%S %p", "%I:%M %p")
    for zone in ("", " %z", "%z")
    if day != "%Y-%m-%d" or zone == " %z" or "%p" in clock
)
# The years before 1000, in which some systems have their zero.
_ZERO: Final = re.compile(r"0\d{3}-\d\d-\d\d[T ]\d\d:")
_SHORT_ZONE: Final = re.compile(r"(?<=\d) ?\(?[A-Z]{2,5}\)?\s*$")
_BEHIND_OFFSET: Final = re.compile(r"(?<=\d) ?(\(?[A-Z]{2,5}\)?|\([A-Za-z ]+\))\s*$")
_ZONE: Final = (
    "; a zone's short name is that of several: it is read by a csv.timestamp_format with %Z where "
    "clock.zone has it at that hour; or export UTC, or the offset beside it"
)
_ZERO_YEAR: Final = re.compile(r"(?<!\d)0\d{3}(?!\d)")


def reason(unread: str, row: Mapping[str, str | None], typing: Typing) -> str:
    """Why a value could not be read.

    Args:
        unread: which of our columns.
        row: the exported values by our names.
        typing: how they were read.
    """
    csv = typing.csv
    if unread in AMOUNTS:
        return _money(unread, row, typing)
    value = row[unread]
    if value is None or (value == "" and unread != "kind"):
        return f"{unread} is empty"
    told = {"kind": _kind, "week_start": _week, "effective_date": _effective}.get(unread)
    if told is not None:
        return told(value, row, typing)
    hint = _instant_hint(value, typing)
    return f"{unread} {_shown(value)} is not an instant of the form {_form(csv)}{hint}"


def _kind(value: str, _row: Mapping[str, str | None], typing: Typing) -> str:
    kinds = typing.profile.entries.kinds
    counter = () if typing.profile.is_marked else kinds.counter
    known = ", ".join((*kinds.entry, *counter, *kinds.correction))
    return f"kind {_shown(value)} is unknown: the profile knows {known}; see entries.kinds"


def _effective(value: str, _row: Mapping[str, str | None], typing: Typing) -> str:
    csv, shown = typing.csv, _shown(value)
    if typing.profile.is_instant(typing.table):
        hint = _instant_hint(value, typing)
        return f"effective_date {shown} is not an instant of the form {_form(csv)}{hint}"
    hint = _day_hint(value, typing)
    return f"effective_date {shown} is not a date of the form {csv.date_format}{hint}"


def _shown(value: str) -> str:
    return repr(value if len(value) <= VALUE_MAX else f"{value[:VALUE_MAX]}...")


def _form(csv: Dialect) -> str:
    return csv.timestamp_format or "ISO 8601"


def _week(value: str, row: Mapping[str, str | None], typing: Typing) -> str:
    profile, csv = typing.profile, typing.csv
    period = profile.settlements.period
    means = period.means if period else "start"
    weekday = profile.calendar.week_start.capitalize()
    shown = _shown(value)
    if means in NUMBERED:
        return (
            f"period {shown} is no {means.replace('iso', 'ISO').replace('_', ' ')}, as 2026-W37, "
            "2026 37 or KW 37/2026; see "
            "settlements.period"
        )
    first, last = _day(row.get("first_day"), csv), _day(value, csv)
    if means in {"last_day", "end"} and first and last:
        days = (last - first).days + (means == "last_day")
        if days != 7:  # noqa: PLR2004  a week
            return (
                f"a settled period of {days} days, from {first} to {shown}: weeks are audited; "
                "see settlements.period"
            )
    if means in {"last_day", "end"}:
        what = "last day" if means == "last_day" else "end"
        return (
            f"period {shown} is not the {what} of a week that starts on a {weekday}"
            f", of the form {csv.date_format}; see settlements.period and calendar.week_start"
        )
    is_day = fits(value, csv.date_format)
    see = "; see settlements.period and calendar.week_start"
    hint = see if is_day else _day_hint(value, typing)
    return f"week_start {shown} is not a {weekday} of the form {csv.date_format}{hint}"


def _day(value: str | None, csv: Dialect) -> date | None:
    try:
        return datetime.strptime(value or "", csv.date_format).date()  # noqa: DTZ007  a date
    except ValueError:
        pass
    try:
        return date.fromisoformat((value or "")[:10])
    except ValueError:
        return None


def _day_hint(value: str, typing: Typing) -> str:
    if typing.csv.date_format == INSTANT:
        return "; see clock.zone, in which it is a day, and calendar.week_start"
    if re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:", value):
        return '; csv.date_format = "instant" takes the day of an instant'
    form = typing.csv.date_format
    if _lacks_digits(value, form):
        return LACKING
    if fits(value, form):
        return _no_year(value)
    if form != EXCEL and re.fullmatch(r"[1-9][0-9]{4}", value):
        return '; csv.date_format = "excel" would read it, as days since 30 December 1899'
    found = _form_of(value, (form.replace("%Y", "%y"), *_OTHER_DAYS), typing)
    return f'; csv.date_format = "{found}" would read it' if found else "; see csv.date_format"


def _no_year(value: str) -> str:
    """Of what Python reads by the profile's form, why it is not taken."""
    return "; a year before 1000 is none" if _ZERO_YEAR.search(value) else "; it lacks digits"


def _form_of(value: str, forms: tuple[str, ...], typing: Typing) -> str:
    """The first of some forms that reads a day or an instant, or nothing.

    Of values that look alike only the first is tried by all of them.
    """
    shape = value.translate(_DIGITS_AS_ONE)
    if shape not in typing.forms and len(typing.forms) < SHAPES_MAX:
        typing.forms[shape] = next((form for form in forms if fits(value, form)), "")
    form = typing.forms.get(shape, "")
    return form if form and fits(value, form) else ""


def fits(value: str, form: str) -> bool:
    """Whether a day or an instant is written in a form of `strptime`."""
    return parsed(value, form) is not None


def parsed(value: str, form: str) -> datetime | None:
    """A day or an instant of a form of `strptime`; None if it is written in another one.

    Of a second six digits are read before an offset, and more are cut off, as everywhere else.
    A zone's name behind an offset says nothing more; without one any short name is a zone,
    and any in full.
    """
    if not packed.is_whole(value, form):
        return None
    if "%f" in form and "%z" in form:
        value = _FINER.sub(r"\1", value)
    if form.endswith("%z %Z"):
        value, form = _BEHIND_OFFSET.sub("", value), form.removesuffix(" %Z")
    elif "%Z" in form:
        value = zones.FULL.sub("UTC", zones.WITHIN.sub("UTC", value))
    try:
        return datetime.strptime(value, form)  # noqa: DTZ007  only the form is looked at
    except ValueError:
        return None


def _lacks_digits(value: str, form: str) -> bool:
    """Whether it is written in a form but for digits of numbers that stand together."""
    try:
        datetime.strptime(value, form)  # noqa: DTZ007  only the form is looked at
    except ValueError:
        return False
    return not packed.is_whole(value, form)


def _instant_hint(value: str, typing: Typing) -> str:
    csv = typing.csv
    if csv.timestamp_format.startswith(("epoch", "ms_", EXCEL)):
        return "; see csv.timestamp_format"
    own = csv.timestamp_format
    if "%Z" in own and "%z" not in own and zones.name_in(value):
        return _ZONE
    if own and _lacks_digits(value, own):
        return LACKING
    for name, pattern in (
        ("epoch_s", r"[0-9]{9,10}"),
        ("epoch_ms", r"[0-9]{12,13}"),
        ("epoch_us", r"[0-9]{15,16}"),
        ("epoch_ns", r"[0-9]{18,19}"),
        ("ms_json", r"\\?/Date\(.*"),
        (EXCEL, r"[1-9][0-9]{4}\.[0-9]{3,}"),
    ):
        if re.fullmatch(pattern, value):
            return f'; csv.timestamp_format = "{name}" would read it'
    if fits(value, own) if own else _ZERO.match(value):
        return _no_year(value)
    return _other_instant(value, typing)


def _other_instant(value: str, typing: Typing) -> str:
    """The form that would read an instant, or why there is none."""
    own = typing.csv.timestamp_format
    if _SHORT_ZONE.search(value) and (not own or own.endswith("%Z")):
        return _ZONE
    form = _form_of(value, (own.replace("%Y", "%y"), *_OTHER_INSTANTS), typing)
    if form and form != own:
        return f'; csv.timestamp_format = "{form}" would read it'
    return "; see csv.timestamp_format"


def _money(unread: str, row: Mapping[str, str | None], typing: Typing) -> str:
    given = typing.profile.table(typing.table).amount
    path = f"{'entries' if typing.table == 'entry' else 'settlements'}.amount"
    own, other = row[unread], row.get("amount_other")
    if given is not None and given.positive:
        debit, credit = given.debit, given.credit
        if own is None and other is None:
            return f"neither {debit} nor {credit} is filled; see {path}"
        bad = [v for v in (own, other) if v is not None and _wrong(v, row, typing)]
        if not bad:
            return (
                f"both {debit} {_shown(own or '')} and {credit} {_shown(other or '')} are filled; "
                f"see {path}"
            )
        return f"{unread} {_shown(bad[0])} {_wrong(bad[0], row, typing)}"
    if own is None:
        return f"{unread} is empty"
    wrong = _wrong(own, row, typing)
    if given is not None and given.direction and not wrong:
        known = ", ".join((*given.plus, *given.minus))
        found = _shown(row.get("direction") or "")
        return f"{given.direction} {found} tells no sign: the profile knows {known}; see {path}"
    return f"{unread} {_shown(own)} {wrong or 'has more digits than can be kept exactly (18)'}"


def _wrong(value: str, row: Mapping[str, str | None], typing: Typing) -> str:
    """What is wrong with an amount as it is written, nothing if it is well written.

    Which digits it has matters only where they are zeros: of a million amounts most are alike.
    """
    currency = row.get("currency") or typing.profile.money.currency
    return _wrong_form(value.translate(_NINES), currency, typing)


@lru_cache(maxsize=10_000)
def _wrong_form(value: str, currency: str, typing: Typing) -> str:
    csv, profile = typing.csv, typing.profile
    text = typing.bare(value)
    if not re.fullmatch(typing.amount_pattern(99), text):
        return f"is not a number with the decimal mark {csv.decimal!r}{_money_hint(value, csv)}"
    minor = profile.table(typing.table).money.unit == "minor"
    scale = 0 if minor else typing.scales.get(currency.strip().upper(), typing.own_scale)
    decimals = text.partition(csv.decimal)[2].rstrip("-)").rstrip("0")
    if len(decimals) > scale:
        more = f" of {currency}; see money.scales" if typing.scales else "; see money.scale"
        hint = '; see money.unit, which is "minor"' if minor else more
        return f"has more than {scale} decimals{hint}"
    whole = sum(c.isdigit() for c in text.partition(csv.decimal)[0])
    return "has more digits than can be kept exactly (18)" if whole > 18 - typing.scale else ""


def _money_hint(value: str, csv: Dialect) -> str:
    """The key that would let an amount be read as it is written."""
    text = value.strip()
    dashed = EXPONENT if _EXPONENT.fullmatch(text) else _dash_hint(text)
    if dashed:
        return dashed
    if csv.negative != "trailing" and re.fullmatch(f"{_DIGITS}[{_MINUS}]", text):
        return '; csv.negative = "trailing" reads a minus behind'
    if csv.negative != "parentheses" and re.fullmatch(rf"\({_DIGITS}\)", text):
        return '; csv.negative = "parentheses" reads it'
    word = f"([^\\d\\s.,+(){_DASHES}]+)"
    mark = re.fullmatch(f"[{_MINUS}+]?(?:{word} ?{_DIGITS}|{_DIGITS} ?{word})", text)
    if mark and (mark[1] or mark[2]).lower().rstrip(".") in SIDES:
        return f'; csv.minus_marks or csv.plus_marks = ["{mark[1] or mark[2]}"] reads it'
    if mark:
        return f'; csv.currency_marks = ["{(mark[1] or mark[2]).strip()}"] reads it'
    return _mark_hint(text, csv) or "; see csv.decimal, csv.thousands and csv.negative"


def _dash_hint(text: str) -> str:
    if re.fullmatch(f"[{_MINUS}+]?{_DIGITS}[.,][{_DASHES}]+", text):
        return "; a dash stands for no decimals: export amounts with all of them"
    if re.fullmatch(f"[{_DASHES}] ?{_DIGITS}", text) and text[0] not in _MINUS:
        return f'; csv.minus_marks = ["{text[0]}"] reads it'
    return ""


def _mark_hint(text: str, csv: Dialect) -> str:
    """The decimal mark or the mark of thousands that would fit."""
    other = "," if csv.decimal == "." else "."
    if re.fullmatch(rf"[-+]?[0-9]+\{other}([0-9]{{1,2}}|[0-9]{{4,}})", text):
        return f'; csv.decimal = "{other}" would read it'
    groups = re.fullmatch(rf"[-+]?[0-9]{{1,3}}(?:([{_MARKS}])[0-9]{{3}})+(.*)", text)
    if groups and groups[1] == csv.decimal and groups[2][:1] == other:
        return f'; csv.decimal = "{other}" and csv.thousands = "{groups[1]}" would read it'
    if groups and groups[1] != csv.decimal and not csv.thousands:
        mark = " " if groups[1].isspace() else groups[1]
        return f'; csv.thousands = "{mark}" reads groups of three'
    return ""
