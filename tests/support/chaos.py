"""Many writers, random deaths, repeated jobs: a schedule, who runs it, and what must hold after."""

import multiprocessing
import random
import time
from collections import Counter, defaultdict
from collections.abc import Callable, MutableSequence
from contextlib import ExitStack, closing, suppress
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from itertools import pairwise
from multiprocessing.context import ForkServerProcess
from multiprocessing.sharedctypes import RawArray
from typing import Any, Final, Literal, NamedTuple

import psycopg

from settle_core.balancing.book import Book
from settle_core.balancing.errors import Busy, EntriesInFlight, LostConnection, Unavailable
from settle_core.balancing.postings import Posting

ACCOUNTS: Final = ("a", "b", "c", "d")
MONDAY: Final = date(2026, 8, 3)
WEEKS: Final = tuple(MONDAY + timedelta(7 * n) for n in range(4))
WRITERS: Final = 8
FORKSERVER: Final = multiprocessing.get_context("forkserver")


class Job(NamedTuple):
    """Postings that are written together, at least once."""

    job_id: str
    postings: list[Posting]
    way: Literal["now", "later"]


class Plan(NamedTuple):
    """What makes a schedule: how many postings, in jobs of one or of `batch`, from which seed."""

    postings: int
    batch: int
    seed: int


def schedule(plan: Plan) -> list[list[Job]]:
    """The jobs of each writer. One in ten comes three times, at other writers and other times."""
    draw = random.Random(plan.seed)  # noqa: S311
    jobs: list[Job] = []
    numbered = 0
    while numbered < plan.postings:
        size = min(draw.choice((1, plan.batch)), plan.postings - numbered)
        postings = [
            Posting(
                draw.choice(ACCOUNTS),
                MONDAY + timedelta(draw.randrange(7 * len(WEEKS))),
                Decimal(draw.randint(-9999, 9999)).scaleb(-2),
                key=f"posting {numbered + n}",
            )
            for n in range(size)
        ]
        numbered += size
        jobs.append(Job(f"job {len(jobs)}", postings, draw.choice(("now", "later"))))
    jobs += [job for job in jobs[::10] for _ in range(2)]
    draw.shuffle(jobs)
    return [jobs[n::WRITERS] for n in range(WRITERS)]


def run(book: Book, job: Job) -> None:
    """Do a job, until no lock stands against it."""
    while True:
        try:
            once(book, job)
        except Busy:
            continue
        return


def once(book: Book, job: Job) -> None:
    """Do a job, in two calls where it is balanced later."""
    book.post_many(job.postings, balance=job.way, job_id=job.job_id)
    if job.way == "later":
        first = job.postings[0]
        day = first.effective_date
        week = day - timedelta(day.weekday())
        book.balance(week, first.account_id, job_id=job.job_id)


def joined(con: psycopg.Connection[Any], job: Job) -> None:
    """Do a job in a transaction of the caller's own."""
    while True:
        try:
            once(Book.join(con), job)
        except Busy:
            con.rollback()
            continue
        con.commit()
        return


def write(url: str, plan: Plan, writer: int, done: MutableSequence[int]) -> None:
    """One process: its jobs from where it died. `done` counts those that returned.

    Every second writer has transactions of its own. Who loses the connection opens it again and
    makes the same calls, as the documentation says.
    """
    jobs = schedule(plan)[writer]
    while done[writer] < len(jobs):
        with suppress(LostConnection, Unavailable, psycopg.OperationalError), ExitStack() as opened:
            if writer % 2:
                con = opened.enter_context(closing(psycopg.connect(url)))
                do = partial(joined, con)
            else:
                do = partial(run, opened.enter_context(Book.open(url)))
            for job in jobs[done[writer] :]:
                do(job)
                done[writer] += 1


def settle_when_it_can(book: Book, week: date) -> None:
    """Settle a week in the midst of posting."""
    while True:
        try:
            book.settle(week)
        except EntriesInFlight:
            continue
        return


