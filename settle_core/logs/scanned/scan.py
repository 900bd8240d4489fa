"""Logs of many gigabytes, streamed: only lines near the rows in question are looked at closely.

A log is read in blocks, and these in stretches. Where a stretch's lines are of another time than
every row in question, they are counted and passed over.
"""

import itertools
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import IO, TYPE_CHECKING, Final, cast

import numpy as np

from settle_core.logs.lines import clock, envelope
from settle_core.logs.lines.envelope import Opened
from settle_core.logs.lines.model import LONG_AGO, NEVER, Found, Place
from settle_core.logs.lines.reader import Reader
from settle_core.logs.lines.repeats import ByGroup
from settle_core.logs.scanned import exported, files
from settle_core.logs.scanned.files import LogFile
from settle_core.logs.scanned.opened import open_log
from settle_core.logs.scanned.thinning import Thinning
from settle_core.logs.scanned.told import counted

if TYPE_CHECKING:
    from io import BufferedIOBase

Window = tuple[int, int]
# Of each writer, the line that goes on: where it began, its text, its bytes.
Parts = dict[str, tuple[Place, str, bytes]]

BLOCK_BYTES: Final = 4 << 20
STRETCH_BYTES: Final = 64 << 10
_SEARCHED_BYTES: Final = 1 << 16
# A longer line is no line of a log.
_LINE_MAX: Final = 64 << 20
_LINE_FEED: Final = 10
# Of records that are not in blocks, after how many it is asked whether much is held.
_THINNED_EVERY: Final = 1_000
# So many times of a stretch must be told.
_ASKED: Final = 3
# At the head of a line, or in a field of a JSON line: a statement's values hold stamps as well.
_STAMP: Final = re.compile(
    rb"(?m)^(?:[^'\"\n{]{0,48}?|\{[^\n]*?\"(?:@?timestamp|time|ts|datetime|date|at|t)\" ?: ?\")"
    rb"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?(Z|UTC|GMT|[+-]\d\d:?(?:\d\d)?))?)"
)
# A collector's stamp that is no line's but its own: finer than milliseconds.
_FINE: Final = re.compile(r"\d\d:\d\d:\d\d[.,]\d{3}(?!000(?!\d))\d{3}")
# At so many characters a line's own stamp ends, as a rule.
_HEAD: Final = 60
# So much later than its line a collector's stamp may be.
LATE_US: Final = 100_000
# A time without a zone may be of any zone.
_ANY_ZONE_US: Final = 15 * 3_600_000_000


def windows(instants: Iterable[int], margin_us: int) -> list[Window]:
    """The times near some instants, in order, where they touch as one."""
    found: list[Window] = []
    for at in sorted(instants):
        if found and at - margin_us <= found[-1][1]:
            found[-1] = found[-1][0], at + margin_us
        else:
            found.append((at - margin_us, at + margin_us))
    return found


def read(
    recognised: Sequence[LogFile],
    near: Sequence[Window],
    zone: str,
    every: Sequence[type[Reader]] = files.READERS,
    thinning: Thinning | None = None,
) -> tuple[list[Found], list[dict[str, object]]]:
    """Read the files, each group by one reader.

    Args:
        recognised: the files.
        near: the times of interest.
        zone: of times without one.
        every: the readers, as of `files.readers`.
        thinning: what drops statements that do not matter; None: all are kept.

    Returns:
        What the groups hold, and for each file what was read of it.
    """
    readers: dict[str, Reader] = {}
    repeats = ByGroup()
    told: list[dict[str, object]] = []
    parts: Parts = {}
    for file, following in itertools.zip_longest(recognised, recognised[1:]):
        lines = _Lines(file, every, (readers, repeats, zone, thinning), parts)
        count, passed = _read(file, lines, near, zone)
        if following is None or following.group != file.group:
            lines.cut()
        told.append(
            {
                "number": file.number,
                "path": file.path,
                "kind": lines.kind,
                "lines": count,
                "lines_of_other_times": passed,
                "lines_not_understood": lines.unread,
                "first_not_understood": lines.first_unread,
                "lines_repeated": lines.repeated,
                "lines_of_pgaudit": lines.audited,
                "log_line_prefix": lines.prefix,
                "has_no_year": file.dating is not None,
                "first_at": lines.span[0],
                "last_at": lines.span[1],
            }
        )
    for reader in readers.values():
        reader.end()
    if thinning is not None:
        thinning.end(readers.values())
    counted(told, [reader.found for reader in readers.values()])
    return [reader.found for reader in readers.values()], told


