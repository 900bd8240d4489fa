"""Rows that were not accepted: each with its line, its reason and its text.

They lie in a file until they are asked for: an export may be rejected as a whole, with millions.
"""

import csv
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Final, NamedTuple, overload

from settle_core import formats
from settle_core.errors import Fault

KEPT_MAX: Final = 1000  # in memory


class Rejected(NamedTuple):
    """A row that was not accepted. `line` counts from 1; in Parquet it is the row's number."""

    file: str
    line: int
    reason: str
    row: str


class Rejects(Sequence[Rejected]):
    """All rows of an export that were not accepted, in the order of file and line.

    Of a sample the first ones are there, and the others counted: in a trial nobody reads them.
    """

    def __init__(self, folder: Path, *, is_sample: bool = False) -> None:
        """None yet; beyond the first ones they are kept in a file in that folder."""
        self.is_sample = is_sample
        self._first: list[Rejected] = []
        self._count = 0
        self._path = folder / "rejects.csv"

    def extend(self, rows: Iterable[Rejected]) -> int:
        """Add rows; returns how many they were."""
        before = self._count
        rows = iter(rows)
        for row in islice(rows, KEPT_MAX - len(self._first)):
            self._first.append(row)
            self._count += 1
        following = None if self.is_sample else next(rows, None)
        if following is not None:
            with self._path.open("a", encoding="utf-8", errors="replace", newline="") as file:
                writer = csv.writer(file, quoting=csv.QUOTE_ALL)
                for row in chain([following], rows):
                    writer.writerow(row)
                    self._count += 1
        return self._count - before

    def are(self, number: int) -> None:
        """Say how many there are with those that a sample does not hold."""
        self._count = number

    def demand_none(self, export: Path | str, todo: str) -> None:
        """Raise Fault, with the first of them, where a part of an export is not enough."""
        if self._count:
            first = self._first[0]
            raise Fault(
                f"{self._count} rows rejected",
                where=str(export),
                expected="every row accepted",
                found=f"{first.reason} ({first.file}, line {first.line})",
                todo=todo,
            )

    def __len__(self) -> int:
        """How many."""
        return self._count

    def __repr__(self) -> str:
        """Count them."""
        return f"<{self._count:,} rejected rows>"

    def __iter__(self) -> Iterator[Rejected]:
        """Each, from memory and file."""
        yield from self._first
        if self._count > len(self._first) and not self.is_sample:
            for file, line, reason, row in records(self._path):
                yield Rejected(file, int(line), reason, row)

    @overload
    def __getitem__(self, index: int) -> Rejected: ...

    @overload
    def __getitem__(self, index: slice) -> Sequence[Rejected]: ...

    def __getitem__(self, index: int | slice) -> "Rejected | Sequence[Rejected]":
        """One of them, or some."""
        if isinstance(index, slice):
            return tuple(islice(self, *index.indices(self._count)))
        place = range(self._count)[index]
        if place < len(self._first):
            return self._first[place]
        return next(islice(self, place, None))

    def __eq__(self, other: object) -> bool:
        """Equal to any sequence of the same rows."""
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(a == b for a, b in zip(self, other, strict=True))

    def __hash__(self) -> int:
        """By identity: what is in it may grow."""
        return id(self)


def records(path: Path) -> Iterator[list[str]]:
    """The records of a file that this package wrote itself."""
    csv.field_size_limit(min(sys.maxsize, 2**31 - 1))
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.reader(file)


def write_csv(path: Path, rows: Iterable[Rejected]) -> None:
    """Write the rows that were not accepted, text that a spreadsheet would run made harmless."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(formats.csv_line(Rejected._fields))
        file.writelines(formats.csv_line(formats.harmless(str(v)) for v in row) for row in rows)
