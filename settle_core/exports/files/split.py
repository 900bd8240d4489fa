"""A CSV that is not plain, split record by record: what cannot be a row is told, with its line.

Slower than DuckDB's reader and total: a line that is too long or holds a NUL, a lone carriage
return, a quote that is never closed, bytes that are no text. Each becomes a rejected row, and the
others a clean file that DuckDB reads.
"""

import codecs
import csv
import io
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from settle_core.errors import Fault
from settle_core.exports.files import quotes, scan
from settle_core.exports.files.quotes import Marks, State
from settle_core.exports.profiles.keys import Dialect

SHOWN_MAX: Final = 2000  # characters of a rejected record
TRIAL_BYTES: Final = 4000
PACKED: Final = {
    b"\x1f\x8b": "what gzip packed",
    b"PK\x03\x04": "a zip, as workbooks are",
    b"\x28\xb5\x2f\xfd": "what zstd packed",
    b"\xfd7zX": "what xz packed",
}
RULE: Final = re.compile(r"[-+=|,;\s]*-{3}[-+=|,;\s]*")  # a line drawn below a header
FOOTER_MAX: Final = 100  # lines
NUMBER: Final = re.compile(r"\d+([.,]\d+)*")


class Record(NamedTuple):
    """A record: its first line, from 1; its fields, or the reason why it has none; its text.

    `is_odd` says that nothing but their number is wrong with its fields.
    """

    line: int
    fields: list[str]
    reason: str
    text: str
    is_odd: bool = False


class Cleaned(NamedTuple):
    """How many rows are clean, are none, or stand below the table; the longest clean one."""

    rows: int
    rejected: int
    below: int
    longest: int


def records(path: Path, csv_: Dialect) -> Iterator[Record]:
    """Every record of a CSV that is not blank, the header first.

    Raises:
        Fault: the file cannot be read at all, or not in its encoding.
    """
    csv.field_size_limit(sys.maxsize)
    with scan.opened(path) as file:
        stream, encoding = _readable(file, path, csv_)
        splitter = _Splitter(stream, encoding, csv_, path.name)
        try:
            yield from splitter
        except UnicodeError as error:
            where = f"{path.name}, behind line {splitter.line}"
            raise undecodable(where, csv_.encoding, str(error), b"") from error


def misfits(text: str, csv_: Dialect) -> int:
    """How many records of a text are none, or no rows, by a dialect; all of them if it is refused.

    A dialect is right if next to none are.
    """
    raw = text.encode("utf-8", "surrogatepass")
    splitter = _Splitter(io.BytesIO(raw), "utf-8", csv_, "")
    try:
        return sum(bool(record.reason) for record in splitter)
    except Fault:
        return text.count("\n")


def header(path: Path, csv_: Dialect) -> tuple[str, ...]:
    """The names of the columns. Raises Fault if the first line is none."""
    first = next(records(path, csv_), None)
    if first is None:
        raise Fault(
            "file is empty",
            where=path.name,
            expected="a header and rows",
            found="nothing",
            todo="export it again",
        )
    if not first.fields:
        where = f"{path.name}, line {first.line}"
        if first.reason == quotes.BARE_RETURN:
            raise Fault(
                "lines end in a carriage return alone",
                where=path.name,
                expected="lines that end in a line feed",
                found="the whole file as one line",
                todo="export it again, or save it as CSV with the line ends of today",
            )
        todo = "see csv.delimiter, csv.skip_lines and csv.encoding"
        raise Fault("the header cannot be read", where=where, found=first.reason, todo=todo)
    return tuple(first.fields)


def _readable(file: BinaryIO, path: Path, csv_: Dialect) -> tuple[BinaryIO, str]:
    """A stream in which line ends, quotes and commas are the bytes that they are in ASCII."""
    start = file.read(4)
    packed = next((name for mark, name in PACKED.items() if start.startswith(mark)), "")
    if packed:
        todo = "unpack it, or call it as what it is: .csv.gz and .xlsx are read"
        raise Fault("the file is no text", where=path.name, found=packed, todo=todo)
    rest = io.BufferedReader(_Joined(start, file), scan.CHUNK_BYTES)
    encoding = codecs.lookup(csv_.encoding).name
    guessed = guess(start + rest.peek(TRIAL_BYTES)[4:], encoding)
    if guessed and encoding == "utf-8" and guessed.startswith(("utf-16", "utf-32")):
        raise undecodable(path.name, csv_.encoding, f"text in {guessed}", b"", guessed)
    if encoding == "utf-8":
        if start.startswith(codecs.BOM_UTF8):
            rest.read(3)
        return rest, encoding
    # A backslash may be the half of a letter, in Shift-JIS for one.
    if '\n",;0A'.encode(encoding) == b'\n",;0A' and not csv_.escape:
        return rest, encoding
    text = codecs.getreader(encoding)(rest)
    return io.BufferedReader(_Joined(b"", _Recoded(text)), scan.CHUNK_BYTES), "utf-8"


