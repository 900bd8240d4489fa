"""The story, run: one schedule on a real PostgreSQL, through each broken flow and `Book`."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

import psycopg

from settle_core.balancing.book import Book
from settle_core.balancing.postings import Posting
from settle_core.exports.databases import postgres
from settle_core.heisenbug import flows
from settle_core.heisenbug.flows import WORKERS, Job

MONDAY: Final = date(2026, 8, 3)
BOOK: Final = "book"
JOBS_PER_DAY: Final = 3
USERS, WEEKS, SEED = 6, 4, 2026  # of a schedule


@dataclass(frozen=True)
class Schedule:
    """What happens: entries in time, then their weeks are settled, then jobs bring late entries."""

    on_time: tuple[Posting, ...]
    jobs: tuple[Job, ...]


@dataclass(frozen=True)
class Outcome:
    """What came of a schedule: `weeks_off` of the settled weeks do not hold their amount."""

    flow: str
    settled_weeks: int
    late_entries: int
    counters: int
    cache_hits: int
    weeks_off: int


def schedule(jobs: int = 60) -> Schedule:
    """A schedule by chance, the same for as many jobs; three in a row are of a day."""
    draw = random.Random(SEED)  # noqa: S311

    def amount() -> Decimal:
        return Decimal(draw.choice((-1, 1)) * draw.randint(1, 99999)).scaleb(-2)

    on_time = tuple(
        Posting(user, MONDAY + timedelta(day), amount())
        for user in range(1, USERS + 1)
        for day in range(7 * WEEKS)
    )
    made = []
    for first in range(0, jobs, JOBS_PER_DAY):
        user, day = draw.randint(1, USERS), MONDAY + timedelta(draw.randrange(7 * WEEKS))
        for number in range(first, min(first + JOBS_PER_DAY, jobs)):
            amounts = tuple(amount() for _ in range(draw.randint(1, 2)))
            made.append(Job(f"job {number}", user, day, amounts, draw.choice((0, 0, 0, 1, 2))))
    return Schedule(on_time, tuple(made))


def run(url: str, flow: str, plan: Schedule) -> Outcome:
    """Run a schedule, in a database that holds neither the story's tables nor a book.

    Args:
        url: the database. `book` leaves a book in it, the others `ledgers` and `settlements`.
        flow: `book`, or one of `flows.FLOWS`.
        plan: what happens.
    """
    late = sum(len(job.amounts) for job in plan.jobs)
    if flow == BOOK:
        weeks = _through_book(url, plan)
        with postgres.connect(url) as con:
            counters, off = _count(con, "book_counters"), _count(con, "book_weeks_off")
        return Outcome(flow, weeks, late, counters, 0, off)
    with postgres.connect(url) as con:
        con.execute(flows.statement("tables").encode())
        user_ids, dates, amounts, *_ = map(list, zip(*plan.on_time, strict=True))
        given = {"user_ids": user_ids, "dates": dates, "amounts": amounts}
        con.execute(flows.statement("on_time").encode(), given)
        weeks = con.execute(flows.statement("settle").encode()).rowcount
        hits = flows.FLOWS[flow](url, plan.jobs)
        counters, off = _count(con, "counters"), _count(con, "weeks_off")
    return Outcome(flow, weeks, late, counters, hits, off)


def _through_book(url: str, plan: Schedule) -> int:
    """At once as `flows.race`, repeated as `flows.repeated`. Returns how many weeks there are."""
    with Book.open(url) as book:
        book.post_many(plan.on_time)
        starts = sorted({_monday(posting.effective_date) for posting in plan.on_time})
        weeks = sum(len(book.settle(start)) for start in starts)

    def work(number: int) -> None:
        with Book.open(url) as mine:
            for job in plan.jobs[number::WORKERS]:
                for attempt in range(1, 2 + job.crashes):
                    postings = [
                        Posting(job.user_id, job.day, amount, key=f"{job.job_id}/{place}")
                        for place, amount in enumerate(job.amounts)
                    ]
                    mine.post_many(postings, balance="later", job_id=job.job_id, attempt=attempt)
                    mine.balance(_monday(job.day), job.user_id, job_id=job.job_id, attempt=attempt)

    with ThreadPoolExecutor(WORKERS) as pool:
        list(pool.map(work, range(WORKERS)))
    return weeks


def _monday(day: date) -> date:
    return day - timedelta(day.weekday())


def _count(con: psycopg.Connection[Any], name: str) -> int:
    ((count,),) = con.execute(flows.statement(name).encode()).fetchall()
    return int(count)
