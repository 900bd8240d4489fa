"""Settlements that are not told as rows with account, week and amount.

Closings that state no amount are taken from the ledger itself, which sees a counter-entry that is
wrong, repeated or missing as well as ever, but not that the settlement itself was wrong.
"""

import re
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import duckdb
from duckdb import ColumnExpression, ConstantExpression

from settle_core import sql
from settle_core.errors import Fault
from settle_core.exports.profiles.profile import WEEKDAYS, Profile

_DATES: Final = re.compile(r"(?<!\d)(\d{4})[-_]?(\d\d)[-_]?(\d\d)(?!\d)")
_ISO_WEEK: Final = re.compile(r"(?<!\d)(\d{4})[-_]?K?W(\d\d)(?!\d)", re.IGNORECASE)
WEEK: Final = timedelta(days=7)


def closed_after(profile: Profile) -> timedelta:
    """How long after its start a week is closed, by the clock on the wall."""
    if not profile.settlements.at:
        return WEEK + timedelta(minutes=profile.day_starts_minutes)
    weekday, clock = profile.settlements.at.split()
    hours, minutes = map(int, clock.split(":"))
    days = (WEEKDAYS.index(weekday) - profile.week_offset_days) % 7
    return WEEK + timedelta(days=days, hours=hours, minutes=minutes)


def named_week(name: str, profile: Profile) -> tuple[date | None, datetime | None]:
    """The week that a file's name tells, and when it was closed; nothing where none is to be told.

    Raises:
        Fault: the name tells no week, or a period that is none.
    """
    period = profile.settlements.period
    if period is None or period.means != "file_name":
        return None, None
    told = told_by(name)
    if told is None:
        raise _not_a_week(name, "no day", profile)
    first, days = told
    if days not in {6, 7}:
        raise _not_a_week(name, f"a settled period of {days} days", profile)
    if first.weekday() != profile.week_offset_days:
        raise _not_a_week(name, f"{first}, a {first:%A}", profile)
    local = datetime.combine(first, time()) + closed_after(profile)
    at = local.replace(tzinfo=ZoneInfo(profile.clock.zone)).astimezone(UTC)
    return first, at.replace(tzinfo=None)


def told_by(name: str) -> tuple[date, int] | None:
    """The first day that a file's name tells, and how many days it is to the last one."""
    week = _ISO_WEEK.search(name)
    try:
        dates = [date(*map(int, found)) for found in _DATES.findall(name)]
        if week:
            dates = [date.fromisocalendar(int(week[1]), int(week[2]), 1)]
    except ValueError:
        dates = []
    if not dates:
        return None
    first, *others = dates
    return first, (others[0] - first).days if others else WEEK.days


def _not_a_week(name: str, found: str, profile: Profile) -> Fault:
    return Fault(
        "the file's name tells no week",
        where=name,
        expected=f"the first day of a week, a {profile.calendar.week_start.capitalize()}, "
        "perhaps with its end, as 20260907-20260914",
        found=found,
        todo="see settlements.period and calendar.week_start",
    )


def by_rule(con: duckdb.DuckDBPyConnection, profile: Profile) -> None:
    """Create `stored_settlement` by `settlements.every`: closings without account and amount."""
    given = {
        "week_offset_days": profile.week_offset_days,
        "closed_after": closed_after(profile) // timedelta(minutes=1),
        "until": profile.settlements.until,
        "currency": profile.money.currency,
    }
    query = sql.text("exports/reading", "closing_every_week")
    con.sql(query, params=given).create("stored_settlement")


def as_recorded(con: duckdb.DuckDBPyConnection, profile: Profile) -> None:
    """Give each closing in `stored_settlement` the amounts that the ledger held by then."""
    con.table("stored_settlement").create("closing_row")
    con.execute(sql.text("exports/reading", "drop_stored_settlement"))
    entries = con.table("stored_entry")
    currency = (
        ColumnExpression("currency")
        if "currency" in entries.columns
        else ConstantExpression(profile.money.currency).alias("currency")
    )
    week = sql.text("exports/reading", "week_of_entry")
    chosen = entries.select("account_id", "effective_date", "amount", "recorded_at", currency)
    chosen.create_view("closed_entry", replace=True)
    con.sql(week, params={"week_offset_days": profile.week_offset_days}).create("dated_entry")
    closings = con.table("closing_row")
    by_currency = "currency" in closings.columns and not profile.settlements.every
    if "currency" not in closings.columns:
        told = ConstantExpression(profile.money.currency).alias("currency")
        closings = closings.select(*(ColumnExpression(c) for c in closings.columns), told)
    closings.create_view("closing_told", replace=True)
    query = sql.text("exports/reading", "as_recorded")
    con.sql(query, params={"currency": profile.money.currency, "by_currency": by_currency}).create(
        "stored_settlement"
    )
    con.execute(sql.text("exports/reading", "drop_closings"))


def of_settlement(con: duckdb.DuckDBPyConnection) -> None:
    """Date each entry in the week of the settlement that it names.

    Raises:
        Fault: an id is of two weeks, or an entry names a settlement of another account.
    """
    found = con.execute(sql.text("exports/reading", "two_weeks")).fetchall()
    if found:
        ((settlement_id, account_id, first, last),) = found
        raise Fault(
            f"settlement_id {settlement_id!r} of account {account_id!r} is of two weeks",
            expected="one week for each settlement",
            found=f"{first} and {last}",
            todo="see settlements.columns.settlement_id and settlements.period",
        )
    found = con.execute(sql.text("exports/reading", "two_accounts")).fetchall()
    if found:
        ((entry_id, account_id, settlement_id, other),) = found
        raise Fault(
            f"settlement_id {settlement_id!r} is of two accounts",
            expected=f"account {other!r}, as in the settlements",
            found=f"account {account_id!r} in entry {entry_id!r}",
            todo="see entries.columns.settlement_id and account_id",
        )
    con.execute(sql.text("exports/reading", "of_settlement"))