class _Joined(io.RawIOBase):
    """Bytes that were read already, and the file that they were read from."""

    def __init__(self, start: bytes, file: "BinaryIO | _Recoded") -> None:
        self.start, self.file = start, file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        got = self.start or self.file.read(len(buffer))
        self.start = got[len(buffer) :]
        count = min(len(got), len(buffer))
        buffer[:count] = got[:count]
        return count


class _Recoded:
    """Text of another encoding, as UTF-8."""

    def __init__(self, text: codecs.StreamReader) -> None:
        self.text = text
        self.is_first = True

    def read(self, size: int) -> bytes:
        part = self.text.read(size // 4)
        if not part and self.text.bytebuffer:
            raise Fault(
                "file is cut off",
                expected="whole letters",
                found="a part of one at its end",
                todo="export it again",
            )
        if self.is_first:
            self.is_first = False
            part = part.removeprefix("\N{ZERO WIDTH NO-BREAK SPACE}")
        return part.encode("utf-8", "surrogatepass")


class _Line(NamedTuple):
    """A line: its bytes, of a long one the first; how long it is; what is open at its end."""

    start: bytes
    size: int
    state: State


class _Splitter:
    """Records of a stream of bytes."""

    def __init__(self, stream: BinaryIO, encoding: str, csv_: Dialect, name: str) -> None:
        self.stream, self.encoding, self.csv, self.name = stream, encoding, csv_, name
        self.marks = Marks(csv_, encoding)
        self.line = 0
        self.width = 0

    def __iter__(self) -> Iterator[Record]:
        for _ in range(self.csv.skip_lines):
            self._next(State())
        while line := self._next(State()):
            number = self.line
            parts, size = [line.start], line.size
            while line.state.goes_on and (more := self._next(line.state)):
                line, size = more, size + more.size
                if size <= scan.RECORD_BYTES_MAX:
                    parts.append(line.start)
            record = self._record(number, b"".join(parts), size, line.state)
            if record is not None:
                if len(parts) > 1 and not record.reason and self.csv.quote == "auto":
                    where = f"{self.name}, line {number}"
                    quotes.demand_one(parts, self.marks.delimiter, self.width, where)
                self.width = self.width or len(record.fields)
                yield record

    def _next(self, state: State) -> "_Line | None":
        """The next line, of one that is too long the start; None at the end."""
        piece = start = self._piece()
        if not piece:
            return None
        self.line += 1
        if not state.goes_on and self.encoding == "utf-8":
            # Of files that were put one behind the other.
            piece = start = piece.removeprefix(codecs.BOM_UTF8)
        size = len(piece)
        state = self.marks.ends(piece, state)
        while not piece.endswith(b"\n") and size > scan.RECORD_BYTES_MAX:
            goes_on = not piece.endswith(self.marks.delimiter)
            if not (piece := self._piece()):
                break
            size += len(piece)
            inside = goes_on and not state.is_quoted
            state = self.marks.ends(piece, State(state.is_quoted, inside))
        return _Line(start, size, state)

    def _piece(self) -> bytes:
        """A line, or as much of it as is looked at in one go; not cut behind a mark."""
        piece = self.stream.readline(scan.RECORD_BYTES_MAX + 1)
        while piece.endswith((b'"', b"\\")) and (more := self.stream.readline(1)):
            piece += more
        return piece

    def _record(self, number: int, raw: bytes, size: int, state: State) -> Record | None:
        """A record, or why it is none; None for a blank line."""
        raw = raw if state.goes_on else raw.removesuffix(b"\n").removesuffix(b"\r")
        if not raw:
            return None
        fields: list[str] = []
        text, reason = "", self._unsplit(number, size, is_open=state.goes_on)
        if not reason:
            try:
                text = raw.decode(self.encoding)
                if self.csv.trim and RULE.fullmatch(text):
                    return None
                fields = self._fields(text)
            except UnicodeDecodeError as error:
                reason = undecoded(raw, error, self.csv.encoding)
            except ValueError as error:
                reason = f"{error}{self._more(number)}"
        is_odd = not reason and "\0" not in text and len(fields) != (self.width or len(fields))
        if "\0" in text:
            reason = quotes.NUL
        elif is_odd:
            reason = f"the row has {len(fields)} fields, the header {self.width}"
        if not reason:
            return Record(number, fields, "", text)
        shown = raw[: 4 * SHOWN_MAX].decode(self.encoding, "replace").removesuffix("\n")
        cut = "..." if len(shown) > SHOWN_MAX or len(raw) > 4 * SHOWN_MAX else ""
        return Record(number, [], reason, shown[:SHOWN_MAX] + cut, is_odd)

    def _unsplit(self, number: int, size: int, *, is_open: bool) -> str:
        """Why the bytes of a record are not looked at: it is too long, or has no end."""
        if size > scan.RECORD_BYTES_MAX and is_open:
            return f"a quote is opened in this row and not closed in {size:,} bytes"
        if size > scan.RECORD_BYTES_MAX:
            return f"the row is {size:,} bytes long, of at most {scan.RECORD_BYTES_MAX:,}"
        if not is_open:
            return ""
        return f"a quote is opened in this row and never closed{self._more(number, ' to the end')}"

    def _more(self, number: int, to: str = "") -> str:
        lines = self.line - number + 1
        return f": the {lines:,} lines from here{to} are one row" if lines > 1 else ""

    def _fields(self, text: str) -> list[str]:
        fields = self.marks.fields(text)
        return [field.strip() for field in fields] if self.csv.trim else fields


def undecoded(raw: bytes, error: UnicodeDecodeError, encoding: str) -> str:
    """Why bytes are no text, and which encoding would make them some."""
    bad = raw[error.start : error.start + 1].hex()
    near = re.split(rb"[,;\t|\s]", raw[max(error.start - 12, 0) : error.start + 12])
    word = next((w for w in near if raw[error.start : error.start + 1] in w), b"")
    what = f"the row is not {encoding}: byte 0x{bad} at {error.start + 1}"
    found = guess(raw, encoding)
    if not found:
        return what
    return f'{what}; {word.decode(found, "replace")!r} with csv.encoding = "{found}"'


def undecodable(where: str, encoding: str, found: str, raw: bytes, guessed: str = "") -> Fault:
    """The fault of a file whose encoding is another one than the profile says."""
    other = guessed or guess(raw, encoding)
    todo = f'set csv.encoding = "{other}"' if other else "set csv.encoding"
    return Fault("file cannot be decoded", where=where, expected=encoding, found=found, todo=todo)


def guess(raw: bytes, encoding: str) -> str:
    """The encoding that bytes look like where it is not the one that was expected, or nothing."""
    for mark, name in (
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if raw.startswith(mark):
            return name if name != encoding else ""
    for place, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        half = raw[place:TRIAL_BYTES:2]
        if len(half) > 1 and half.count(0) > len(half) * 0.7 and not raw[1 - place :: 2].count(0):
            return name
    for name in ("utf-8", "cp1252", "latin-1"):
        if name != encoding and not (raw.isascii() and name == "utf-8"):
            try:
                raw.decode(name)
            except UnicodeDecodeError:
                continue
            return name
    return ""


def clean(path: Path, csv_: Dialect, target: Path, rejects: Path) -> Cleaned:
    """Write what can be a row to a clean CSV, its line before it, and the others beside it.

    Raises:
        Fault: the lines below the table are not there, so its end may be missing too.
    """
    rows = bad = longest = 0
    below: list[Record] = []
    with (
        target.open("w", encoding="utf-8", newline="") as good_file,
        rejects.open("w", encoding="utf-8", errors="replace", newline="") as bad_file,
    ):
        good = csv.writer(good_file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        told = csv.writer(bad_file, quoting=csv.QUOTE_ALL, lineterminator="\n")
        for k, record in enumerate(records(path, csv_)):
            if _is_below(record, csv_, below):
                below.append(record)
                continue
            # What is followed by a row stood in the table.
            others = [*below, record] if record.reason else below
            told.writerows((each.line, each.reason, each.text) for each in others)
            bad += len(others)
            below = []
            if k and not record.reason:
                good.writerow((record.line, *record.fields))
                rows += 1
                longest = max(longest, len(record.text))
    if csv_.footer and not below:
        raise Fault(
            "the lines below the table are missing",
            where=path.name,
            expected=f"at its end a line that is no row and starts with {' or '.join(csv_.footer)}",
            found="none",
            todo="export it again, it may be cut off; if it has no such line, see csv.footer",
        )
    return Cleaned(rows, bad, len(below), longest)


def _is_below(record: Record, csv_: Dialect, below: Sequence[Record]) -> bool:
    """Whether it stands below the table, if no row follows."""
    if not record.is_odd or len(below) == FOOTER_MAX:
        return False
    return bool(below) or is_footer(record.text, csv_.footer)


def is_footer(line: str, starts: tuple[str, ...]) -> bool:
    """Whether a line starts as those below the table do, quoted or not; `#` is any number."""
    text = line.lstrip('" ')
    return text.startswith(starts) or NUMBER.sub("#", text).startswith(starts)
