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

import duckdb

import settle_core
from settle_core import sql
from settle_core.simulation.simulate import TIMESTAMP, simulate

CACHE: Final = Path(__file__).parent / ".cache"
PACKAGE: Final = Path(settle_core.__file__).parent
WEEKS, PER_WEEK, LATE_SHARE = 13, 4, 0.02
# Rows of all kinds, and late days, by entry written in time and by late entry: as they come out.
ROWS_PER_SEED, DAYS_PER_LATE = 1.028, 0.464
BROKEN_SHARE: Final = 0.1
# A larger one is made of copies of one of this size: to make it at once takes a gigabyte for each
# five million entries.
ENTRIES_AT_ONCE: Final = 20_000_000
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
    if entries > ENTRIES_AT_ONCE:
        return _copied(folder, round(entries / ENTRIES_AT_ONCE), formats)
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


def _copied(folder: Path, copies: int, formats: str) -> Path:
    """An export of copies of one, beside each other: each has accounts, ids and jobs of its own."""
    of = large_export(ENTRIES_AT_ONCE)
    truth = json.loads((of / "truth.json").read_text("utf-8"))
    given = {"copies": copies, "accounts": truth["parameters"]["accounts"]}
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir()
    with duckdb.connect() as con:
        con.execute("SET memory_limit = '2GiB'")
        for table in ("entries", "settlements"):
            con.read_parquet(str(of / f"{table}.parquet")).create_view(table)
            query = Path(__file__).with_name(f"copied_{table}.sql").read_text("utf-8")
            used = {name: given[name] for name in sql.parameters(query)}
            rows = con.sql(query, params=used)
            path = str(part / f"{table}.{formats}")
            if formats == "csv":
                rows.write_csv(path, timestamp_format=TIMESTAMP)
            else:
                rows.write_parquet(path, compression="zstd")
    numbers = range(copies)
    truth["findings"] = [_copy(f, k, given) for k in numbers for f in truth["findings"]]
    for name, count in truth["counts"].items():
        is_by_rule = isinstance(count, dict)
        by_rule = {rule: copies * each for rule, each in count.items()} if is_by_rule else {}
        truth["counts"][name] = by_rule if is_by_rule else copies * count
    (part / "truth.json").write_text(json.dumps(truth), "utf-8")
    return part.rename(folder)


def _copy(found: dict[str, str], number: int, given: dict[str, int]) -> dict[str, str]:
    """A finding of the truth as it is in a copy."""
    account = int(found["account_id"]) + number * given["accounts"]
    entry = found["entry_id"]
    if entry:
        entry = str((int(entry) - 1) * given["copies"] + number + 1)
    return found | {"account_id": str(account), "entry_id": entry}


def counts(folder: Path) -> dict[str, object]:
    """What an export holds, as its truth counts it."""
    truth: dict[str, dict[str, object]] = json.loads((folder / "truth.json").read_text("utf-8"))
    return truth["counts"]


def _version() -> str:
    """A digest of everything that decides what the export is."""
    here = Path(__file__)
    digest = hashlib.sha256(here.read_bytes())
    for path in sorted(here.parent.glob("copied_*.sql")):
        digest.update(path.read_bytes())
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
