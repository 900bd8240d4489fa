"""Large exports for benchmarks: 2 % late entries, every tenth late day broken, with the truth.

They are kept in bench/.cache, outside version control, and made anew when the simulation changes.

    python bench/export.py [--entries 5000000] [--format parquet]
"""

import argparse
import hashlib
import json
import shutil
import time
from pathlib import Path
from typing import Final

import settle_core
from settle_core.simulation.simulate import simulate

CACHE: Final = Path(__file__).parent / ".cache"
PACKAGE: Final = Path(settle_core.__file__).parent
WEEKS, PER_WEEK, LATE_SHARE = 13, 4, 0.02
# Rows of all kinds, and late days, by entry written in time and by late entry: as they come out.
ROWS_PER_SEED, DAYS_PER_LATE = 1.028, 0.464
BROKEN_SHARE: Final = 0.1
MIX: Final = {
    "stale_read": 0.3,
    "race": 0.3,
    "masked": 0.1,
    "repeated_job": 0.1,
    "lost_job": 0.1,
    "orphan": 0.1,
}


def large_export(entries: int = 5_000_000, formats: str = "parquet") -> Path:
    """An export of about so many entries, from the cache if it is there.

    Args:
        entries: rows of `entries.*`, to within a percent if there are many.
        formats: csv or parquet.

    Returns:
        The folder: canonical form, with truth.json.
    """
    folder = CACHE / f"{entries}-{formats}-{_version()}"
    if folder.is_dir():
        return folder
    accounts = max(1, round(entries / ROWS_PER_SEED / WEEKS / PER_WEEK))
    late = accounts * (WEEKS - 1) * PER_WEEK * LATE_SHARE
    broken = late * DAYS_PER_LATE * BROKEN_SHARE
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    simulate(
        part,
        accounts=accounts,
        weeks=WEEKS,
        entries_per_week=PER_WEEK,
        late_share=LATE_SHARE,
        faults={fault: round(share * broken) for fault, share in MIX.items()},
        formats=formats,
    )
    return part.rename(folder)


def counts(folder: Path) -> dict[str, object]:
    """What an export holds, as its truth counts it."""
    truth: dict[str, dict[str, object]] = json.loads((folder / "truth.json").read_text("utf-8"))
    return truth["counts"]


def _version() -> str:
    """A digest of everything that decides what the export is."""
    digest = hashlib.sha256(Path(__file__).read_bytes())
    makers = PACKAGE / "simulation"
    for path in sorted([*makers.glob("*.py"), *makers.glob("sql/**/*.sql")]):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:8]


def main() -> None:
    """Make one and print what it holds."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, default=5_000_000)
    parser.add_argument("--format", choices=("csv", "parquet"), default="parquet")
    given = parser.parse_args()
    began = time.perf_counter()
    folder = large_export(given.entries, given.format)
    print(folder)
    print(f"{time.perf_counter() - began:.1f} s, {json.dumps(counts(folder))}")


if __name__ == "__main__":
    main()
