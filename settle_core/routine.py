"""Healthy balancing of late entries, in all its shapes: no finding may come of these."""

from typing import Final

from settle_core.desk import Desk

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
