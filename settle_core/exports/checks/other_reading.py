"""Other readings of the same files: how many weeks would agree by each, what it is, its key."""

from collections import Counter
from collections.abc import Iterable
from typing import Final, NamedTuple

import duckdb

from settle_core import sql
from settle_core.exports.profiles.profile import Profile

# A reading with more departures from the profile has to fit better to be believed.
_AS_READ: Final = "days_0"
_ANY_TIME: Final = "whenever"
_LAST_DAY: Final = -6
_FORTNIGHTS: Final = ("weeks_0_1", "weeks_-1_0")
_NAMED_DAYS: Final = ("days_-7", "days_-6", "days_7")
_WEEK: Final = 7
_SEVEN: Final = "settlements.period.first_day, which tells the length; weeks are audited"
# What a reading looks like, and its key.
_KNOWN: Final = {
    "weeks_0_1": ("a settlement is of two weeks", _SEVEN),
    "weeks_-1_0": ("a settlement is of two weeks", _SEVEN),
    "weeks_0_3": ("a settlement is of four weeks", _SEVEN),
    "weeks_-3_0": ("a settlement is of four weeks", _SEVEN),
    "balance": (
        "settled amounts are running balances",
        "settlements.columns.settled_amount to the amount of the week alone",
    ),
    "entry_balance": (
        "amounts of entries are running balances",
        "entries.columns.amount to the amount of the row alone",
    ),
    "swapped": ("day and month of entries are swapped", "entries.csv.date_format"),
}


class Other(NamedTuple):
    """Another reading: its name in `other_reading.sql`, what amounts are multiplied with.

    `agreeing` weeks would agree by it.
    """

    name: str
    settled_times: int
    read_times: int
    agreeing: int

    @property
    def departures(self) -> int:
        """In how many ways it differs from the profile."""
        is_scaled = abs(self.settled_times) != self.read_times
        return (self.name != _AS_READ) + is_scaled + (self.settled_times < 0)


def counted(con: duckdb.DuckDBPyConnection, profile: Profile) -> dict[str, list[Other]]:
    """How many weeks of `sampled_week` would agree by each other reading, by currency.

    Creates the temporary table `other_reading`.
    """
    query = sql.text("exports/checks", "other_reading")
    given = {"week_offset_days": profile.week_offset_days}
    con.sql(query, params=given).create("other_reading")
    found: dict[str, list[Other]] = {}
    rows = con.execute(sql.text("exports/checks", "other_count")).fetchall()
    for currency, name, settled_times, read_times, agreeing in rows:
        other = Other(name, settled_times, read_times, agreeing)
        found.setdefault(currency, []).append(other)
    return found


def pooled(groups: Iterable[list[Other]]) -> list[Other]:
    """The readings of several currencies as one."""
    total: Counter[tuple[str, int, int]] = Counter()
    for other in (other for group in groups for other in group):
        total[other[:3]] += other.agreeing
    return [Other(*key, agreeing) for key, agreeing in total.items()]


def best(others: Iterable[Other]) -> Other | None:
    """The one that fits best; of equals, the one that is nearest to the profile."""
    real = [o for o in others if o.departures and o.name != _ANY_TIME]
    return max(
        real, key=lambda o: (o.agreeing, -o.departures, -_oddness(o.name), o.name), default=None
    )


def _oddness(name: str) -> int:
    """How unlikely a reading is beside others that fit as well."""
    days = abs(_days(name))
    if name.startswith("weeks_"):
        return 2 if name in _FORTNIGHTS else 20
    return 10 + days if days and f"days_{_days(name)}" not in _NAMED_DAYS else 1


def at_any_time(others: Iterable[Other]) -> int:
    """How many weeks would agree if the clock of recording were not asked."""
    fitting = (o.agreeing for o in others if o.name == _ANY_TIME and o[1:3] == (1, 1))
    return max(fitting, default=0)


def said(other: Other, profile: Profile) -> tuple[str, str]:
    """What it looks like, and the key that would mend it."""
    looks, keys = [], []
    if other.name != _AS_READ:
        look, key = _window(other.name, profile)
        looks.append(look)
        keys.append(key)
    if abs(other.settled_times) != other.read_times:
        ratio = max(abs(other.settled_times), other.read_times)
        is_small = abs(other.settled_times) > other.read_times
        size = "smaller" if is_small else "bigger"
        looks.append(f"settled amounts are {ratio} times {size} than the entries', in another unit")
        minor = "entries" if is_small else "settlements"
        keys.append(f'{minor}.money.unit = "minor"')
    if other.settled_times < 0:
        looks.append("settled amounts have the opposite sign")
        column = profile.column("settlement", "settled_amount")
        keys.append(f'settlements.amount = {{ column = "{column}", negate = true }}')
    return " and ".join(looks), " and ".join(keys)


def _window(name: str, profile: Profile) -> tuple[str, str]:
    """The same for what decides on the rows of a week."""
    column = profile.column("settlement", "week_start")
    period = f'settlements.period = {{ column = "{column}", means = '
    told = profile.settlements.period
    by_name = "settlements.period to a column of days, or name each file by its week's first day"
    is_named = told is not None and told.means == "file_name"
    known = _KNOWN | {
        f"days_{-_WEEK}": ("the week's end was taken for its start", f'{period}"end" }}'),
        f"days_{_LAST_DAY}": (
            "the week's last day was taken for its first",
            f'{period}"last_day" }}',
        ),
        f"days_{_WEEK}": ("settlements are of the week after the one named", "settlements.period"),
    }
    if name in known:
        look, key = known[name]
        return look, by_name if is_named and key.startswith("settlements.period") else key
    days = _days(name)
    shift = f"{abs(days)} day{'s' if abs(days) > 1 else ''}"
    direction = "earlier" if days < 0 else "later"
    return (
        f"weeks begin {shift} {direction}, or days of entries were read {shift} {direction}",
        "calendar.week_start, or clock.zone and csv.date_format",
    )


def _days(name: str) -> int:
    """By how many days a reading shifts the week; 0 if it does something else."""
    number = name.removeprefix("days_")
    return int(number) if name.startswith("days_") else 0
