"""Audits stopped at random moments: `python bench/kills.py [TIMES] [SEED]`, 50 of each by default.

Half by SIGKILL, half by SIGTERM, over one folder of runs. After each: no kernel is left, and after
SIGTERM nothing that is aside. After all: every folder that is there is a run that verifies, and one
more audit succeeds and clears the rest.
"""

import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import stopping

from settle_core.audit import run_folder, verify

SAMPLE = Path(__file__).parents[1] / "data" / "sample"


def after(seconds: float) -> Callable[[set[int]], bool]:
    """Says when so much time went by."""
    end = time.monotonic() + seconds
    return lambda _: time.monotonic() >= end


def main() -> None:
    """Stop audits, then look at what is there."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    chance = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)  # noqa: PLR2004, S311
    with tempfile.TemporaryDirectory() as folder:
        export, runs = Path(folder) / "export", Path(folder) / "runs"
        shutil.copytree(SAMPLE, export)
        begun = time.monotonic()
        command = stopping.audit(export, runs)
        whole = subprocess.run(command, capture_output=True, check=False)  # noqa: S603
        seconds = time.monotonic() - begun
        print(f"an audit takes {seconds:.1f} s and ends with {whole.returncode}")
        faults = 0
        for number in range(2 * times):
            sent = (signal.SIGKILL, signal.SIGTERM)[number % 2]
            moment = chance.uniform(0, seconds * 1.1)
            ended = stopping.stopped(command, sent, after(moment))
            left = [f"kernel {process}" for process in ended.left]
            if sent == signal.SIGTERM:
                left += [path.name for path in runs.glob(f".part-{ended.process}-*")]
            said = f", LEFT {', '.join(left)}" if left else ""
            print(f"{number + 1} {sent.name} after {moment:.2f} s: {ended.code}{said}", flush=True)
            faults += len(left)
        aside = len([*runs.glob(".part-*")])
        last = subprocess.run(command, capture_output=True, check=False)  # noqa: S603
        parts = len([*runs.glob(".part-*")])
        print(f"the next run ends with {last.returncode}; aside: {aside} before, {parts} after it")
        names = [path for path in runs.iterdir() if (path / run_folder.MANIFEST).is_file()]
        print(f"{len(names)} runs of {len([*runs.iterdir()])} folders")
        differing = [each for each in verify.runs(runs) if each.differences]
        print(f"verify: {len(differing)} differ")
        for each in differing:
            print("\n".join(each.lines()))
    sys.exit(faults + parts + len(differing) + (last.returncode != whole.returncode) > 0)


if __name__ == "__main__":
    main()
