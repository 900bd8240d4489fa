"""A look at every byte of a file before it is read: its hash, and how many records it must hold.

The count is the reader's check: it goes by line ends and quotes alone, and shares nothing with
what reads the values. The same look says whether a file is plain, or is to be split with care.
"""

import codecs
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from settle_core.errors import Fault

# A ledger is packed to a tenth or so; what is packed to less than this is no ledger.
UNPACKED_TIMES_MAX: Final = 200
UNPACKED_BYTES_MIN: Final = 256 * 2**20
CHUNK_BYTES: Final = 1_000_000
# A record up to this long is read, a longer one rejected. No shorter than two chunks.
RECORD_BYTES_MAX: Final = 2 * CHUNK_BYTES
Bytes = NDArray[np.uint8]
Places = NDArray[np.int64]
QUOTE, LINE_FEED, RETURN = b'"', b"\n", b"\r"
BACKSLASH, NO_VALUE = b"\\", b"\\N"


class Scan(NamedTuple):
    """What a look at the bytes tells.

    Attributes:
        bytes: of the file as it lies there.
        sha256: of the same.
        records: rows and header, without blank lines; right only if it `is_plain`.
        is_plain: UTF-8, one kind of line end, nothing too long, no NUL.
        is_even: each record is one line and no line is blank.
        stamp: of the file when it was looked at; another stamp means another file.
        is_wrapped: a line may end within quotes.
        is_quoted: there are quotes.
        is_escaped: there are backslashes that no N follows.
    """

    bytes: int
    sha256: str
    records: int
    is_plain: bool
    is_even: bool
    stamp: tuple[int, int, int]
    is_wrapped: bool = True
    is_quoted: bool = True
    is_escaped: bool = True


def stamp(path: Path) -> tuple[int, int, int]:
    """What changes when a file is written to or replaced."""
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns, stat.st_ino


class _Hashed(io.RawIOBase):
    """A file whose bytes are hashed as they are read."""

    def __init__(self, file: BinaryIO) -> None:
        self.file, self.digest, self.size = file, hashlib.sha256(), 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "memoryview | bytearray") -> int:  # type: ignore[override]
        count = cast("io.BufferedReader", self.file).readinto(buffer)
        self.digest.update(memoryview(buffer)[:count])
        self.size += count
        return count


def is_gzip(path: Path) -> bool:
    """Whether a file is called as if it were compressed."""
    return path.name.lower().endswith(".gz")


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The file's bytes, unpacked where it is packed. Raises Fault where they cannot be read."""
    try:
        with path.open("rb") as file:
            yield cast("BinaryIO", gzip.GzipFile(fileobj=file)) if is_gzip(path) else file
    except (OSError, EOFError, zlib.error) as error:
        raise unreadable(path, error) from error


def unreadable(path: Path, error: Exception) -> Fault:
    """The fault of a file that cannot be read."""
    found = getattr(error, "strerror", None) or str(error)
    return Fault("file cannot be read", where=path.name, found=found, todo="export it again")


def hashed(path: Path) -> Scan:
    """Only the hash of a file; its records are counted by others."""
    before = stamp(path)
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256")
    except OSError as error:
        raise unreadable(path, error) from error
    return Scan(before[0], digest.hexdigest(), 0, is_plain=False, is_even=False, stamp=before)


def scan(path: Path) -> Scan:
    """Look at every byte of a CSV. Raises Fault where it cannot be read."""
    before = stamp(path)
    seen = _Seen()
    try:
        with path.open("rb") as plain:
            hashing = _Hashed(plain)
            raw = gzip.GzipFile(fileobj=hashing) if is_gzip(path) else hashing
            buffer = io.BufferedReader(cast("io.RawIOBase", raw), CHUNK_BYTES)
            unpacked, most = 0, max(UNPACKED_BYTES_MIN, UNPACKED_TIMES_MAX * before[0])
            while chunk := buffer.read(CHUNK_BYTES):
                seen.add(chunk)
                unpacked += len(chunk)
                if is_gzip(path) and unpacked > most:
                    raise too_packed(path, before[0])
            while hashing.read(CHUNK_BYTES):  # what may lie behind the end of packed data
                pass
    except (OSError, EOFError, zlib.error) as error:
        raise unreadable(path, error) from error
    seen.end()
    return Scan(
        hashing.size,
        hashing.digest.hexdigest(),
        seen.records,
        seen.is_plain,
        seen.is_even,
        before,
        seen.is_wrapped,
        seen.has_quotes,
        seen.is_escaped,
    )


