"""Where a record of delimited text ends, and what its fields are: quotes, and letters escaped.

In CSV a field in quotes may hold line ends and delimiters. In the text of COPY and LOAD DATA a
quote is a letter, and a backslash goes before what is none. Read as CSV, such text may lose rows
without a word: all between two fields that begin with a quote are one field.
"""

import csv
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np

from settle_core.errors import Fault
from settle_core.exports.files import scan
from settle_core.exports.profiles.keys import Dialect

BARE_RETURN: Final = "the row holds a carriage return that ends no line and is not quoted"
NUL: Final = "the row holds a NUL character"
BEHIND: Final = "a quoted field goes on behind its closing quote: quotes in it must be doubled"
DANGLING: Final = "the row ends in a backslash, behind which a letter is missing"
ESCAPED: Final = re.compile(rb"\\.", re.DOTALL)
LETTER: Final = re.compile(r"\\(.)", re.DOTALL)
# As COPY and SELECT ... INTO OUTFILE write them; any other letter stands for itself.
LETTERS: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"} | {
    "0": "\0",
    "Z": "\x1a",
}
NO_VALUE: Final = r"\N"
QUOTED: Final = r'"((?:[^"\\]|\\.|"")*+)"'
BARE: Final = r"((?:[^\\{}]|\\.)*+)"


class State(NamedTuple):
    """How the next line of a record begins: within quotes, or within a field that has none."""

    is_quoted: bool = False
    is_bare: bool = False

    @property
    def goes_on(self) -> bool:
        """Whether the record has another line."""
        return self.is_quoted or self.is_bare


class Marks:
    """The marks of a dialect."""

    def __init__(self, dialect: Dialect, encoding: str) -> None:
        self.letter = dialect.delimiter
        self.delimiter = dialect.delimiter.encode(encoding)
        self.has_quotes, self.has_escapes = dialect.quote != "none", bool(dialect.escape)
        bare = BARE.format(re.escape(self.letter))
        self.field = re.compile(f"{QUOTED}|{bare}" if self.has_quotes else bare, re.DOTALL)

    def ends(self, line: bytes, state: State) -> State:
        """What is open at the end of a line, or of a piece of one that is not cut in a mark."""
        is_cut = False
        if self.has_escapes and b"\\" in line:
            whole, line = line, ESCAPED.sub(b"xx", line)
            is_cut = whole.endswith(b"\n") and not line.endswith(b"\n")
        is_quoted = self.has_quotes and ends_open(
            line, self.delimiter, is_open=state.is_quoted, is_inside=state.is_bare
        )
        return State(is_quoted, is_cut and not is_quoted)

    def fields(self, text: str) -> list[str]:
        """The fields of a record. Raises ValueError where it has none, with the reason."""
        if self.has_escapes and "\\" in text:
            return self._unescaped(text)
        if not (self.has_quotes and '"' in text):
            if "\r" in text:
                raise ValueError(BARE_RETURN)
            return text.split(self.letter)
        try:
            return next(csv.reader([text], delimiter=self.letter, strict=True))
        except csv.Error as error:
            raise ValueError(BARE_RETURN if "new-line" in str(error) else BEHIND) from error

    def _unescaped(self, text: str) -> list[str]:
        fields, place = [], 0
        while found := self.field.match(text, place):
            quoted = found[1] if self.has_quotes else None
            value = quoted.replace('""', '"') if quoted is not None else found[found.re.groups]
            if quoted is None and "\r" in value:
                raise ValueError(BARE_RETURN)
            is_none = quoted is None and value == NO_VALUE
            fields.append(value if is_none else LETTER.sub(_letter, value))
            place = found.end()
            if place == len(text):
                break
            if text[place] != self.letter:
                raise ValueError(DANGLING if text[place] == "\\" else BEHIND)
            place += 1
        if any("\0" in field for field in fields):
            raise ValueError(NUL)
        return fields


def _letter(found: re.Match[str]) -> str:
    return LETTERS.get(found[1], found[1])


def ends_open(line: bytes, delimiter: bytes, *, is_open: bool, is_inside: bool = False) -> bool:
    """Whether a quoted field is still open at the end of a line.

    Args:
        line: with its line end.
        delimiter: between fields.
        is_open: whether one was open at its start.
        is_inside: whether it starts inside a field that is not quoted.
    """
    if not is_open and b'"' not in line:
        return False
    place = 0
    while True:
        if not is_open:
            if is_inside or line[place : place + 1] != b'"':
                place = line.find(delimiter, place)
                if place < 0:
                    return False
                place, is_inside = place + len(delimiter), False
                continue
            place += 1
        end = line.find(b'"', place)
        if end < 0:
            return True
        is_open = line[end + 1 : end + 2] == b'"'
        is_inside = not is_open
        place = end + 1 + is_open


def demand_one(lines: Sequence[bytes], delimiter: bytes, width: int, where: str) -> None:
    """Raise Fault if the lines of one record are as many rows, were it not for its quotes.

    Of text with line ends the first line lacks the fields behind it, and the last those before.
    """
    fits = [line.count(delimiter) == width - 1 for line in lines]
    if width > 1 and len(fits) > 1 and fits[0] and fits[-1] and sum(fits) * 2 >= len(fits):
        raise Fault(
            "quotes hold what looks like whole rows",
            where=where,
            expected=f"text in quotes, or lines of {width} fields",
            found=f"{len(lines):,} such lines, one row by their quotes",
            todo='set csv.quote = "none" if quotes are letters, and csv.escape = "\\\\" beside it '
            'for text of COPY or LOAD DATA; csv.quote = "doubled" if it is one row indeed',
        )


def may_hold_rows(path: Path, delimiter: bytes, width: int) -> bool:
    """Whether a record may be one that `demand_one` refuses: a quick look at all of a plain file.

    It takes any quote for a mark, as the count of records does.
    """
    rest = b""
    with scan.opened(path) as file:
        while chunk := file.read(scan.CHUNK_BYTES):
            rest = rest + chunk
            values = np.frombuffer(rest, np.uint8)
            feeds = np.flatnonzero(values == scan.LINE_FEED[0])
            inside = np.cumsum(values == scan.QUOTE[0], dtype=np.uint8) & 1
            ends = np.flatnonzero(inside[feeds] == 0)
            if not len(ends):
                continue
            feeds = feeds[: ends[-1] + 1]
            counts = np.cumsum(values == delimiter[0], dtype=np.int32)[feeds]
            fits = np.diff(counts, prepend=0) == width - 1
            starts = np.concatenate([[0], ends[:-1] + 1])
            if np.any(fits[starts] & fits[ends] & (starts < ends)):
                return True
            rest = rest[feeds[-1] + 1 :]
    lines = rest.splitlines()
    return len(lines) > 1 and all(
        line.count(delimiter) == width - 1 for line in (lines[0], lines[-1])
    )
