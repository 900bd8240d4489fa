"""Rounded answers to a late entry each: matched by what is posted, told by what was owed.

For the match an entry has the amount that its answer has, negated. So which row answers which is
found as where nothing is rounded, and a second answer, a missing or a wrong one likewise.
"""

from collections.abc import Sequence
from dataclasses import replace

from settle_core.reconcile.search import subset_sum
from settle_core.reconcile.search.model import Explanation, Judged, Row
from settle_core.reconcile.search.rounding import Rounding


def as_answered(rows: Sequence[Row], rounding: Rounding) -> list[Row]:
    """The rows, each late entry with the amount that is taken back of it."""
    there = {row.amount for row in rows if row.is_counter}
    return [
        row if row.is_counter else row._replace(amount=-rounding.of(-row.amount, there))
        for row in rows
    ]


def as_owed(found: Explanation, rows: Sequence[Row], rounding: Rounding) -> Explanation:
    """What was found of such rows, told by the amounts that the entries have."""
    entries = {row.entry_id: row for row in rows if not row.is_counter}
    told: dict[str, Judged] = {each.row.entry_id: each for each in found.judged}
    for entry_id, answer in found.answers.items():
        off = sum(row.amount for row in answer) + entries[entry_id].amount
        if not off:
            continue
        *others, last = sorted(answer, key=lambda row: told[row.entry_id].role != "right")
        owing = (entry_id, *(row.entry_id for row in others))
        is_right = told[last.entry_id].role == "right"
        role = "rounded" if is_right else "wrong"
        told[last.entry_id] = Judged(last, role, last.amount - off, (), owing)
    left = [row for entry_id, row in entries.items() if entry_id not in found.answers]
    missing = subset_sum.uncountered(left)
    for row in entries.values():
        role = "late"
        if row.entry_id in missing:
            role = "small" if rounding.fits(-row.amount, 0) else "uncountered"
        told[row.entry_id] = Judged(row, role, 0)
    judged = tuple(told[each.row.entry_id] for each in found.judged)
    return replace(found, judged=judged)
