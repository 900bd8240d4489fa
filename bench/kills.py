"""Audits stopped at random moments: `python bench/kills.py [TIMES] [SEED]`, 50 of each by default.

Half by SIGKILL, half by SIGTERM, over one folder of runs. After each: no kernel is left. After all:
every folder that is there is a run that verifies, and one more audit succeeds and clears the rest.
"""

import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from settle_core.audit import run_folder, verify

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
MAIN = "from settle_core.cli.main import main; main()"


def kernels(parent: int) -> list[int]:
    """Kernels that a process started and that are there."""
    found = []
    for path in Path("/proc").glob("[0-9]*"):
        try:
            status = (path / "stat").read_text("utf-8").rpartition(")")[2].split()
            command = (path / "cmdline").read_bytes()
        except OSError:
            continue
        if int(status[1]) == parent and b"settle_core.kernel" in command and status[0] != "Z":
            found.append(int(path.name))
    return found


def is_there(process: int) -> bool:
    """Whether a process is there and is no zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def audit(export: Path, runs: Path) -> list[str]:
    """The command of an audit."""
    return [sys.executable, "-c", MAIN, "audit", str(export), "--runs", str(runs)]


def stopped(export: Path, runs: Path, sent: signal.Signals, seconds: float) -> str:
    """Stop an audit after a while: what came of it, and a word if a kernel outlived it."""
    quiet = subprocess.DEVNULL
    with subprocess.Popen(audit(export, runs), stdout=quiet, stderr=quiet) as started:  # noqa: S603
        seen: set[int] = set()
        end = time.monotonic() + seconds
        while time.monotonic() < end and started.poll() is None:
            seen.update(kernels(started.pid))
            time.sleep(0.02)
        seen.update(kernels(started.pid))
        started.send_signal(sent)
        code = started.wait()
    end = time.monotonic() + 30
    while any(map(is_there, seen)) and time.monotonic() < end:
        time.sleep(0.02)
    left = [each for each in seen if is_there(each)]
    return f"{sent.name} after {seconds:.2f} s: {code}" + (f", KERNEL LEFT {left}" if left else "")


def main() -> None:
    """Stop audits, then look at what is there."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    chance = random.Random(int(sys.argv[2]) if len(sys.argv) > 2 else 1)  # noqa: PLR2004, S311
    with tempfile.TemporaryDirectory() as folder:
        export, runs = Path(folder) / "export", Path(folder) / "runs"
        shutil.copytree(SAMPLE, export)
        begun = time.monotonic()
        whole = subprocess.run(audit(export, runs), capture_output=True, check=False)  # noqa: S603
        seconds = time.monotonic() - begun
        print(f"an audit takes {seconds:.1f} s and ends with {whole.returncode}")
        for number in range(2 * times):
            sent = (signal.SIGKILL, signal.SIGTERM)[number % 2]
            after = chance.uniform(0, seconds * 1.1)
            print(number + 1, stopped(export, runs, sent, after), flush=True)
        aside = len([*runs.glob(".part-*")])
        last = subprocess.run(audit(export, runs), capture_output=True, check=False)  # noqa: S603
        left = len([*runs.glob(".part-*")])
        print(
            f"the next run ends with {last.returncode}; aside: {aside} before it, {left} after it"
        )
        names = [path for path in runs.iterdir() if (path / run_folder.MANIFEST).is_file()]
        print(f"{len(names)} runs of {len([*runs.iterdir()])} folders")
        differing = [each for each in verify.runs(runs) if each.differences]
        print(f"verify: {len(differing)} differ")
        for each in differing:
            print("\n".join(each.lines()))


if __name__ == "__main__":
    main()
