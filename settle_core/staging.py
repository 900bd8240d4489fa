"""Folders and files that are there whole or not at all: written aside, then given their name.

A folder is locked as long as it is being written, by the process that writes it. The system gives a
lock up when its process ends, however it does, so that what is not locked was left behind.
"""

import logging
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from settle_core import errors
from settle_core.errors import Fault

try:
    import fcntl
except ImportError:  # Windows: nothing is locked there, and nothing that is left is cleared
    fcntl = None  # type: ignore[assignment]

PREFIX: Final = ".part-"
REMOVALS_MAX: Final = 20
REMOVAL_PAUSE_SECONDS: Final = 0.05
_LOG: Final = logging.getLogger(__name__)


def is_aside(folder: Path) -> bool:
    """Whether a folder is one that is being written, or was left behind."""
    return folder.name.startswith(PREFIX)


@contextmanager
def aside(parent: Path) -> Iterator[Path]:
    """A new folder in `parent`, only for this user, that is gone afterwards unless it was named.

    What processes left there that ended before they were done is cleared, with a word about it.
    """
    parent.mkdir(parents=True, exist_ok=True)
    clear(parent)
    while True:
        folder = parent / f"{PREFIX}{os.getpid()}-{secrets.token_hex(4)}"
        lock = None
        try:  # from before it is there: a signal may come at any moment
            folder.mkdir(mode=0o700)
            lock = _locked(folder)
            # Another process may have taken it for one that was left, in between.
            if fcntl is None or (lock is not None and folder.is_dir()):
                yield folder
                return
        finally:
            _remove(folder)
            if lock is not None:
                os.close(lock)


def named(folder: Path, target: Path) -> None:
    """Give a finished folder its name, once all of it is on the disk.

    Raises:
        OSError: there is something of that name already.
    """
    for path in (*folder.rglob("*"), folder):
        if path.is_symlink():
            continue
        handle = os.open(path, os.O_RDONLY)
        try:
            with suppress(OSError):  # some file systems cannot do it for a folder
                os.fsync(handle)
        finally:
            os.close(handle)
    folder.rename(target)


def demand_new(path: Path) -> None:
    """Raise Fault unless a new file can get this path: to be asked before any long work."""
    if path.exists():
        raise Fault("the file is there already", where=str(path), todo="name another, or remove it")
    if not path.parent.is_dir():
        raise Fault("no such folder", where=str(path.parent), todo="make it, or name another")


@contextmanager
def new_file(path: Path) -> Iterator[Path]:
    """Where to write a new file, which gets its path when it is whole.

    Raises:
        Fault: it is there already, or cannot be written.
    """
    demand_new(path)
    with errors.writing(path), aside(path.parent) as folder:
        made = folder / path.name
        yield made
        demand_new(path)
        made.rename(path)


def clear(parent: Path) -> None:
    """Remove what was left behind in a folder."""
    for folder in sorted(parent.glob(f"{PREFIX}*")):
        lock = _locked(folder)
        if lock is None:
            continue
        _remove(folder)
        os.close(lock)
        _LOG.warning("cleared %s, left by a process that ended before it was done", folder)


def _remove(folder: Path) -> None:
    """Remove a folder, again where something was written into it meanwhile."""
    for _ in range(REMOVALS_MAX):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(REMOVAL_PAUSE_SECONDS)


def _locked(folder: Path) -> int | None:
    """A lock on a folder, None if a living process has it or it is gone."""
    if fcntl is None:
        return None
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        return None
    return handle
