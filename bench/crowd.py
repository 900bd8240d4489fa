"""A week of one account with very many late entries: CPU time and memory of its audit, by how many.

Each has its counter-entry a moment later, but for 3 % without one and 5 % with two. The exponent is
that of the CPU time above what an audit of a few rows takes.

    python bench/crowd.py [--late 1000 3000 10000]
"""

import argparse
import csv
import math
import os
import random
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import resident

FEW = 10
AUDIT = "import sys; from settle_core.audit import audit; audit.run(sys.argv[1], 'canonical')"
SETTLED = datetime(2026, 1, 12, 3)  # noqa: DTZ001  UTC
ENTRY = ["entry_id", "account_id", "effective_date", "amount", "kind", "recorded_at"]
SETTLEMENT = ["account_id", "week_start", "settled_amount", "settled_at"]


def export(folder: Path, late: int) -> Path:
    """Write the ledger."""
    chance = random.Random(late)  # noqa: S311
    rows: list[tuple[object, ...]] = []

    def write(amount: int, kind: str, at: datetime) -> None:
        cents = f"{amount / 100:.2f}"
        rows.append((len(rows) + 1, 1, "2026-01-07", cents, kind, f"{at.isoformat()}Z"))

    write(10_000, "entry", SETTLED - timedelta(days=1))
    at = SETTLED + timedelta(hours=1)
    for _ in range(late):
        amount = chance.randrange(1, 100_000)
        at += timedelta(milliseconds=chance.choice((1, 20, 500, 30_000)))
        write(amount, "entry", at)
        for _ in range(chance.choices((0, 1, 2), (3, 92, 5))[0]):
            at += timedelta(milliseconds=3)
            write(-amount, "counter", at)
    settled = [(1, "2026-01-05", "100.00", f"{SETTLED.isoformat()}Z")]
    folder.mkdir()
    for name, head, table in (("entries", ENTRY, rows), ("settlements", SETTLEMENT, settled)):
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([head, *table])
    return folder


def measured(folder: Path) -> tuple[float, int]:
    """CPU seconds and the most bytes of an audit."""
    before = os.times()
    ran = resident.run([sys.executable, "-c", AUDIT, str(folder)])
    after = os.times()
    if ran.code:
        sys.exit(ran.stderr)
    used = after.children_user + after.children_system
    return used - before.children_user - before.children_system, ran.peak


def main() -> None:
    """Print a row for each number of late entries."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--late", type=int, nargs="+", default=[1000, 3000, 10_000])
    print(f"{'late entries':>12} {'CPU s':>7} {'peak MB':>8} {'exponent':>9}")
    with tempfile.TemporaryDirectory() as folder:
        least, _ = measured(export(Path(folder) / "few", FEW))
        last: tuple[int, float] | None = None
        for late in parser.parse_args().late:
            seconds, peak = measured(export(Path(folder) / f"{late}", late))
            more = max(seconds - least, 0.01)
            steeper = math.log(more / last[1]) / math.log(late / last[0]) if last else math.nan
            told = f"{steeper:9.2f}" if last else f"{'':9}"
            print(f"{late:12,} {seconds:7.1f} {peak / 1e6:8.0f} {told}")
            last = late, more


if __name__ == "__main__":
    main()
