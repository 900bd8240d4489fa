"""The whole pipeline next to the drift query, on a generated export, from Parquet and from CSV.

The pipeline reads, runs all steps, the replay and all rules, and writes the findings as CSV and
Parquet; the drift query only counts the settled weeks that are off, from the same files. Both run
in this process, in turn. What the rest of a run folder takes is told apart.

    python bench/pipeline.py [--entries 5000000] [--rounds 3]
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import duckdb
from export import counts, large_export

from settle_core import audit, finding


def drift(folder: Path) -> tuple[float, int]:
    """Seconds of the drift query, and how many weeks it finds."""
    query = Path(__file__).with_name("drift_query.sql").read_text("utf-8")
    began = time.perf_counter()
    with duckdb.connect() as con:
        for table in ("entries", "settlements"):
            (path,) = folder.glob(f"{table}.*")
            read = con.read_csv if path.suffix == ".csv" else con.read_parquet
            read(str(path)).create_view(table)
        ((weeks,),) = con.execute(query).fetchall()
    return time.perf_counter() - began, weeks


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
    drifts, pipelines, folders = [], [], []
    for _ in range(rounds):
        seconds, weeks = drift(folder)
        drifts.append(seconds)
        seconds, rest, weeks_off = pipeline(folder)
        pipelines.append(seconds)
        folders.append(rest)
    ours, theirs = statistics.median(pipelines), statistics.median(drifts)
    print(f"  drift query: {theirs:.2f} s, {weeks:,} weeks off")
    print(f"  pipeline, findings written: {ours:.2f} s, {weeks_off:,} weeks off")
    print(f"  ratio {ours / theirs:.1f} (goal: at most 2)")
    print(f"  a whole run folder on top, with its workbook: {statistics.median(folders):.2f} s")


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
