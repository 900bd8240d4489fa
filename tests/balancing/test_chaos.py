"""Eight writers over four hot accounts, killed and repeated at random: each settled week holds."""

import random
import signal
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Lock
from typing import TypeVar

import chaos
import psycopg
import pytest
from books import rows
from cutting import WAYS, Cutting

from settle_core.audit import audit
from settle_core.balancing.book import Book
from settle_core.balancing.duckdb_store import DuckStore
from settle_core.balancing.store import Row

T = TypeVar("T")
POSTINGS = 10_000
KILLS = 24
CUTS_MIN = 4  # of each way
# What commits: a call of a book, by its text or once it is prepared, and a caller's own COMMIT.
COMMITS = (b"COMMIT\0", b"FROM settle.post", b"FROM settle.answer", b"_pg3_")


def test_processes_killed_and_cut_off_at_random_on_postgres(database: str, tmp_path: Path) -> None:
    plan = chaos.Plan(postings=POSTINGS, batch=24, seed=20260803)
    host = psycopg.conninfo.conninfo_to_dict(database)["host"]
    way = database.replace(f"host={host}", f"host={tmp_path}")
    cutting = Cutting(f"{host}/.s.PGSQL.5432", tmp_path, COMMITS, share=1 / 20)
    with Book.open(database) as book, Book.open(database) as other:
        chaos.open_and_settle_half(book)
        with cutting:
            died = chaos.run_and_kill(database, plan, KILLS, way)
        with ThreadPoolExecutor() as pool:
            chaos.balance_at_once([book, other], pool.map)
        assert book.balance() == []
        audited = audit.run(book.export(tmp_path / "export"), "canonical")
    assert died == [signal.SIGKILL] * KILLS
    assert all(cutting.cuts[each] >= CUTS_MIN for each in WAYS), cutting.cuts
    counted = chaos.check(rows(database), rows(database, "settlement"), chaos.schedule(plan))
    assert counted["entry"] == POSTINGS + 16
    assert counted["counter"] == audited.late_entries == audited.counters > POSTINGS / 2
    assert (audited.verdict, audited.findings) == ("reconciled", ())


class PowerCut(Exception):
    """A writer dies in the midst of its transaction."""


def test_threads_that_die_at_random_on_duckdb(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, plan = str(tmp_path / "book.duckdb"), chaos.Plan(postings=POSTINGS, batch=160, seed=7)
    draw, lock, run = random.Random(7), Lock(), DuckStore.run  # noqa: S311
    died = 0

    def die_at_random(store: DuckStore, name: str, **given: object) -> list[Row]:
        nonlocal died
        got = run(store, name, **given)
        with lock:
            if draw.random() < 1 / 20:
                died += 1
                raise PowerCut
        return got

    def insist(call: Callable[[], T]) -> T:
        while True:
            with suppress(PowerCut):
                return call()

    def write(jobs: list[chaos.Job]) -> None:
        with insist(partial(Book.open, path, wait_seconds=600)) as mine:
            for job in jobs:
                insist(partial(chaos.run, mine, job))
                done.append(job)

    done: list[chaos.Job] = []
    schedule = chaos.schedule(plan)
    with Book.open(path, wait_seconds=600) as book, Book.open(path, wait_seconds=600) as other:
        chaos.open_and_settle_half(book)
        with monkeypatch.context() as patch, ThreadPoolExecutor(chaos.WRITERS) as pool:
            patch.setattr(DuckStore, "run", die_at_random)
            writers = [pool.submit(write, jobs) for jobs in schedule]
            for week, share in zip(chaos.WEEKS[2:], (0.25, 0.5), strict=True):
                while len(done) < share * sum(map(len, schedule)):
                    time.sleep(0.05)
                insist(partial(book.settle, week))
            for writer in writers:
                writer.result()
        with ThreadPoolExecutor() as pool:
            chaos.balance_at_once([book, other], pool.map)
        assert book.balance() == []
        audited = audit.run(book.export(tmp_path / "export"), "canonical")
    assert died >= KILLS
    counted = chaos.check(rows(path), rows(path, "settlement"), schedule)
    assert counted["entry"] == POSTINGS + 16
    assert counted["counter"] == audited.late_entries == audited.counters > POSTINGS / 2
    assert (audited.verdict, audited.findings) == ("reconciled", ())
