"""The whole pipeline next to the drift query, on a generated export.

The pipeline reads, runs all steps, the replay and all rules, and writes the findings; the drift
query only counts the settled weeks that are off, from the same Parquet files. Both run in this
process, in turn.

    python bench/pipeline.py [--entries 5000000] [--rounds 3]
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import duckdb
from export import counts, large_export

from settle_core import audit


def drift(folder: Path) -> tuple[float, int]:
    """Seconds of the drift query, and how many weeks it finds."""
    query = Path(__file__).with_name("drift_query.sql").read_text("utf-8")
    began = time.perf_counter()
    with duckdb.connect() as con:
        for table in ("entries", "settlements"):
            con.read_parquet(str(folder / f"{table}.parquet")).create_view(table)
        ((weeks,),) = con.execute(query).fetchall()
    return time.perf_counter() - began, weeks


def pipeline(folder: Path) -> tuple[float, int]:
    """Seconds of the pipeline, and how many weeks it finds off."""
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as out:
        done = audit.run(folder, "canonical")
        done.write(out)
    return time.perf_counter() - began, done.weeks_off


def main() -> None:
    """Print medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=5_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    folder = large_export(given.entries)
    held = counts(folder)
    drifts, pipelines = [], []
    for _ in range(given.rounds):
        seconds, weeks = drift(folder)
        drifts.append(seconds)
        seconds, weeks_off = pipeline(folder)
        pipelines.append(seconds)
    ours, theirs = statistics.median(pipelines), statistics.median(drifts)
    print(f"{held['entries']:,} entries, {held['late_entries']:,} late, medians of {given.rounds}")
    print(f"drift query: {theirs:.2f} s, {weeks:,} weeks off")
    print(f"pipeline, findings written: {ours:.2f} s, {weeks_off:,} weeks off")
    print(f"ratio {ours / theirs:.1f} (goal: at most 2)")


if __name__ == "__main__":
    main()
