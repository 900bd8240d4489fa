"""Whether `settle audit --memory-limit` is kept, by all its processes together, and what it finds.

Each size is audited under each limit; the findings are held to the truth of the export. Under a
limit that is too small the audit must end in one line, which is shown.

    python bench/memory.py [--entries 1000000 5000000] [--limits 512MiB 1GiB] [--format parquet]
    python bench/memory.py --export FOLDER --limits 4GiB
"""

import argparse
import csv
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Final

from export import large_export
from resident import run

from settle_core.exports.files.memory import MIB, demand_size

NAMES: Final = ("rule", "account_id", "week_start", "effective_date", "amount", "effect")


def exactness(run_folder: Path, export: Path) -> str:
    """How many findings are not in the truth of an export, and how many of it were not found."""
    with (run_folder / "findings.csv").open(encoding="utf-8", newline="") as file:
        found = Counter(tuple(row[name] for name in NAMES) for row in csv.DictReader(file))
    truth = json.loads((export / "truth.json").read_text("utf-8"))
    wanted = Counter(tuple(str(f[name] or "") for name in NAMES) for f in truth["findings"])
    missed, false = (wanted - found).total(), (found - wanted).total()
    return f"{found.total():,} findings, {missed} missed, {false} false"


def audited(export: Path, limit: str) -> bool:
    """Audit an export under a limit, and print a row; whether the limit was kept."""
    settle = str(Path(sys.executable).with_name("settle"))
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as runs:
        arguments = [settle, "audit", str(export), "--profile", "canonical", "--runs", runs]
        ran = run([*arguments, *(["--memory-limit", limit] if limit else [])])
        seconds = time.perf_counter() - began
        told = ran.stderr.strip().splitlines()[-1:] or [f"exit code {ran.code}"]
        if ran.code in {0, 1}:
            told = [exactness(Path(ran.stdout.splitlines()[-1]), export)]
        left = sorted(path.name for path in Path(runs).iterdir())
    is_kept = not limit or ran.peak <= demand_size(limit)
    is_whole = len(left) == (ran.code in {0, 1}) and ran.code in {0, 1, 2}
    kept = ("yes" if is_kept else "NO") + ("" if is_whole else f", and left {left}")
    size = f"{ran.peak / MIB:,.0f}"
    print(f"| {export.name} | {limit or 'none'} | {size} | {kept} | {seconds:.0f} | {told[0]} |")
    sys.stdout.flush()
    return is_kept and is_whole


def main() -> None:
    """Audit all of them; exit code 1 if a limit was not kept."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--entries", type=int, nargs="+", default=[1_000_000, 5_000_000])
    parser.add_argument("--format", choices=("csv", "parquet"), default="parquet")
    parser.add_argument("--limits", nargs="+", default=["256MiB", "448MiB", "768MiB"])
    parser.add_argument("--export", type=Path, help="a folder with truth.json, instead of these")
    given = parser.parse_args()
    exports = [given.export] if given.export else []
    for entries in [] if given.export else given.entries:
        maker = [sys.executable, str(Path(__file__).with_name("export.py"))]
        wanted = ["--entries", str(entries), "--format", given.format]
        subprocess.run([*maker, *wanted], check=True, capture_output=True)  # noqa: S603  our own
        exports.append(large_export(entries, given.format))
    print("| export | limit | peak MiB, all processes | kept | s | |\n|-|-|-|-|-|-|")
    kept = [audited(export, limit) for export in exports for limit in given.limits]
    sys.exit(0 if all(kept) else 1)


if __name__ == "__main__":
    main()
