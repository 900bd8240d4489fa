"""The set-based plan for 1,000,000 late entries next to a plain INSERT .. SELECT of as many rows.

The plan reads an export (Parquet), finds what is owed and writes it as Parquet. The INSERT takes
just these rows from that file into a book on DuckDB, with the keys, foreign keys and checks of the
table that they are for, and into a bare table in memory, which is the least that it can take.

    python bench/plan.py [--late 1000000] [--rounds 3]
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Final

import duckdb

from settle_core.audit import owed
from settle_core.balancing.book import Book
from settle_core.exports.profiles import profile

HERE: Final = Path(__file__).parent
WEEKS, LATE_PER_WEEK = 10, 2
SETTLED_AT: Final = datetime(2026, 4, 1)  # noqa: DTZ001  instants are UTC without a zone


def sql(name: str) -> str:
    """The text of one of the statements beside this file."""
    return (HERE / f"plan_{name}.sql").read_text("utf-8")


def make(folder: Path, late: int) -> None:
    """An export with so many late entries, none of them answered."""
    con = duckdb.connect()
    shape = {
        "accounts": late // (WEEKS * LATE_PER_WEEK),
        "weeks": WEEKS,
        "late_per_week": LATE_PER_WEEK,
        "settled_at": SETTLED_AT,
    }
    con.sql(sql("entries"), params=shape).write_parquet(str(folder / "entries.parquet"))
    con.read_parquet(str(folder / "entries.parquet")).create_view("entries")
    settlements = con.sql(sql("settlements"), params={"settled_at": SETTLED_AT})
    settlements.write_parquet(str(folder / "settlements.parquet"))


def seconds(call: Callable[[], object]) -> float:
    """Wall time of a call."""
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def measured(folder: Path, export: Path) -> tuple[int, float, float, float]:
    """One round: rows planned, and the times of the plan and of both INSERTs."""
    planned = folder / "plan.parquet"
    canonical = profile.load("canonical")
    plan_s = seconds(lambda: owed.write(owed.plan(export, canonical), planned))
    Book.open(str(folder / "book.duckdb")).close()
    with duckdb.connect(str(folder / "book.duckdb")) as con:
        con.read_parquet(str(export / "entries.parquet")).create_view("entries")
        con.execute(sql("book"))
        con.read_parquet(str(planned)).create_view("plan")
        book_s = seconds(lambda: con.execute(sql("insert")))
    with duckdb.connect() as con:
        rows = con.read_parquet(str(planned))
        rows.limit(0).create("bare")
        bare_s = seconds(lambda: rows.insert_into("bare"))
        ((count,),) = con.table("bare").count("*").fetchall()
    return count, plan_s, book_s, bare_s


def main() -> None:
    """Print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--late", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        export = Path(name) / "export"
        export.mkdir()
        make(export, given.late)
        rounds = []
        for _ in range(given.rounds):
            with tempfile.TemporaryDirectory() as folder:
                rounds.append(measured(Path(folder), export))
    counts, plans, books, bares = zip(*rounds, strict=True)
    plan, book, bare = map(statistics.median, (plans, books, bares))
    print(f"{counts[0]:,} counter-entries planned of {given.late:,} late entries")
    print(f"the plan, reading and writing included: {plan:.2f} s (median of {given.rounds})")
    print(f"INSERT .. SELECT of its rows into a book: {book:.2f} s, ratio {plan / book:.2f}")
    print(f"INSERT .. SELECT into a bare table in memory: {bare:.2f} s, ratio {plan / bare:.1f}")
    print("goal: at most 2, next to the table that the rows are for")


if __name__ == "__main__":
    main()
