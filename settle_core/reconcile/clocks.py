"""Ids against clocks: where a clock is off, or an hour comes twice, ids may tell the order.

Ids from a sequence are given out in the order of writing. A unit whose clocks contradict that by
more than the skew is told in both orders, and the one that leaves fewer faults counts.
"""

from typing import Final

from settle_core.reconcile.model import Unit

# Clocks of servers are hardly further apart, but for the hour that comes twice in autumn.
OFF_US_MAX: Final = 3_600_000_000


def off_us(unit: Unit) -> int:
    """By how much the clock goes back at most where ids go on, microseconds."""
    latest = most = 0
    for row in sorted((r for rows in unit.days for r in rows), key=lambda r: int(r.entry_id)):
        most = max(most, latest - row.recorded_us)
        latest = max(latest, row.recorded_us)
    return most


def by_ids(unit: Unit, skew_us: int) -> Unit | None:
    """The unit with its rows in the order of their whole-number ids.

    None if the clocks agree with the ids but for the skew, or by so much not that it is no clock
    that is off.
    """
    if not max(skew_us, 1) <= off_us(unit) <= OFF_US_MAX:
        return None
    latest = 0
    told: dict[str, int] = {}
    for row in sorted((r for rows in unit.days for r in rows), key=lambda r: int(r.entry_id)):
        latest = max(latest, row.recorded_us)
        told[row.entry_id] = latest
    days = [
        [r._replace(recorded_us=told[r.entry_id], rank=int(r.entry_id)) for r in rows]
        for rows in unit.days
    ]
    return unit._replace(days=days)