class _Lines:
    """Takes the lines of a file out of their envelope, and gives each to the reader whose it is."""

    def __init__(
        self,
        file: LogFile,
        every: Sequence[type[Reader]],
        shared: tuple[dict[str, Reader], ByGroup, str, Thinning | None],
        parts: Parts,
    ) -> None:
        self._file = file
        self._readers, self._repeats, self._zone, self._thinning = shared
        self._every = every
        # Objects are told apart by their fields only: what says more of them is asked first.
        self._kinds = (file.reader, *(each for each in every if each is not file.reader))
        self._known: dict[tuple[type[Reader], str], Reader] = {}
        self._last: dict[str, type[Reader]] = {}
        # Of the file before this one of the same log as well: it may have been cut there.
        self._parts = parts
        self._before: dict[str, tuple[int, int, int]] = {}
        self.first_unread = 0
        self._of(file.reader, "")

    def _of(self, kind: type[Reader], source: str) -> Reader:
        """The reader of one writer's lines; each has its own, as each has its own order."""
        reader = self._known.get((kind, source))
        if reader is None:
            file = self._file
            group = file.group if kind is file.reader else files.group(file.path, kind)
            name = f"{group} {source}" if source else group
            reader = self._readers.setdefault(name, kind(name, self._zone))
            reader.span_us = NEVER, LONG_AGO
            if (thinning := self._thinning) is not None:
                reader.saw, reader.was_dropped = thinning.saw, thinning.was_dropped
            self._known[kind, source] = reader
            told = reader.found
            self._before[name] = told.unread, told.repeated, told.audited
        return reader

    def take(self, place: Place, raw: bytes) -> None:
        """Take one line; note where the first one stands that is not understood."""
        self._take(place, raw)
        if not self.first_unread and self.unread:
            self.first_unread = place.line

    def _take(self, place: Place, raw: bytes) -> None:
        line = raw.decode("utf-8", "replace").rstrip("\r\n")
        line = line if place.offset else line.removeprefix("\ufeff")
        opened = self._file.opened(line)
        if opened is None:
            self._of(self._file.reader, "").unread(line)
            return
        begun = self._parts.get(opened.source)
        if begun and begun[0].file != place.file and self._is_whole(opened):
            self._cut(opened.source)  # a file in between is missing
        elif begun:
            first, text, before = self._parts.pop(opened.source)
            raw = before + raw
            is_here = first.file == place.file
            length = place.offset + place.length - first.offset if is_here else first.length
            place = first._replace(length=length)
            opened = opened._replace(text=f"{text}{opened.text}")
        if opened.is_part:
            self._parts[opened.source] = place, opened.text, raw
            return
        kind, text = self._kind(opened)
        self._last[opened.source] = kind
        reader = self._of(kind, opened.source)
        told = text.encode()
        is_by_collector = _FINE.search(opened.at) and not _FINE.search(text, 0, _HEAD)
        same, stamped = (raw, opened.at.encode()) if is_by_collector else (told, told)
        repeats = self._repeats[reader.found.group]
        if repeats.has(same, stamped, is_run_log=reader.kind == "Sidekiq"):
            reader.found.repeated += 1
            return
        reader.late_us = LATE_US if self._file.is_stamped else 0
        for each in (text,) if text.startswith("{") else text.split("\n"):
            reader.read(place, each)

    def _kind(self, opened: Opened) -> tuple[type[Reader], str]:
        """Whose line it is: one that nobody takes goes on the last one of its writer."""
        kinds = self._every if opened.text.startswith("{") else self._kinds
        kind = files.taker(opened.text, kinds)
        if kind is not None or not (self._file.is_stamped and opened.at):
            return kind or self._last.get(opened.source, self._file.reader), opened.text
        text = envelope.stamped(opened.text, opened.at)
        kind = files.taker(text, self._kinds)
        return kind or self._last.get(opened.source, self._file.reader), text

    def _is_whole(self, opened: Opened) -> bool:
        """Whether a line begins as lines of its log do, and so goes on none."""
        text = opened.text
        if self._file.is_stamped and opened.at and files.taker(text, self._kinds) is None:
            return envelope.is_bare(text)
        return files.taker(text, self._kinds) is not None

    def cut(self) -> None:
        """Lines of which the rest is not given are not understood."""
        for source in list(self._parts):
            self._cut(source)

    def _cut(self, source: str) -> None:
        _, text, _ = self._parts.pop(source)
        self._of(self._last.get(source, self._file.reader), source).unread(text)

    def thin(self) -> None:
        """Let go of what does not matter, where much is held."""
        if self._thinning is not None:
            self._thinning.check(self._readers.values())

    def passed(self, from_us: int, to_us: int) -> None:
        """Let the readers know of the times of lines that they are not given."""
        for name in self._before:
            self._readers[name].passed(from_us, to_us)

    @property
    def kind(self) -> str:
        """What wrote the file's lines."""
        return " and ".join(dict.fromkeys(self._readers[name].kind for name in self._before))

    @property
    def unread(self) -> int:
        """How many of the file's lines were not understood."""
        told = self._before.items()
        return sum(self._readers[name].found.unread - before for name, (before, *_) in told)

    @property
    def repeated(self) -> int:
        """How many stood there a second time."""
        told = self._before.items()
        return sum(self._readers[name].found.repeated - before for name, (_, before, _) in told)

    @property
    def audited(self) -> int:
        """How many were pgAudit's."""
        told = self._before.items()
        return sum(self._readers[name].found.audited - before for name, (*_, before) in told)

    @property
    def span(self) -> tuple[str, str]:
        """From when to when its lines are, in UTC; empty where none tells a time."""
        spans = [self._readers[name].span_us for name in self._before]
        first, last = min(s[0] for s in spans), max(s[1] for s in spans)
        return (clock.told(first), clock.told(last)) if first <= last else ("", "")

    @property
    def prefix(self) -> str:
        """PostgreSQL's `log_line_prefix`, where lines were read with one."""
        return next((p for name in self._before if (p := self._readers[name].told_prefix)), "")


