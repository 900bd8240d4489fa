"""Which weeks are asked for by `FROM:TO`, and that these are whole by the profile."""

from datetime import date, timedelta
from typing import Final, NamedTuple

from settle_core.errors import Fault
from settle_core.exports.profiles.profile import Profile

OPTION: Final = "--weeks"
DAYS: Final = 7


class AskedWeeks(NamedTuple):
    """Weeks by their first days, both inclusive; where an end is missing, it is of all days."""

    first: date = date.min
    last: date = date.max


def read(weeks: str) -> AskedWeeks:
    """Read `FROM:TO`, either of which may be missing, or one day; empty: all. Raises Fault."""
    first, colon, last = weeks.partition(":")
    last = last if colon else first
    return AskedWeeks(_date(first) or date.min, _date(last) or date.max)


def demand_whole(weeks: str, profile: Profile) -> None:
    """Raise Fault unless `FROM` is the first day of a week, and `TO` the first or last of one.

    Of another day it would have to be guessed whether its week is meant.
    """
    first, last = read(weeks)
    if first != date.min and _place(first, profile):
        raise _within(first, "FROM", "", profile)
    if last != date.max and _place(last, profile) not in {0, DAYS - 1}:
        raise _within(last, "TO", ", or the last day of that week", profile)
    if first > last:
        expected = "FROM not after TO"
        raise Fault("no week", where=OPTION, expected=expected, found=weeks)


def _place(day: date, profile: Profile) -> int:
    """Which day of its week it is, from 0 on."""
    return (day.weekday() - profile.week_offset_days) % DAYS


def _within(day: date, name: str, more: str, profile: Profile) -> Fault:
    place = _place(day, profile)
    begins = profile.calendar.week_start.capitalize()
    before = day - timedelta(days=place) if day.toordinal() > place else None
    after = day + timedelta(days=DAYS - place) if day <= date.max - timedelta(days=DAYS) else None
    near = " or ".join(each.isoformat() for each in (before, after) if each)
    return Fault(
        f"{name} is within a week",
        where=OPTION,
        expected=f"a {begins}, on which weeks begin{more}",
        found=f"{day}, a {day:%A}",
        todo=f"give {near}",
    )


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        expected = "FROM:TO as 2026-08-03:2026-10-19"
        raise Fault("not a date", where=OPTION, expected=expected, found=repr(text)) from error
