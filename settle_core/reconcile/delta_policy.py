"""Which late entry each counter-entry answers: the explanation of a unit under the `delta` policy.

A counter-entry of this policy is minus one late entry, and no late entry has two. What is left over
is a repeat, or answers nothing.
"""

from collections import defaultdict
from collections.abc import Sequence

from settle_core.reconcile import subset_sum
from settle_core.reconcile.model import UNEXPLAINED_ROWS, Cost, Explanation, Judged, Row, place


def explain(rows: Sequence[Row], skew_us: int) -> Explanation:
    """Explain a unit under the `delta` policy.

    Args:
        rows: the late rows of an account's day, or week. `answers` of a row, where given, binds.
        skew_us: rows closer than this may have been written in either order.
    """
    ordered = sorted(rows, key=place)
    entries = {row.entry_id: row for row in ordered if not row.is_counter}
    answered: dict[str, Row] = {}
    judged: dict[str, Judged] = {}
    faults = missed = 0
    counters = [row for row in ordered if row.is_counter]
    named = [(row, entries[row.answers]) for row in counters if row.answers in entries]
    for row, entry in sorted(named, key=lambda pair: pair[0].amount != -pair[1].amount):
        faults += _bound(row, entry, answered, judged)
    by_amount: dict[int, list[Row]] = defaultdict(list)
    for row in counters:
        if row.answers is None:
            by_amount[row.amount].append(row)
    for amount, equal in by_amount.items():
        open_entries = [
            e for e in entries.values() if e.amount == -amount and e.entry_id not in answered
        ]
        _match(equal, open_entries, skew_us, answered, judged)
    for row in counters:
        if row.entry_id not in judged:
            if row.amount == 0:
                judged[row.entry_id] = Judged(row, "right", 0)
            elif first := _repeated(row, answered, entries, skew_us):
                # The third answer missed two, as it would have under the other policy.
                missed += 1 + sum(j.unseen == (first.entry_id,) for j in judged.values())
                judged[row.entry_id] = Judged(row, "wrong", 0, (first.entry_id,))
                faults += 1
            else:
                judged[row.entry_id] = Judged(row, "unexplained", 0)
                faults += 2
                missed += UNEXPLAINED_ROWS
    missing = subset_sum.uncountered([e for e in entries.values() if e.entry_id not in answered])
    for row in entries.values():
        role = "uncountered" if row.entry_id in missing else "late"
        judged[row.entry_id] = Judged(row, role, 0)
    cost = Cost(faults + len(missing), missed)
    return Explanation(cost, tuple(judged[row.entry_id] for row in ordered))


def _bound(row: Row, entry: Row, answered: dict[str, Row], judged: dict[str, Judged]) -> int:
    """Judge a counter-entry that names its late entry; returns its faults."""
    if entry.entry_id in answered:
        judged[row.entry_id] = Judged(row, "wrong", 0, (answered[entry.entry_id].entry_id,))
        return 1
    answered[entry.entry_id] = row
    is_right = row.amount == -entry.amount
    judged[row.entry_id] = Judged(row, "right" if is_right else "wrong", -entry.amount)
    return 0 if is_right else 1


def _match(
    equal: list[Row],
    open_entries: list[Row],
    skew_us: int,
    answered: dict[str, Row],
    judged: dict[str, Judged],
) -> None:
    """Give each open entry one of the equal counter-entries, one of every job before a second."""
    jobs: set[str] = {row.job_id for row in answered.values() if row.job_id is not None}
    first_of_job: list[Row] = []
    repeats: list[Row] = []
    for row in equal:
        (repeats if row.job_id in jobs else first_of_job).append(row)
        if row.job_id is not None:
            jobs.add(row.job_id)
    for row in (*first_of_job, *repeats):
        for k, entry in enumerate(open_entries):
            gap = entry.recorded_us - row.recorded_us
            if gap < skew_us or gap <= 0:
                answered[entry.entry_id] = row
                judged[row.entry_id] = Judged(row, "right", -entry.amount)
                del open_entries[k]
                break


def _repeated(
    row: Row, answered: dict[str, Row], entries: dict[str, Row], skew_us: int
) -> Row | None:
    """The counter-entry that `row` repeats, which answers the same amount: of its job, if any."""
    equal = [
        (other, entries[entry_id].recorded_us - row.recorded_us)
        for entry_id, other in answered.items()
        if entries[entry_id].amount == -row.amount
    ]
    earlier = [other for other, gap in equal if gap < skew_us or gap <= 0]
    same_job = [o for o in earlier if row.job_id is not None and o.job_id == row.job_id]
    return max(same_job or earlier, key=place, default=None)
