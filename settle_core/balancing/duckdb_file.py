"""One handle on a book's file: who else has it open, in this process or in another.

DuckDB keeps other processes out by a lock of the operating system, and shares one database among
all connections of a process that name the file alike. Two things get past that, and acknowledged
posts were lost by them:

- the same file under another name (a hard link) is a second database on it, in one process;
- that lock belongs to the process, and goes when any handle of the process on the file is closed: a
  backup that reads the file is enough. Then a second process opens it too.

So a file with another name is refused, and a lock of its own, which does not go, is held on it.
"""

import os
import sys
import threading
from pathlib import Path
from typing import Final, NamedTuple

from settle_core.balancing.errors import BadBook

_WRITABLE: Final = os.O_WRONLY | os.O_RDWR
_HANDLES: Final = Path("/proc/self/fd")  # Linux
Key = tuple[int, int]


class _Held(NamedTuple):
    descriptor: int
    books: int


_held: dict[Key, _Held] = {}
_lock: Final = threading.Lock()


def hold(path: str) -> Key:
    """Hold the file that a database has just been opened on; `release` lets go of it.

    Raises:
        BadBook: it is open under another name, or in another process.
    """
    status = Path(path).stat()
    key = (status.st_dev, status.st_ino)
    with _lock:
        if len(_databases(key)) > 1:
            raise BadBook("the same file under another name", where=path, expected="one handle")
        known = _held.get(key)
        descriptor = known.descriptor if known else os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        if not (known and known.books) and not _locked(descriptor):
            _held[key] = _Held(descriptor, 0)  # kept: closing it would take DuckDB's own lock away
            raise BadBook("another process has it open", where=path, expected="one handle")
        _held[key] = _Held(descriptor, (known.books if known else 0) + 1)
    return key


def release(key: Key) -> None:
    """Let go of a file; the last book of the process on it gives up the lock."""
    with _lock:
        held = _held[key]
        _held[key] = held._replace(books=held.books - 1)
        if held.books > 1:
            return
        if sys.platform == "linux":
            import fcntl  # noqa: PLC0415  not everywhere

            fcntl.flock(held.descriptor, fcntl.LOCK_UN)
        if not _databases(key):
            os.close(held.descriptor)
            del _held[key]


def _locked(descriptor: int) -> bool:
    """Take the lock. Elsewhere than on Linux it would stand in the way of DuckDB's own."""
    if sys.platform != "linux":
        return True
    import fcntl  # noqa: PLC0415  not everywhere

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _databases(key: Key) -> list[str]:
    """Names under which this process has a file open for writing, one for each handle."""
    names = []
    for handle in _HANDLES.iterdir() if _HANDLES.is_dir() else ():
        try:
            status = handle.stat()
            if (status.st_dev, status.st_ino) != key:
                continue
            flags = (_HANDLES.parent / "fdinfo" / handle.name).read_text().split()[3]
            if int(flags, 8) & _WRITABLE:
                names.append(str(handle.readlink()))
        except OSError:  # closed in the meantime
            continue
    return names
