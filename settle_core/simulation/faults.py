"""Each way in which the balancing of late entries goes wrong at a desk, with what must be found."""

from collections.abc import Callable
from itertools import combinations
from typing import Final, NamedTuple

from settle_core.simulation.scenario import MINUTE_US, Desk

# How often a job waits in its queue, so long that the clock tells.
QUEUED: Final = 0.5


def together(desk: Desk) -> None:
    """One to three late entries, one counter-entry; checking again finds nothing to do."""
    job = desk.job()
    for _ in range(desk.office.rng.randint(1, 3)):
        desk.late(job)
    desk.counter(-desk.residual, job)
    desk.counter(-desk.residual, job)


def pair(desk: Desk) -> None:
    """Two equal late entries, rightly answered by two equal counter-entries."""
    job, other = desk.job(), desk.job()
    first = desk.late(job)
    desk.counter(-desk.residual, job)
    desk.pause()
    desk.late(other, first.amount)
    desk.counter(-desk.residual, other)


def double(desk: Desk) -> None:
    """Two equal late entries, one counter-entry."""
    job = desk.job()
    desk.late(job, desk.late(job).amount)
    desk.counter(-desk.residual, job)


def cancelling(desk: Desk) -> None:
    """Late entries that cancel out: nothing is owed."""
    job = desk.job()
    desk.late(job, -desk.late(job).amount)
    desk.unanswered.clear()


def locked(desk: Desk) -> None:
    """Two jobs at once, under a lock: the one with the later id commits and answers first."""
    one, other = desk.job(), desk.job()
    desk.late(one, order_us=30_000)
    late = [desk.late(other, order_us=-30_000), desk.late(other)]
    desk.counter(-sum(row.amount for row in late), other, late=late)
    desk.counter(-desk.residual, one)


def single(desk: Desk) -> None:
    """Delta: late entries with a counter-entry each, the last first, some after a wait."""
    count = desk.office.rng.randint(1, 3)
    jobs = [desk.job() for _ in range(count)]
    entries = [desk.late(job) for job in jobs]
    if desk.office.rng.random() < QUEUED:
        desk.pause()
    for entry, job in zip(reversed(entries), reversed(jobs), strict=True):
        desk.answer(entry, job)


def single_pair(desk: Desk) -> None:
    """Delta: two equal late entries, two equal counter-entries."""
    job, other = desk.job(), desk.job()
    first = desk.late(job)
    second = desk.late(other, first.amount)
    desk.answer(first, job)
    desk.answer(second, other)


def single_cancelling(desk: Desk) -> None:
    """Delta: late entries that cancel out are answered all the same."""
    job, other = desk.job(), desk.job()
    first = desk.late(job)
    second = desk.late(other, -first.amount)
    desk.answer(first, job)
    desk.answer(second, other)


def single_locked(desk: Desk) -> None:
    """Delta: jobs at once, ids out of the order of commits."""
    one, other = desk.job(), desk.job()
    first = desk.late(one, order_us=50_000)
    second = desk.late(other)
    desk.answer(second, other, order_us=-50_000)
    desk.answer(first, one)


# By policy, as often as they stand here.
HEALTHY: Final = {
    "sum": (together, together, together, pair, double, cancelling, locked),
    "delta": (single, single, single, single_pair, single_cancelling, single_locked),
}


# Longer than the rule slow_counter allows.
LATENESS_US: Final = 2 * 24 * 60 * MINUTE_US


class Act(NamedTuple):
    """One way in which a fault happens, and the rules of the findings that it leads to."""

    play: Callable[[Desk], None]
    rules: tuple[str, ...]


def cached(desk: Desk) -> None:
    """The second check of the job gets the first one's answer."""
    job = desk.job()
    desk.late(job)
    desk.late(job)
    answer = -desk.residual
    desk.counter(answer, job)
    desk.counter(answer, job, "stale_read")


def pinned(desk: Desk) -> None:
    """A long job reads from the snapshot that it began with."""
    job = desk.job()
    desk.late(job)
    answer = -desk.residual
    desk.counter(answer, job)
    desk.late(job)
    desk.pause()
    desk.counter(answer, job, "stale_read")


def listed_again(desk: Desk) -> None:
    """Delta: the job reads its list of late entries from the cache, and answers one again."""
    job = desk.job()
    entry = desk.late(job)
    desk.answer(entry, job)
    desk.note("duplicate_counter", desk.answer(entry, job), 0, "stale_read")


def racing(desk: Desk) -> None:
    """Two jobs read before either has written."""
    one, other = desk.job(), desk.job()
    desk.late(one)
    desk.late(other)
    answer = -desk.residual
    desk.counter(answer, one)
    desk.counter(answer, other, "race")


def overlapping(desk: Desk) -> None:
    """The second job sees both entries, but not yet the first one's counter-entry."""
    one, other = desk.job(), desk.job()
    first = desk.late(one)
    answer = -desk.residual
    desk.late(other)
    both = -desk.residual
    desk.counter(answer, one, late=[first])
    desk.counter(both, other, "race")