def _read(file: LogFile, lines: _Lines, near: Sequence[Window], zone: str) -> tuple[int, int]:
    """Read one file; how many lines it has, and how many were passed over."""
    count = passed = offset = 0
    if file.form is not None or file.is_backwards:
        return _read_pieces(file, lines), 0
    with open_log(file.path) as log:
        for block in _blocks(log):
            for start, end, is_near in _stretches(block, near, zone, lines):
                if not is_near:
                    lines.cut()
                    here = _line_feeds(block, start, end)
                    count += here
                    passed += here
                    offset += end - start
                    continue
                for raw in _lines(bytes(block[start:end])):
                    count += 1
                    lines.take(Place(file.number, count, offset, len(raw)), raw)
                    offset += len(raw)
                lines.thin()
    return count, passed


def _read_pieces(file: LogFile, lines: _Lines) -> int:
    """Read a file whose records may be longer than a line, or are not in order; how many it has."""
    count = 0
    pieces = exported.in_order(file.path, file.form, is_backwards=file.is_backwards)
    for number, offset, raw in pieces:
        count += 1
        lines.take(Place(file.number, number, offset, len(raw)), raw)
        if count % _THINNED_EVERY == 0:
            lines.thin()
    return count


def _blocks(log: IO[bytes]) -> Iterator[bytearray]:
    """Whole lines, some megabytes at a time."""
    buffer = bytearray(BLOCK_BYTES)
    while size := cast("BufferedIOBase", log).readinto(buffer):
        block = buffer if size == BLOCK_BYTES else buffer[:size]
        rest = b"" if block.endswith(b"\n") else log.readline(_LINE_MAX)
        yield block + rest if rest else block


