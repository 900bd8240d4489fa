"""Stamps of traditional syslog, which tell neither year nor zone: `Nov 26 07:13:01 db1`.

A line is taken to be of the year that brings it nearest to the rows in question. Where these are of
more than most of a year, that would be a guess, and the stamp stays as it is.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

_HEAD: Final = re.compile(
    r"(<\d+>)?([A-Z][a-z]{2}) ([ \d]\d) (\d\d)(:\d\d:\d\d(?:\.\d+)?) (?=\S+ )"
)
_MONTHS: Final = tuple("JanFebMarAprMayJunJulAugSepOctNovDec"[k : k + 3] for k in range(0, 36, 3))
# Rows that are further apart than this may be near a line in more than one year.
_APART_MAX_US: Final = 240 * 86_400_000_000


class Dating(NamedTuple):
    """How lines without a year are dated: near an instant, by the clock of a zone."""

    near_us: int
    zone: str

    def dated(self, line: str) -> str:
        """The line with a stamp of RFC 3339 in place of one without a year."""
        found = _HEAD.match(line)
        if found is None:
            return line
        priority, month, day, hour, rest = found.groups()
        told = _hour(self, month, int(day), int(hour))
        if told is None:
            return line
        date, offset = told
        return f"{priority or ''}{date}{rest}{offset} {line[found.end() :]}"


def dating(windows: Sequence[tuple[int, int]], zone: str) -> Dating | None:
    """How to date lines near some times, None where those do not tell the year."""
    if not windows:
        return Dating(0, zone)
    first, last = windows[0][0], windows[-1][1]
    return Dating((first + last) // 2, zone) if last - first < _APART_MAX_US else None


def is_yearless(lines: Sequence[str]) -> bool:
    """Whether lines begin with such a stamp."""
    return any(_HEAD.match(line) for line in lines)


@lru_cache(maxsize=512)
def _hour(how: Dating, month: str, day: int, hour: int) -> tuple[str, str] | None:
    """A date with its hour, and how far its zone is ahead of UTC; None if it is no such day."""
    if month not in _MONTHS:
        return None
    near = datetime.fromtimestamp(how.near_us / 1_000_000, UTC)
    moments = []
    for year in (near.year - 1, near.year, near.year + 1):
        try:
            number = _MONTHS.index(month) + 1
            moments.append(datetime(year, number, day, hour, tzinfo=ZoneInfo(how.zone)))
        except ValueError:  # the 29th of February
            continue
    if not moments:
        return None
    moment = min(moments, key=lambda each: abs(each - near))
    text = moment.isoformat(timespec="hours")
    return text[:13], text[13:] or "+00:00"
