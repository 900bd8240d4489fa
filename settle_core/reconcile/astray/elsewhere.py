"""Late rows whose other half stands in another week or account: they explain nothing at home.

A counter-entry that went to another week would pass there for the answer to whatever is owed, and
the late entry that it left behind for one that a later counter-entry of its own week missed. So
such pairs are set apart before a week's level and policy are chosen, where each half is but
a fault in its place.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import chain
from typing import Final

from settle_core import sql
from settle_core.exports.reading.ledger import Ledger
from settle_core.reconcile.causes import cause
from settle_core.reconcile.patterns.searched import Searched
from settle_core.reconcile.search.model import Cost, Explanation, Judged, Row, Unit, Witness

Pair = tuple[int, int]
# Of more rows there are too many sums.
SUMS_MAX: Final = 8


def pairs(ledger: Ledger) -> list[Pair]:
    """Row numbers of late entries and counter-entries plainly written for each other."""
    profile = ledger.profile
    given: dict[str, object] = {
        "skew_us": max(profile.skew_us, 1),
        "job_span_us": cause.JOB_SPAN_US,
        "week_offset_days": profile.week_offset_days,
    }
    return ledger.con.execute(sql.text("reconcile/astray", "elsewhere"), given).fetchall()


def apart(
    held: Searched,
    found: Sequence[Pair],
    faults: Callable[[Unit], int],
    *,
    is_by_day: bool,
    witness: Witness | None,
) -> dict[int, frozenset[int]]:
    """The numbers of rows that are set apart, of each unit that has such.

    Args:
        held: the weeks to replay.
        found: what `pairs` gave.
        faults: how many faults the cheapest explanation of a unit leaves.
        is_by_day: whether days may be what is balanced.
        witness: what logs tell, which goes before.
    """
    left = list(found)
    unit_of = {n: held.unit_of(n) for pair in found for n in pair if n >= 0}
    asked = set(unit_of.values())
    while asked:
        of_unit: dict[int, set[int]] = defaultdict(set)
        for number in (n for pair in left for n in pair if n >= 0):
            of_unit[unit_of[number]].add(number)
        needed: set[int] = set()
        for number in asked & of_unit.keys():
            unit, rows = held.unit(number), of_unit[number]
            needed |= _told(unit, rows, witness)
            for part in _parts(unit, is_by_day=is_by_day):
                needed |= _needed(part, rows, faults)
        # Only of a unit of which fewer rows are set apart another row may be needed.
        gone = [pair for pair in left if not needed.isdisjoint(pair)]
        asked = {unit_of[n] for pair in gone for n in pair if n >= 0}
        left = [pair for pair in left if needed.isdisjoint(pair)]
    return {number: frozenset(rows) for number, rows in of_unit.items()} if left else {}


def without(unit: Unit, numbers: Collection[int]) -> Unit:
    """A unit without some rows, and without the days that they leave empty."""
    days = ([row for row in rows if row.number not in numbers] for rows in unit.days)
    return unit._replace(days=[rows for rows in days if rows])


def alone(row: Row) -> Explanation:
    """What is said of a row that is set apart: it is owed an answer, or answers nothing here."""
    judged = Judged(row, "unexplained" if row.is_counter else "uncountered", 0)
    return Explanation(Cost(1), (judged,))


def by_group(unit: Unit, numbers: Collection[int], *, is_by_week: bool) -> list[list[Row]]:
    """The rows that are set apart, for each day or week: those with no other row come last."""
    with_others: list[list[Row]] = []
    alone: list[list[Row]] = []
    for rows in [list(chain(*unit.days))] if is_by_week else unit.days:
        told = [row for row in rows if row.number in numbers]
        (alone if len(told) == len(rows) else with_others).append(told)
    return with_others + alone


def in_place(judged: Sequence[Row], others: Sequence[Row]) -> list[Row]:
    """Rows in the order that was found, with others where the clock puts them."""
    rows = list(judged)
    for other in sorted(others, key=lambda row: row.recorded_us):
        later = (k for k, row in enumerate(rows) if row.recorded_us > other.recorded_us)
        rows.insert(next(later, len(rows)), other)
    return rows


def _parts(unit: Unit, *, is_by_day: bool) -> Iterator[Unit]:
    yield unit
    if is_by_day and len(unit.days) > 1:
        yield from (unit._replace(start=0, days=[rows]) for rows in unit.days)


def _needed(part: Unit, numbers: Collection[int], faults: Callable[[Unit], int]) -> set[int]:
    """Which of some rows a part of a unit cannot do without.

    Nothing is wrong in it as it is, or one of them, put back by itself, leaves no fault more.
    """
    here = {row.number for rows in part.days for row in rows if row.number in numbers}
    if not here or is_nothing_else(part, here):
        return set()
    if not faults(part):
        return here
    rest = without(part, here)
    least = faults(rest) if rest.days else 0
    return {n for n in here if faults(without(part, here - {n})) <= least}


def is_nothing_else(part: Unit, here: Collection[int]) -> bool:
    """Whether a part has only such rows, and no sum that could be even: a fault each, told at once.

    What is right, or cancels out, is even with rows before it.
    """
    rows = [row for rows in part.days for row in rows]
    if part.start or len(here) < len(rows) or len(rows) > SUMS_MAX:
        return False
    sums = {0}
    for row in rows:
        more = {total + row.amount for total in sums}
        if 0 in more:
            return False
        sums |= more
    return True


def _told(unit: Unit, numbers: Collection[int], witness: Witness | None) -> set[int]:
    """Which of some rows a witness tells of."""
    how = witness.choose(unit.days, unit.start) if witness else None
    if witness is None or how is None:
        return set()
    is_week = how[0] == "week"
    told = (rows for rows in unit.days if is_week or witness.explain(rows, "day", 0))
    return {row.number for rows in told for row in rows if row.number in numbers}