def answered_by_two(desk: Desk) -> None:
    """Delta: two jobs answer one late entry at once."""
    one, other = desk.job(), desk.job()
    entry = desk.late(one)
    desk.answer(entry, one)
    desk.note("duplicate_counter", desk.answer(entry, other), 0, "race")


def healed(desk: Desk) -> None:
    """A race, and a later healthy counter-entry that takes it back."""
    overlapping(desk)
    _heal(desk)


def masked(desk: Desk) -> None:
    """A cached read, and a later healthy counter-entry that takes it back."""
    cached(desk)
    _heal(desk)


def _heal(desk: Desk) -> None:
    desk.pause()
    job = desk.job()
    desk.late(job)
    desk.counter(-desk.residual, job)
    desk.planted = [each._replace(status="masked") for each in desk.planted]


def repeated(desk: Desk, times: int = 1) -> None:
    """The job fails after its insert, and runs again with what it had worked out."""
    job = desk.job()
    entry = desk.late(job)
    desk.answer(entry, job)
    for attempt in range(2, times + 2):
        desk.pause()
        row = desk.answer(entry, job, attempt)
        desk.note("duplicate_counter", row, 0, "repeated_job")


def repeated_twice(desk: Desk) -> None:
    """The job fails after its insert, twice."""
    repeated(desk, 2)


def lost(desk: Desk) -> None:
    """The job that should answer never runs."""
    entry = desk.late(desk.job())
    desk.note("uncountered_entry", entry, -entry.amount, "lost_job")


def orphan(desk: Desk) -> None:
    """A counter-entry out of nowhere."""
    amount = desk.office.draw()
    row = desk.post("counter", amount, desk.job())
    before = [r.amount for r in desk.rows[:-1]]
    sizes = range(1, len(before) + 1)
    # An amount that some rows add up to would tell of a writer that missed those.
    if all(sum(chosen) != amount for size in sizes for chosen in combinations(before, size)):
        desk.note("orphan_counter", row, 0, "unknown")


def misplaced(desk: Desk) -> None:
    """The right amount on another day, in another week or on another account."""
    job = desk.job()
    entry = desk.late(job)
    row = desk.post("counter", -entry.amount, job, answers=entry, at=desk.elsewhere)
    desk.note("misplaced_counter", row, 0, "unknown", at=desk.elsewhere)
    desk.note("answered_elsewhere", entry, -entry.amount, "unknown")
    there, here = desk.elsewhere, desk.place
    if there and (there.account_id, there.week_start) == (here.account_id, here.week_start):
        # In one week both halves sum to nothing, in two each leaves its own week off.
        desk.planted[-2:] = [p._replace(status="masked") for p in desk.planted[-2:]]


def early(desk: Desk) -> None:
    """A counter-entry that was there before the late entry that it answers."""
    job = desk.job()
    amount = desk.office.draw()
    row = desk.post("counter", -amount, job)
    desk.pause()
    desk.late(job, amount)
    desk.note("early_counter", row, -amount, "unknown")
    desk.planted = [each._replace(status="masked") for each in desk.planted]


def slow(desk: Desk) -> None:
    """The job that answers comes two days late: nothing is wrong any more."""
    job = desk.job()
    entry = desk.late(job)
    desk.now_us += LATENESS_US
    desk.answer(entry, job)
    desk.note("slow_counter", entry, entry.amount, "unknown")


SHARED: Final = {
    "repeated_job": (
        Act(repeated, ("duplicate_counter",)),
        Act(repeated_twice, ("duplicate_counter", "duplicate_counter")),
    ),
    "lost_job": (Act(lost, ("uncountered_entry",)),),
    "orphan": (Act(orphan, ("orphan_counter",)),),
    "misplaced": (Act(misplaced, ("misplaced_counter", "answered_elsewhere")),),
    "early": (Act(early, ("early_counter",)),),
    "slow": (Act(slow, ("slow_counter",)),),
}
# Policy -> fault -> the ways in which it happens, taken in turn.
FAULTY: Final[dict[str, dict[str, tuple[Act, ...]]]] = {
    "sum": {
        "stale_read": (
            Act(cached, ("duplicate_counter",)),
            Act(pinned, ("wrong_counter",)),
        ),
        "race": (
            Act(overlapping, ("wrong_counter",)),
            Act(racing, ("duplicate_counter",)),
            Act(healed, ("wrong_counter", "compensating_counter")),
        ),
        "masked": (Act(masked, ("duplicate_counter", "compensating_counter")),),
        **SHARED,
    },
    "delta": {
        "stale_read": (Act(listed_again, ("duplicate_counter",)),),
        "race": (Act(answered_by_two, ("duplicate_counter",)),),
        **SHARED,
    },
}