def run_and_kill(url: str, plan: Plan, kills: int, way: str) -> list[int]:
    """Run the schedule in processes, killing one at random again and again.

    Half of the weeks are settled before, half in the midst of it.

    Args:
        url: the address of the database.
        plan: the schedule.
        kills: how many.
        way: the address by which the writers get there.

    Returns:
        The signals by which writers died.
    """
    FORKSERVER.set_forkserver_preload(
        ["settle_core.balancing.book", "settle_core.balancing.postgres_store"]
    )
    draw, done = random.Random(plan.seed), RawArray("i", WRITERS)  # noqa: S311
    jobs = sum(map(len, schedule(plan)))
    died: list[int] = []

    def start(writer: int) -> ForkServerProcess:
        process = FORKSERVER.Process(target=write, args=(way, plan, writer, done))
        process.start()
        return process

    writers = {n: start(n) for n in range(WRITERS)}
    with Book.open(url, wait_seconds=60) as book:
        to_settle = list(WEEKS[len(WEEKS) // 2 :])
        while writers:
            share = sum(done) / jobs
            if to_settle and share > 0.25 * (3 - len(to_settle)):
                settle_when_it_can(book, to_settle.pop(0))
            if len(died) < kills and share > len(died) / (kills + 2):
                victim = draw.choice(sorted(writers))
                time.sleep(draw.uniform(0, 0.02))
                writers[victim].kill()
                writers[victim].join()
                code = writers[victim].exitcode
                if code:  # else it had just finished
                    died.append(-code)
                    writers[victim] = start(victim)
            for n, process in list(writers.items()):
                if process.exitcode == 0:
                    del writers[n]
                elif process.exitcode is not None:
                    raise AssertionError(f"writer {n} ended with {process.exitcode}")
            time.sleep(0.01)
    return died


def open_and_settle_half(book: Book) -> None:
    """An entry for each account and week, so that all are known, and the first weeks settled."""
    book.post_many(Posting(a, w, 1, key=f"first {a} {w}") for a in ACCOUNTS for w in WEEKS)
    for week in WEEKS[: len(WEEKS) // 2]:
        book.settle(week)


def check(
    entries: list[dict[str, Any]], settlements: list[dict[str, Any]], jobs: list[list[Job]]
) -> Counter[str]:
    """Hold the rows against the schedule, in plain Python. Returns how many there are of a kind."""
    meant = {p.key: p for writer in jobs for job in writer for p in job.postings}
    posted = {e["idempotency_key"]: e for e in entries if e["kind"] == "entry"}
    counters = [e for e in entries if e["kind"] == "counter"]
    firsts = {key for key in posted if key.startswith("first ")}
    assert len(posted) + len(counters) == len(entries)
    assert posted.keys() - firsts == meant.keys()
    for key, posting in meant.items():
        entry = posted[key]
        assert (entry["account_id"], entry["effective_date"], entry["amount"]) == posting[:3]
    settled = {(s["account_id"], s["week_start"]): s for s in settlements}
    assert len(settled) == len(settlements) == len(ACCOUNTS) * len(WEEKS)
    of_week, of_day = grouped(entries, "week_start"), grouped(entries, "effective_date")
    for where, settlement in settled.items():
        amount, at = settlement["settled_amount"], settlement["settled_at"]
        rows = of_week[where]
        assert sum(r["amount"] for r in rows) == amount, "residual"
        assert sum(r["amount"] for r in rows if r["recorded_at"] <= at) == amount
        late = [r for r in rows if r["recorded_at"] > at]
        answered = sorted(r["answers"] for r in late if r["kind"] == "counter")
        assert answered == sorted(r["entry_id"] for r in late if r["kind"] == "entry")
        # The order of ids is the order of commits here, and that of the clock.
        assert all(a["recorded_at"] <= b["recorded_at"] for a, b in pairwise(late))
    for counter in counters:
        entry = next(e for e in of_day[place(counter)] if e["entry_id"] == counter["answers"])
        assert counter["amount"] == -entry["amount"]
        seen = [r for r in of_day[place(counter)] if r["entry_id"] <= counter["last_seen"]]
        assert counter["observed"] == sum(r["amount"] for r in seen)
    return Counter(e["kind"] for e in entries)


def place(row: dict[str, Any]) -> tuple[str, date]:
    """A row's account and day."""
    return row["account_id"], row["effective_date"]


def grouped(rows: list[dict[str, Any]], name: str) -> dict[tuple[str, date], list[dict[str, Any]]]:
    """Rows by account and day or week, in the order of their ids."""
    groups: dict[tuple[str, date], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["account_id"], row[name]].append(row)
    return groups


def balance_at_once(books: list[Book], at_once: Callable[..., Any]) -> int:
    """Balance what is left for later, by all of them at once. Returns how many were answered."""
    return sum(len(counters) for counters in at_once(Book.balance, books))
