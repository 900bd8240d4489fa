"""Short names of zones, as PDT: many are those of several zones, so clock.zone says of which."""

import re
from datetime import UTC, datetime
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

YEARS: Final = range(2000, 2041)
# Read whatever the zone is, so no short names of one; see moment_named.sql.
OF_ALL: Final = frozenset({"UTC", "GMT"})
NAME: Final = re.compile(r"[A-Z]{3,5}")
# Where it stands in an instant: behind the clock, at the end or before the year.
FULL: Final = re.compile(r"(?<=[\dM] )([A-Z][A-Za-z_]+/[A-Z][A-Za-z_/-]+)$")
WITHIN: Final = re.compile(r"(?<=[\dM] )\(?([A-Z]{3,5})\)?(?= \d{4}$|\s*$)")


@cache
def short_names(zone: str) -> dict[str, int]:
    """The short names that a zone has, each with its seconds from UTC; none that changed them."""
    found: dict[str, set[int]] = {}
    there = ZoneInfo(zone)
    for year in YEARS:
        for month in range(1, 13):
            at = datetime(year, month, 15, 12, tzinfo=UTC).astimezone(there)
            offset = at.utcoffset()
            if offset is not None:
                found.setdefault(at.tzname() or "", set()).add(int(offset.total_seconds()))
    return {
        name: next(iter(offsets))
        for name, offsets in found.items()
        if len(offsets) == 1 and NAME.fullmatch(name) and name not in OF_ALL
    }


def told(form: str, zone: str) -> list[str]:
    """What moment_short.sql takes: the form, the zone, how names look, and the offset of each."""
    names = short_names(zone)
    looks = rf"(^|[^A-Za-z])({'|'.join(names)})([^A-Za-z]|$)"
    return [form, zone, looks, *(f"{name}={seconds}" for name, seconds in names.items())]


def full_name_in(value: str) -> str:
    """The zone that an instant names in full at its end, or nothing."""
    found = FULL.search(value)
    return found[1] if found else ""


def name_in(value: str) -> str:
    """The short name in an instant that no zone but its own explains, or nothing."""
    found = WITHIN.search(value)
    return found[1] if found and found[1] not in OF_ALL else ""
