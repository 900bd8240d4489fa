"""How fast a large log is read, next to a plain scan of it: rounds in turn, the best of each.

    python bench/logs.py [GIGABYTES] [ROUNDS]

The log is the recorded one of the race, in the middle of days without a late row of the ledger.
"""

import gzip
import re
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from settle_core.logs.scanned import files, scan

RECORDED: Final = Path(__file__).parents[1] / "data" / "logged" / "sidekiq_race" / "rails.log.gz"
GIGABYTES: Final = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
ROUNDS: Final = int(sys.argv[2]) if len(sys.argv) > 2 else 3  # noqa: PLR2004
MARGIN_US: Final = 900_000_000


def write(path: Path) -> None:
    """The recorded lines once, and around them the same lines of other hours."""
    recorded = gzip.decompress(RECORDED.read_bytes())
    day = datetime(2026, 11, 26, 7, tzinfo=UTC)
    copies = int(GIGABYTES * 1e9 / len(recorded))
    with path.open("wb") as file:
        for copy in range(copies):
            hour = day + timedelta(hours=copy - copies // 2)
            stamp = f"{hour:%Y-%m-%dT%H}".encode("ascii")
            file.write(re.sub(rb"(?m)^2026-11-26T\d\d", stamp, recorded))


def plain(path: Path) -> object:
    """The lines, counted one by one."""
    with path.open("rb") as file:
        return sum(1 for _ in file)


def read(path: Path) -> object:
    """The log, as an audit reads it."""
    middle = round(datetime(2026, 11, 26, 7, 15, tzinfo=UTC).timestamp() * 1e6)
    recognised = files.recognise([str(path)], files.readers())
    found, told = scan.read(recognised, [(middle - MARGIN_US, middle + MARGIN_US)], "UTC")
    return told[0]["lines"], len(found[0].statements)


def seconds(work: Callable[[Path], object], path: Path) -> float:
    """How long it takes."""
    begun = time.perf_counter()
    work(path)
    return time.perf_counter() - begun


def main() -> None:
    """Write the log, read it in turn, and say what it took."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "production.log"
        write(path)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        took = [(seconds(plain, path), seconds(read, path)) for _ in range(ROUNDS)]
        after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        scanned, audited = (min(each) for each in zip(*took, strict=True))
        size = path.stat().st_size / 1e9
        lines, statements = read(path)  # type: ignore[misc]
    print(f"{size:.2f} GB, {lines} lines, {statements} statements near the rows in question")
    print(f"plain scan {scanned:.2f} s, log {audited:.2f} s: {audited / scanned:.2f} times")
    print(f"memory {before / 1024:.0f} MiB before, {after / 1024:.0f} MiB at most")


if __name__ == "__main__":
    main()
