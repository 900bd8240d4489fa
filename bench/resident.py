"""Resident memory of a command and of all that it started, together, while it runs (Linux)."""

import os
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

EVERY_SECONDS = 0.05
PAGE = os.sysconf("SC_PAGE_SIZE")


class Ran(NamedTuple):
    """A command that ended: `peak` is the most bytes that all its processes held at once."""

    code: int
    stdout: str
    stderr: str
    peak: int


def run(command: Sequence[str], env: Mapping[str, str] | None = None) -> Ran:
    """Run a command, and look at its processes many times a second."""
    with subprocess.Popen(  # noqa: S603  our own command
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=env
    ) as process:
        peaks = [0]
        ended = threading.Event()
        watch = threading.Thread(target=_watch, args=(process.pid, peaks, ended))
        watch.start()
        out, err = process.communicate()
        ended.set()
        watch.join()
    return Ran(process.returncode, out, err, peaks[0])


def _watch(root: int, peaks: list[int], ended: threading.Event) -> None:
    while not ended.is_set():
        peaks[0] = max(peaks[0], sum(map(resident, family(root))))
        time.sleep(EVERY_SECONDS)


def family(root: int) -> Iterator[int]:
    """A process, and all that it and they started."""
    waiting = [root]
    while waiting:
        found = waiting.pop()
        yield found
        for path in Path(f"/proc/{found}/task").glob("*/children"):
            with suppress(OSError):  # it may have ended
                waiting += map(int, path.read_text("utf-8").split())


def resident(process: int) -> int:
    """The bytes of a process that are in memory; shared pages count for each that has them."""
    try:
        return int(Path(f"/proc/{process}/statm").read_text("utf-8").split()[1]) * PAGE
    except OSError:
        return 0
