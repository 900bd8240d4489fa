"""Half a million entries: no finding where nothing is wrong, and 25 planted faults found exactly.

python bench/exactness.py [--entries 500000] [--seed 1]
"""

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from settle_core.audit import audit
from settle_core.simulation.power import plantable
from settle_core.simulation.simulate import simulate

WEEKS, PER_WEEK, LATE_SHARE, FAULTS = 13, 12, 0.02, 25


def trial(folder: Path, entries: int, seed: int, faults: Counter[str]) -> bool:
    """Simulate, audit, compare and print; whether the findings are those of the truth."""
    began = time.perf_counter()
    accounts = round(entries / WEEKS / PER_WEEK)
    export = simulate(
        folder,
        seed=seed,
        accounts=accounts,
        weeks=WEEKS,
        entries_per_week=PER_WEEK,
        late_share=LATE_SHARE,
        faults=faults,
        formats="parquet",
    )
    simulated = time.perf_counter()
    previous = export / "previous"
    result = audit.run(export, previous=str(previous) if previous.exists() else "")
    audited = time.perf_counter()
    truth = json.loads((export / "truth.json").read_text("utf-8"))
    names = ("rule", "account_id", "week_start", "effective_date", "amount", "effect")
    wanted = Counter(tuple(str(f[name]) for name in names) for f in truth["findings"])
    found = Counter(tuple(str(getattr(f, name)) for name in names) for f in result.findings)
    print(
        f"{truth['counts']['entries']:,} entries, {truth['counts']['late_entries']:,} late, "
        f"{faults.total()} faults planted: {result.verdict}, {wanted.total()} findings wanted, "
        f"{(wanted - found).total()} missed, {(found - wanted).total()} false; "
        f"simulated in {simulated - began:.1f} s, audited in {audited - simulated:.1f} s"
    )
    for name, rows in (("missed", wanted - found), ("false", found - wanted)):
        for row in rows:
            print(f"  {name}: {' '.join(row)}")
    return wanted == found


def main() -> None:
    """Run both; exit code 1 if one of them is not exact."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=500_000)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    kinds = plantable()
    faults = Counter(kinds[n % len(kinds)] for n in range(FAULTS))
    with TemporaryDirectory() as name:
        exact = [
            trial(Path(name) / str(k), given.entries, given.seed + k, planted)
            for k, planted in enumerate((Counter(), faults))
        ]
    sys.exit(0 if all(exact) else 1)


if __name__ == "__main__":
    main()
