"""A log's bytes, unpacked where they are packed, whatever it is called."""

import gzip
import io
from pathlib import Path
from typing import IO, cast


def open_log(path: str | Path) -> IO[bytes]:
    """Open a log, compressed or not."""
    with Path(path).open("rb") as file:
        is_compressed = file.read(2) == b"\x1f\x8b"
    if is_compressed:
        return cast("IO[bytes]", gzip.open(path, "rb"))
    return io.BufferedReader(io.FileIO(path), 1 << 20)
