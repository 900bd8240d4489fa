"""Logs of many gigabytes, streamed: only lines near the rows in question are looked at closely."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from settle_core.logs import files
from settle_core.logs.files import LogFile
from settle_core.logs.model import Found, Place

if TYPE_CHECKING:
    from settle_core.logs.reader import Reader

Window = tuple[int, int]


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

    Returns:
        What the groups hold, and for each file what was read of it.
    """
    del near
    readers: dict[str, Reader] = {}
    told: list[dict[str, object]] = []
    for file in recognised:
        reader = readers.setdefault(file.group, file.reader(file.group, zone))
        before = reader.found.unread
        count = 0
        for place, line in files.lines(file.path, file.number):
            reader.read(place, line)
            count += 1
        told.append(
            {
                "path": file.path,
                "kind": reader.kind,
                "lines": count,
                "unread": reader.found.unread - before,
            }
        )
    for reader in readers.values():
        reader.end()
    return [reader.found for reader in readers.values()], told


def fetch(path: str, places: Collection[Place]) -> Iterator[tuple[Place, bytes]]:
    """The bytes of some lines of a file."""
    with files.open_log(path) as file:
        for place in sorted(places, key=lambda p: p.offset):
            file.seek(place.offset)
            yield place, file.read(place.length)
