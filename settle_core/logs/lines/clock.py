"""Instants as logs print them, in microseconds."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

_INSTANT: Final = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,9}))?"
    r" ?(Z|UTC|GMT|[+-]\d\d:?(?:\d\d)?)?"
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = 1_000_000
_YEAR_SHORT: Final = 6  # a date without its century, as old servers print it


@lru_cache(maxsize=512)
def _hour_us(date: str, hour: str, zone: str) -> int:
    """The start of an hour; zones are asked once an hour of the log, not once a line."""
    moment = datetime.fromisoformat(f"{date}T{hour}:00:00")
    if zone[:1] in {"+", "-"}:
        digits = zone[1:].replace(":", "").ljust(4, "0")
        ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        moment = moment.replace(tzinfo=UTC) - (ahead if zone[0] == "+" else -ahead)
    elif zone in {"Z", "UTC", "GMT"}:
        moment = moment.replace(tzinfo=UTC)
    else:
        moment = moment.replace(tzinfo=ZoneInfo(zone))
    return (moment - _EPOCH) // timedelta(microseconds=1)


def instant(text: str, zone: str = "UTC") -> int | None:
    """The instant at the start of a text, None if there is none.

    Args:
        text: ISO 8601, with a space or a T, a point or a comma before the fraction.
        zone: IANA name of the zone of a time that carries none.
    """
    found = _INSTANT.match(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    try:
        start = _hour_us(f"{year}-{month}-{day}", hour, offset or zone)
    except ValueError:
        return None
    us = (int(minute) * 60 + int(second)) * _SECOND
    return start + us + (int(fraction[:6].ljust(6, "0")) if fraction else 0)


def told(us: int) -> str:
    """An instant as ISO 8601 in UTC."""
    return (_EPOCH + timedelta(microseconds=us)).isoformat(timespec="milliseconds")


def step(text: str) -> int:
    """How fine the instant at the start of a text is told; a second where it is not known."""
    found = _INSTANT.match(text)
    digits = min(len(found[7] or ""), 6) if found else 0
    return int(10 ** (6 - digits))


def compact(text: str, zone: str = "UTC") -> int | None:
    """The instant of a text such as `261126  7:13:04` (old servers), else as `instant`."""
    date, _, time = text.partition(" ")
    if len(date) == _YEAR_SHORT and date.isdigit():
        hour, _, rest = time.strip().partition(":")
        text = f"20{date[:2]}-{date[2:4]}-{date[4:]} {hour.rjust(2, '0')}:{rest}"
    return instant(text, zone)