def _line_feeds(block: bytearray, start: int, end: int) -> int:
    """How many lines there are; the last one of a file may lack its line feed."""
    stretch = np.frombuffer(block, np.uint8, end - start, start)
    return int(np.count_nonzero(stretch == _LINE_FEED)) + (block[end - 1] != _LINE_FEED)


def _lines(block: bytes) -> list[bytes]:
    """Lines that end in a line feed only: a carriage return may stand within one."""
    parts = block.split(b"\n")
    last = parts.pop()
    return [part + b"\n" for part in parts] + ([last] if last else [])


def _stretches(
    block: bytearray, near: Sequence[Window], zone: str, lines: _Lines
) -> Iterator[tuple[int, int, bool]]:
    """Stretches of a block in order: from where, to where, and whether it may be near in time.

    A stretch is asked for the time of its first line, of the next one's, and of one in between.
    """
    starts = [0]
    while (at := block.find(b"\n", starts[-1] + STRETCH_BYTES) + 1) and at < len(block):
        starts.append(at)
    starts.append(len(block))
    last = block.rfind(b"\n", 0, len(block) - 1) + 1
    times = [_time(block, start, zone) for start in (*starts[:-1], last)]
    begun = 0
    was_near: bool | None = None
    passed: list[int] = []
    for number in range(len(starts) - 1):
        start, end = starts[number], starts[number + 1]
        middle = block.find(b"\n", start + STRETCH_BYTES // 2, end) + 1
        between = _time(block, middle, zone) if 0 < middle < end else times[number]
        told = [t for t in (times[number], between, times[number + 1]) if t is not None]
        span = min(t[0] for t in told) if told else 0, max(t[1] for t in told) if told else 0
        is_near = len(told) < _ASKED or _is_near(span, near)
        if was_near is not None and is_near != was_near:
            _pass(lines, passed)
            yield begun, start, was_near
            begun = start
        if not is_near:
            passed += [sum(each) // 2 for each in told]
        was_near = is_near
    _pass(lines, passed)
    if was_near is not None:
        yield begun, len(block), was_near


def _pass(lines: _Lines, times: list[int]) -> None:
    """Let a file's readers know of the times that they are not given, in their turn."""
    if times:
        lines.passed(min(times), max(times))
        times.clear()


def _time(block: bytearray, start: int, zone: str) -> Window | None:
    """Between which instants the line was written that begins somewhere; None if it has no stamp.

    Of a line without one, that of the next line that has one.
    """
    stamp = _STAMP.search(block, start, start + _SEARCHED_BYTES)
    at = clock.instant(stamp[1].decode("ascii"), zone) if stamp else None
    if stamp is None or at is None:
        return None
    loose = 0 if stamp[2] else _ANY_ZONE_US
    return at - loose, at + loose


def _is_near(times: tuple[int, int], near: Sequence[Window]) -> bool:
    return any(times[0] <= to_us and from_us <= times[1] for from_us, to_us in near)


def fetch(path: str, places: Collection[Place]) -> Iterator[tuple[Place, bytes]]:
    """The bytes of some lines of a file."""
    with open_log(path) as file:
        for place in sorted(places, key=lambda p: p.offset):
            file.seek(place.offset)
            yield place, file.read(place.length)
