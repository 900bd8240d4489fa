"""Log files: opened plain or compressed, told apart by their lines, grouped by host, streamed."""

import gzip
import io
import re
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final, NamedTuple, cast

from settle_core.errors import Fault
from settle_core.logs.mariadb import MariaDb
from settle_core.logs.postgres import CsvLog, JsonLog, StderrLog
from settle_core.logs.python_logs import PythonLog
from settle_core.logs.rails import Rails
from settle_core.logs.reader import Reader
from settle_core.logs.sidekiq import Sidekiq

# In this order: the first whose lines they are. Plain forms come after those that say more.
READERS: Final[tuple[type[Reader], ...]] = (
    JsonLog,
    CsvLog,
    Sidekiq,
    PythonLog,
    MariaDb,
    Rails,
    StderrLog,
)


def readers(log_prefix: str = "") -> tuple[type[Reader], ...]:
    """The readers, that of PostgreSQL's plain text with the `log_line_prefix` given."""
    if not log_prefix:
        return READERS
    given = type("StderrLog", (StderrLog,), {"prefix": log_prefix})
    return tuple(given if each is StderrLog else each for each in READERS)


_COMPARED_BYTES: Final = 1 << 16
_SAMPLE_LINES: Final = 400
_ENOUGH: Final = 5
_PREFIX: Final = re.compile(r"log_line_prefix\s*=\s*'(.*)'")
_ROTATED: Final = re.compile(r"(?:[._-]?\d{4}-?\d\d-?\d\d(?:[_T-]?\d{2,6})?|\.\d{1,4})(?=\.|$)")


def named(text: str) -> tuple[tuple[str, ...], str]:
    """The log files that a text names, one a line, and PostgreSQL's `log_line_prefix`.

    That stands among them as in `postgresql.conf`; without it, it is empty.
    """
    found = {line: _PREFIX.fullmatch(line.strip()) for line in text.split("\n")}
    prefixes = [match[1].replace("''", "'") for match in found.values() if match]
    return tuple(line for line, match in found.items() if not match), "".join(prefixes[-1:])


def prefix_line(prefix: str) -> str:
    """The line that `named` reads a `log_line_prefix` from."""
    quoted = prefix.replace("'", "''")
    return f"log_line_prefix = '{quoted}'"


class LogFile(NamedTuple):
    """A log file: its path and number as given, its reader, and the group that it goes on."""

    path: str
    number: int
    reader: type[Reader]
    group: str


def open_log(path: str | Path) -> IO[bytes]:
    """Open a log, compressed or not."""
    with Path(path).open("rb") as file:
        is_compressed = file.read(2) == b"\x1f\x8b"
    if is_compressed:
        return cast("IO[bytes]", gzip.open(path, "rb"))
    return io.BufferedReader(io.FileIO(path), 1 << 20)


def recognise(paths: Sequence[str], readers: Sequence[type[Reader]]) -> tuple[LogFile, ...]:
    """The files with their readers, each group in the order of its first lines.

    Raises:
        Fault: a file is not there, cannot be read, is named twice, or is of no known format.
    """
    files = []
    for number, path in enumerate(paths):
        try:
            reader = _reader(path, readers)
        except (OSError, EOFError) as error:
            found = getattr(error, "strerror", None) or str(error)
            raise Fault("log cannot be read", where=path, found=found) from error
        files.append(LogFile(path, number, reader, _group(path, reader)))
    _refuse_copies(paths)
    return tuple(sorted(files, key=lambda f: (f.group, _first_stamp(f.path), f.path)))


def _refuse_copies(paths: Sequence[str]) -> None:
    """Refuse a log that was given twice under two names: each of its lines would count twice."""
    known: dict[tuple[int, bytes, bytes], str] = {}
    for path in paths:
        size = Path(path).stat().st_size
        with Path(path).open("rb") as file:
            head = file.read(_COMPARED_BYTES)
            file.seek(max(size - _COMPARED_BYTES, 0))
            other = known.setdefault((size, head, file.read(_COMPARED_BYTES)), path)
        if size and other is not path:
            raise Fault("log is given twice", where=f"{other}, {path}", todo="give one of them")


def _reader(path: str, readers: Sequence[type[Reader]]) -> type[Reader]:
    counts = dict.fromkeys(readers, 0)
    with open_log(path) as file:
        for number, raw in enumerate(file):
            if number >= _SAMPLE_LINES:
                break
            line = raw.decode("utf-8", "replace").rstrip("\r\n")
            for reader in readers:
                if reader.takes(line):
                    counts[reader] += 1
                    break
            if max(counts.values()) >= _ENOUGH:
                break
    best = max(readers, key=lambda reader: counts[reader])
    if not counts[best]:
        raise Fault(
            "log is of no known format",
            where=path,
            expected="a log of Rails, Sidekiq, Django, SQLAlchemy, Celery, PostgreSQL or MariaDB",
            todo="see the documentation's page on logs; for PostgreSQL's stderr give --log-prefix",
        )
    return best


def _group(path: str, reader: type[Reader]) -> str:
    """What a rotated file shares with its neighbours: folder and name without number or date."""
    place = Path(path)
    name = place.name.removesuffix(".gz")
    return f"{reader.kind} {place.parent.as_posix()}/{_ROTATED.sub('', name)}"


def _first_stamp(path: str) -> str:
    with open_log(path) as file:
        for number, raw in enumerate(file):
            if number >= _SAMPLE_LINES:
                break
            if old := re.match(rb"(\d\d)(\d\d)(\d\d) +(\d{1,2}:\d\d:\d\d)", raw):
                year, month, day, at = (part.decode() for part in old.groups())
                return f"20{year}-{month}-{day} {at.rjust(8, '0')}"
            found = re.search(rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?", raw[:200])
            if found and not raw.startswith((b"# Logfile", b"\t")):
                return found.group().decode().replace("T", " ")
    return ""