def too_packed(path: Path, packed: int) -> Fault:
    """The fault of a file that would fill the memory or the disk."""
    return Fault(
        "the file unpacks to very much more than it is",
        where=path.name,
        expected=f"at most {UNPACKED_TIMES_MAX} times its {packed:,} bytes, as ledgers are packed",
        found="more",
        todo="unpack it, and look whether it is what you meant",
    )


class _Seen:
    """What the chunks so far told."""

    def __init__(self) -> None:
        self.records = 0
        self.is_plain = True
        self.is_even = True
        self.has_returns: bool | None = None
        self.is_quoted = self.is_wrapped = self.has_quotes = self.is_escaped = False
        self.last = LINE_FEED  # before the first line there is none that is open
        self.before_last = b""
        self.decoder = codecs.getincrementaldecoder("utf-8")()
        self.gap = 0

    def add(self, chunk: bytes) -> None:
        """Take in a chunk."""
        if not self.is_plain:
            return
        values = np.frombuffer(chunk, np.uint8)
        feeds = np.flatnonzero(values == LINE_FEED[0])
        if self._is_torn(chunk, len(feeds)) or not self._is_text(chunk):
            self.is_plain = False
            return
        self.has_quotes = self.has_quotes or QUOTE in chunk
        # One that is cut off at the end of a chunk is taken for another.
        if BACKSLASH in chunk and chunk.count(BACKSLASH) != chunk.count(NO_VALUE):
            self.is_escaped = True
        self._count(chunk, values, feeds)
        self.before_last = (self.before_last + self.last + chunk[-2:-1])[-1:]
        self.last = chunk[-1:]

    def _is_torn(self, chunk: bytes, feeds: int) -> bool:
        """Whether there are several kinds of line ends in the file, or a NUL."""
        if b"\0" in chunk:
            return True
        returns = chunk.count(RETURN) if RETURN in chunk else 0
        if returns and self.has_returns is None:
            self.has_returns = True
        if self.has_returns is None and feeds:
            self.has_returns = False
        if not self.has_returns:
            return bool(returns)
        pairs = chunk.count(b"\r\n") + (self.last == RETURN and chunk[:1] == LINE_FEED)
        bare = returns - (chunk[-1:] == RETURN) + (self.last == RETURN) - pairs
        return bool(bare) or feeds != pairs

    def _is_text(self, chunk: bytes) -> bool:
        if chunk.isascii() and not self.decoder.getstate()[0]:
            return True
        try:
            self.decoder.decode(chunk)
        except UnicodeDecodeError:
            return False
        # One that is not at the start is of another file behind this one, and no part of a value.
        within = self.before_last + self.last + chunk
        return codecs.BOM_UTF8 not in within[0 if self.before_last else len(codecs.BOM_UTF8) :]

    def _count(self, chunk: bytes, values: Bytes, feeds: Places) -> None:
        """Line ends outside quotes, less those of blank lines."""
        width = 2 if self.has_returns else 1
        has_blank = (
            bool(np.any(np.diff(feeds) == width))
            or (self.last == LINE_FEED and chunk[:1] in {LINE_FEED, RETURN})
            or (self.before_last + self.last == b"\n\r" and chunk[:1] == LINE_FEED)
        )
        if not has_blank and not self.is_quoted and QUOTE not in chunk:
            self.is_plain = len(feeds) > 0  # else a line is longer than a chunk
            self.records += len(feeds)
            return
        inside = np.cumsum(values == QUOTE[0], dtype=np.uint8) & 1
        if self.is_quoted:
            inside ^= 1
        ends = feeds[inside[feeds] == 0]
        if len(ends) < len(feeds):
            self.is_even = False
            self.is_wrapped = True
        if not len(ends):
            self.is_plain = False
            return
        starts = np.concatenate([[-1 - self._open_length()], ends[:-1]])
        blank = int(np.count_nonzero(ends - starts == width))
        if blank:
            self.is_even = False
        self.records += len(ends) - blank
        self.is_quoted = bool(inside[-1])

    def _open_length(self) -> int:
        """Bytes of the line that is open, as far as blank lines care: 0, 1, or some more."""
        if self.last == LINE_FEED:
            return 0
        return 1 if self.before_last + self.last == b"\n\r" else 3

    def end(self) -> None:
        """The last line may lack its end."""
        if self.last not in {LINE_FEED, RETURN}:
            self.records += 1
        if self.is_quoted or self.last == RETURN or self.decoder.getstate()[0]:
            self.is_plain = False
