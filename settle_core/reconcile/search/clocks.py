"""Ids against clocks: where a clock is off, or an hour comes twice, ids may tell the order.

Ids from a sequence are given out in the order of writing. A unit whose clocks contradict that by
more than the skew is told in both orders, and the one that leaves fewer faults counts.
"""

from typing import Final, NamedTuple

from settle_core.reconcile.search.model import Unit

# Clocks of servers are hardly further apart, but for the hour that comes twice in autumn.
OFF_US_MAX: Final = 3_600_000_000
# Of neighbours by id that are further apart than that, so many contradict the clock, of at least so
# many, where ids are drawn at random. It would be half of them.
RANDOM_SHARE_MIN: Final = 0.25
PAIRS_MIN: Final = 20


class IdOrder(NamedTuple):
    """Neighbours by id among accounts' late rows, as step id_order counts them."""

    pairs: int = 0
    contradictions: int = 0
    far_pairs: int = 0
    far_contradictions: int = 0


def are_random(order: IdOrder) -> bool:
    """Whether whole-number ids say nothing of the order of writing.

    However far clocks are off, what was written hours later has the larger id of a sequence.
    """
    return order.far_pairs >= PAIRS_MIN and (
        order.far_contradictions > RANDOM_SHARE_MIN * order.far_pairs
    )


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
