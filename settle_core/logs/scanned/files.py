"""Log files: opened plain or compressed, told apart by their lines, grouped by host, streamed."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

from settle_core.errors import Fault
from settle_core.logs.lines import envelope
from settle_core.logs.lines.envelope import Envelope, Opened
from settle_core.logs.lines.reader import Reader
from settle_core.logs.lines.yearless import Dating, is_yearless
from settle_core.logs.scanned import exported
from settle_core.logs.scanned.opened import open_log
from settle_core.logs.systems import prefix
from settle_core.logs.systems.mariadb import MariaDb
from settle_core.logs.systems.postgres import CsvLog, JsonLog
from settle_core.logs.systems.postgres_text import StderrLog, SyslogLog
from settle_core.logs.systems.python_logs import PythonLog
from settle_core.logs.systems.rails import Rails
from settle_core.logs.systems.sidekiq import Sidekiq

# In this order: the first whose lines they are. Plain forms come after those that say more.
READERS: Final[tuple[type[Reader], ...]] = (
    JsonLog,
    CsvLog,
    SyslogLog,
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
# Of so many lines at least, the share that lies in an envelope, so that all do.
_ENVELOPED_MIN: Final = 0.1
_ISO: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?")
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
    """A log file.

    Attributes:
        path, number: as given.
        reader: of most of its lines.
        group: the name of the log that it goes on; see `group`.
        envelope: what its lines lie in.
        is_stamped: lines have no time but the collector's.
        dating: how its lines are dated, where their stamps have no year.
        form: of a table or a document, how its records are told; None: a line is a line.
        is_backwards: the newest is first.
    """

    path: str
    number: int
    reader: type[Reader]
    group: str
    envelope: Envelope = ()
    is_stamped: bool = False
    dating: Dating | None = None
    form: exported.Form | None = None
    is_backwards: bool = False

    def opened(self, line: str) -> Opened | None:
        """A line without what was put around it; None where that is not there."""
        line = self.form.line(line) if self.form else line
        line = self.dating.dated(line) if self.dating else line
        return envelope.opened(line, self.envelope) if self.envelope else Opened(line)


def recognise(
    paths: Sequence[str],
    readers: Sequence[type[Reader]],
    dating: Dating | None = Dating(0, "UTC"),  # noqa: B008  it cannot be changed
) -> tuple[LogFile, ...]:
    """The files with their readers, each group in the order of its first lines.

    Lines whose stamps have no year are dated by `dating`; without it, they have no time.

    Raises:
        Fault: a file is not there, cannot be read, is named twice, or is of no known format.
    """
    files = []
    for number, path in enumerate(paths):
        try:
            files.append(_recognised(path, number, readers, dating))
        except (OSError, EOFError) as error:
            found = getattr(error, "strerror", None) or str(error)
            raise Fault("log cannot be read", where=path, found=found) from error
    _refuse_copies(paths)
    return tuple(sorted(files, key=lambda f: (f.group, _first_stamp(f), f.path)))


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


def _sample(path: str, form: exported.Form | None = None) -> list[str]:
    if form is not None:
        return exported.sample(path, form, _SAMPLE_LINES)
    with open_log(path) as file:
        lines = [raw for raw, _ in zip(file, range(_SAMPLE_LINES), strict=False)]
    return [line.decode("utf-8", "replace").removeprefix("\ufeff").rstrip("\r\n") for line in lines]


def _recognised(
    path: str, number: int, readers: Sequence[type[Reader]], dating: Dating | None
) -> LogFile:
    """The reader of most lines, as they stand or as they are in an envelope."""
    votes: defaultdict[Envelope, Counter[type[Reader]]] = defaultdict(Counter)
    stamped: set[Envelope] = set()
    lines = _sample(path)
    table = exported.form(lines)
    form = table if table and table.has_lines else None
    lines = [form.line(record) for record in _sample(path, form)] if form else lines
    dating = dating if is_yearless(lines) else None
    lines = [dating.dated(line) for line in lines] if dating else lines
    bare = 0
    readers = _with_inferred(lines, readers)
    for line in lines:
        has_time = not line.startswith("{") and taker(line, readers) is not None
        inside = () if SyslogLog.takes(line) else tuple(envelope.envelopes(line))
        timeless = (line, *(inner.text for _, inner in inside if not inner.at))
        bare += not has_time and any(map(envelope.is_bare, timeless))
        for around, inner in (((), Opened(line)), *inside):
            reader = taker(inner.text, readers)
            if reader is None and inner.at and not has_time and envelope.is_bare(inner.text):
                reader = taker(envelope.stamped(inner.text, inner.at), readers)
                stamped.add(around)
            if reader is not None:
                votes[around][reader] += 1
    enough = _ENVELOPED_MIN * len(lines)
    fitting = [each for each in votes if not each or votes[each].total() >= enough]
    if bare > max((votes[each].total() for each in fitting), default=0):
        raise Fault(
            "log has no times",
            where=path,
            todo="give it with the collector's: docker logs -t, kubectl logs --timestamps; beside "
            "syslog without a year, audit one year of late rows: --weeks",
        )
    is_table = table is not None and form is None and not votes[()][MariaDb]
    if table is not None and is_table:
        raise Fault(
            "log is a table without a column of lines",
            where=path,
            found=f"columns {', '.join(table.columns)}",
            expected=f"one called {', '.join(exported.LINES)}",
            todo="export the lines as they were written, each with its time",
        )
    if not fitting:
        raise Fault(
            "log is of no known format",
            where=path,
            expected="a log of Rails, Sidekiq, Django, SQLAlchemy, Celery, PostgreSQL or MariaDB",
            todo="see the documentation's page on logs; for PostgreSQL's stderr give --log-prefix",
        )
    around = max(
        fitting,
        key=lambda each: (
            bool(each) or SyslogLog in votes[each],
            votes[each].total(),
            # Of what tells as much, that in which lines have times of their own.
            each not in stamped,
            -len(each),
        ),
    )
    best = max(readers, key=lambda reader: votes[around][reader])
    name, is_stamped = group(path, best), around in stamped
    found = LogFile(path, number, best, name, around, is_stamped, dating, form)
    told = [each for line in _sample(path, form) if (each := found.opened(line))]
    is_backwards = exported.is_newest_first([f"{each.at} {each.text}".strip() for each in told])
    return found._replace(is_backwards=is_backwards)


def _with_inferred(lines: Sequence[str], readers: Sequence[type[Reader]]) -> Sequence[type[Reader]]:
    """The readers, that of PostgreSQL's text with the prefix of lines that no other one takes."""

    def is_taken(line: str) -> bool:
        texts = [line, *(inner.text for _, inner in envelope.envelopes(line))]
        return any(taker(text, readers) is not None for text in texts)

    # Of an object's fields one is the line: what is around it is no part of the line's head.
    told = [each.text if (each := envelope.opened(x, envelope.KINDS[:1])) else x for x in lines]
    left = sum(not is_taken(line) for line in told)
    found = prefix.inferred(part for text in told for part in text.split("\n"))
    if not found or 2 * left <= len(lines):
        return readers
    inferred = type("StderrLog", (StderrLog,), {"prefix": found})
    return tuple(inferred if issubclass(each, StderrLog) else each for each in readers)


def taker(line: str, readers: Sequence[type[Reader]]) -> type[Reader] | None:
    """The first reader whose line it is."""
    return next((reader for reader in readers if reader.takes(line)), None)


def group(path: str, reader: type[Reader]) -> str:
    """What a rotated file shares with its neighbours: folder and name without number or date."""
    place = Path(path)
    name = place.name.removesuffix(".gz")
    return f"{reader.kind} {place.parent.as_posix()}/{_ROTATED.sub('', name)}"


def _first_stamp(file: LogFile) -> str:
    for line in _sample(file.path, file.form):
        inner = file.opened(line)
        if inner is None:
            continue
        text = inner.text
        if old := re.match(r"(\d\d)(\d\d)(\d\d) +(\d{1,2}:\d\d:\d\d)", text):
            year, month, day, at = old.groups()
            return f"20{year}-{month}-{day} {at.rjust(8, '0')}"
        if not text.startswith(("# Logfile", "\t")):
            found = _ISO.search(text[:200]) or _ISO.match(inner.at)
            if found:
                return found.group().replace("T", " ")
    return ""
