"""Logs of many gigabytes, streamed: only lines near the rows in question are looked at closely.

A log is read in blocks. Where a block's lines are of another time than every row in question, its
lines are counted and passed over.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import IO, Final

from settle_core.logs import clock, files
from settle_core.logs.files import LogFile
from settle_core.logs.model import Found, Place
from settle_core.logs.reader import Reader
from settle_core.logs.repeats import Repeats

Window = tuple[int, int]

BLOCK_BYTES: Final = 4 << 20
# Of a block, so many lines are asked for their time.
_SAMPLES: Final = 16
_SEARCHED_BYTES: Final = 1 << 16
_STAMP: Final = re.compile(
    rb"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?: ?(Z|UTC|GMT|[+-]\d\d:?(?:\d\d)?))?"
)
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
    recognised: Sequence[LogFile], near: Sequence[Window], zone: str
) -> tuple[list[Found], list[dict[str, object]]]:
    """Read the files, each group by one reader.

    Args:
        recognised: the files.
        near: the times of interest.
        zone: of times without one.

    Returns:
        What the groups hold, and for each file what was read of it.
    """
    readers: dict[str, Reader] = {}
    repeats: dict[str, Repeats] = {}
    told: list[dict[str, object]] = []
    for file in recognised:
        reader = readers.setdefault(file.group, file.reader(file.group, zone))
        is_run_log = reader.kind == "Sidekiq"
        known = repeats.setdefault(file.group, Repeats(is_run_log=is_run_log))
        before, twice = reader.found.unread, reader.found.repeated
        lines, passed = _read(file, reader, known, near, zone)
        unread = reader.found.unread - before
        told.append(
            {
                "path": file.path,
                "kind": reader.kind,
                "lines": lines,
                "lines_of_other_times": passed,
                "lines_not_understood": unread,
                "lines_repeated": reader.found.repeated - twice,
            }
        )
    for reader in readers.values():
        reader.end()
    return [reader.found for reader in readers.values()], told


def _read(
    file: LogFile, reader: Reader, repeats: Repeats, near: Sequence[Window], zone: str
) -> tuple[int, int]:
    """Read one file; how many lines it has, and how many were passed over."""
    count = passed = offset = 0
    with files.open_log(file.path) as log:
        for block in _blocks(log):
            times = _times(block, zone)
            if times is not None and not _is_near(times, near):
                reader.passed(*times)
                here = block.count(b"\n") + (not block.endswith(b"\n"))
                count += here
                passed += here
                offset += len(block)
                continue
            for raw in _lines(block):
                count += 1
                if repeats.has(raw):
                    reader.found.repeated += 1
                    offset += len(raw)
                    continue
                line = raw.decode("utf-8", "replace").rstrip("\r\n")
                reader.read(Place(file.number, count, offset, len(raw)), line)
                offset += len(raw)
    return count, passed


def _blocks(log: IO[bytes]) -> Iterator[bytes]:
    """Whole lines, some megabytes at a time."""
    rest = b""
    while block := log.read(BLOCK_BYTES):
        end = block.rfind(b"\n") + 1
        if not end:
            rest += block
            continue
        yield rest + block[:end] if rest else block[:end]
        rest = block[end:]
    if rest:
        yield rest


def _lines(block: bytes) -> list[bytes]:
    """Lines that end in a line feed only: a carriage return may stand within one."""
    parts = block.split(b"\n")
    last = parts.pop()
    return [part + b"\n" for part in parts] + ([last] if last else [])


def _times(block: bytes, zone: str) -> tuple[int, int] | None:
    """The least and the greatest time of some lines; None where they do not tell."""
    found: list[int] = []
    step = max(len(block) // _SAMPLES, 1)
    starts = [0, *(block.find(b"\n", at) + 1 for at in range(step, len(block), step))]
    starts.append(block.rfind(b"\n", 0, max(len(block) - 1, 0)) + 1)
    loose = 0
    for start in starts:
        if start >= len(block):
            continue
        stamp = _STAMP.search(block, start, start + _SEARCHED_BYTES)
        at = clock.instant(stamp.group().decode("ascii"), zone) if stamp else None
        if stamp is None or at is None:
            return None
        loose = loose if stamp[1] else _ANY_ZONE_US
        found.append(at)
    return min(found) - loose, max(found) + loose


def _is_near(times: tuple[int, int], near: Sequence[Window]) -> bool:
    return any(times[0] <= to_us and from_us <= times[1] for from_us, to_us in near)


def fetch(path: str, places: Collection[Place]) -> Iterator[tuple[Place, bytes]]:
    """The bytes of some lines of a file."""
    with files.open_log(path) as file:
        for place in sorted(places, key=lambda p: p.offset):
            file.seek(place.offset)
            yield place, file.read(place.length)
