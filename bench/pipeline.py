"""The whole pipeline next to the drift query, on a generated export, from Parquet and from CSV.

The pipeline reads, runs all steps, the replay and all rules, and writes the findings as CSV and
Parquet; the drift query only counts the settled weeks that are off, from the same files. Both run
in this process, in turn. What the rest of a run folder takes is told apart, and so is the least
that any audit does before it judges a row: hash the files, prove them whole, sum the weeks, find
what is late.

    python bench/pipeline.py [--entries 5000000] [--rounds 3]
"""

import argparse
import hashlib
import statistics
import tempfile
import time
from pathlib import Path
from typing import Final

import duckdb
from export import counts, large_export

from settle_core.audit import audit, finding

LEAST: Final = ("totals", "repeated", "weeks", "late")


def relation(con: duckdb.DuckDBPyConnection, folder: Path, table: str) -> duckdb.DuckDBPyRelation:
    """A table's file, as DuckDB reads it without being told anything."""
    (path,) = folder.glob(f"{table}.*")
    return (con.read_csv if path.suffix == ".csv" else con.read_parquet)(str(path))


def drift(folder: Path) -> tuple[float, int]:
    """Seconds of the drift query, and how many weeks it finds."""
    query = Path(__file__).with_name("drift_query.sql").read_text("utf-8")
    began = time.perf_counter()
    with duckdb.connect() as con:
        for table in ("entries", "settlements"):
            relation(con, folder, table).create_view(table)
        ((weeks,),) = con.execute(query).fetchall()
    return time.perf_counter() - began, weeks


def least(folder: Path) -> float:
    """Seconds of the least that an audit has to do before it judges a row."""
    steps = [Path(__file__).parent / "least_sql" / f"{name}.sql" for name in LEAST]
    began = time.perf_counter()
    with duckdb.connect() as con:
        for table in ("entries", "settlements"):
            (path,) = folder.glob(f"{table}.*")
            with path.open("rb") as file:
                hashlib.file_digest(file, "sha256")
            found = relation(con, folder, table)
            # Text is read once, Parquet as often as needed.
            (found.create if path.suffix == ".csv" else found.create_view)(table)
        for step in steps:
            con.execute(step.read_text("utf-8")).fetchall()
    return time.perf_counter() - began


def pipeline(folder: Path) -> tuple[float, float, int]:
    """Seconds until the findings are written, and for a run folder; how many weeks are off."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as out:
        done = audit.run(folder, "canonical")
        finding.write_csv(Path(out) / "findings.csv", done.findings)
        finding.write_parquet(done.ledger, Path(out) / "findings.parquet", done.findings)
        written = time.perf_counter()
        done.write(out)
        return written - began, time.perf_counter() - written, done.weeks_off


def compare(folder: Path, rounds: int) -> None:
    """Print medians and their ratio."""
    drifts, leasts, pipelines, folders = [], [], [], []
    for _ in range(rounds):
        seconds, weeks = drift(folder)
        drifts.append(seconds)
        leasts.append(least(folder))
        seconds, rest, weeks_off = pipeline(folder)
        pipelines.append(seconds)
        folders.append(rest)
    ours, theirs = statistics.median(pipelines), statistics.median(drifts)
    floor = statistics.median(leasts)
    print(f"  drift query: {theirs:.2f} s, {weeks:,} weeks off")
    print(f"  pipeline, findings written: {ours:.2f} s, {weeks_off:,} weeks off")
    print(f"  ratio {ours / theirs:.1f} (goal: at most 2)")
    print(f"  the least before a row is judged: {floor:.2f} s, ratio {floor / theirs:.1f}")
    print(f"  a whole run folder after that, with its workbook: {statistics.median(folders):.2f} s")


def main() -> None:
    """Compare on both formats."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    for formats in ("parquet", "csv"):
        folder = large_export(given.entries, formats)
        held = counts(folder)
        print(f"{held['entries']:,} entries, {held['late_entries']:,} late, as {formats}:")
        compare(folder, given.rounds)


if __name__ == "__main__":
    main()
