"""How old an export is: one that nobody renews any more is audited again and again, and alike."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

import duckdb

from settle_core import sql
from settle_core.errors import Fault

UNITS: Final = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


class Age(NamedTuple):
    """What was asked, and when the last row of the export was recorded; instants UTC as text."""

    max_age: str
    last_recorded: str
    is_older: bool

    def as_dict(self) -> dict[str, Any]:
        """As plain data, for the manifest."""
        return self._asdict()


def span(max_age: str) -> timedelta:
    """An age as a span of time. Raises Fault if it is none."""
    found = re.fullmatch(r"([0-9]{1,6})([mhdw])", max_age)
    if not found:
        expected = "a whole number with m, h, d or w, as 36h"
        raise Fault("not an age", where="--max-age", expected=expected, found=repr(max_age))
    return timedelta(**{UNITS[found[2]]: int(found[1])})


def check(con: duckdb.DuckDBPyConnection, max_age: str, now: datetime | None = None) -> Age | None:
    """Hold an export's last row to an age; None if none was asked for.

    Args:
        con: connection with the tables `entry` and `settlement`.
        max_age: as `36h`; empty: any.
        now: the instant, UTC; None: this one.

    Raises:
        Fault: it is no age.
    """
    if not max_age:
        return None
    longest = span(max_age)
    ((last,),) = con.execute(sql.text("audit", "last_recorded")).fetchall()
    today = (now or datetime.now(UTC)).replace(tzinfo=None)
    if last is None:
        return Age(max_age, "", is_older=True)
    return Age(max_age, f"{last:%Y-%m-%dT%H:%M:%SZ}", is_older=today - last > longest)
