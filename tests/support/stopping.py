"""An audit that is stopped by a signal, and what is left of it."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

# A shell lets what it starts in the background ignore Ctrl-C, and so all that this starts.
HEEDED = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
MAIN = f"{HEEDED}; from settle_core.cli.main import main; main()"
PAUSE_SECONDS = 0.02
END_SECONDS_MAX = 60


class Stopped(NamedTuple):
    """How an audit ended that was sent a signal; `left`: its kernels that are still there."""

    process: int
    code: int
    said: str
    left: list[int]


def audit(export: Path, runs: Path) -> list[str]:
    """The command of an audit."""
    return [sys.executable, "-c", MAIN, "audit", str(export), "--runs", str(runs)]


def stopped(
    command: list[str], sent: signal.Signals, is_time: Callable[[set[int]], bool], times: int = 1
) -> Stopped:
    """Start a command and stop it when it is time, told the kernels seen so far."""
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as started:
        seen = kernels(started.pid)
        while not is_time(seen) and started.poll() is None:
            time.sleep(PAUSE_SECONDS)
            seen |= kernels(started.pid)
        seen |= kernels(started.pid)
        for _ in range(times):
            started.send_signal(sent)
        _, said = started.communicate()
    end = time.monotonic() + END_SECONDS_MAX
    while any(map(is_there, seen)) and time.monotonic() < end:
        time.sleep(PAUSE_SECONDS)
    return Stopped(started.pid, started.returncode, said, [each for each in seen if is_there(each)])


def kernels(parent: int) -> set[int]:
    """Kernels that a process started and that are there."""
    found = set()
    for path in Path("/proc").glob("[0-9]*"):
        state, its_parent = _status(int(path.name))
        try:
            command = (path / "cmdline").read_bytes()
        except OSError:
            continue
        if its_parent == parent and state != "Z" and b"settle_core.kernel" in command:
            found.add(int(path.name))
    return found


def is_there(process: int) -> bool:
    """Whether a process is there and is no zombie."""
    state, _ = _status(process)
    return state not in {"", "Z"}


def _status(process: int) -> tuple[str, int]:
    """The state of a process and its parent; empty if it is gone."""
    try:
        state, parent, *_ = (
            Path(f"/proc/{process}/stat").read_text("utf-8").rpartition(")")[2].split()
        )
    except OSError:
        return "", 0
    return state, int(parent)
