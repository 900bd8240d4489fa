"""What a ledger's connection may use, and what it may not touch once the export is read.

Nothing in an export, a profile or a question can then read another file, change a setting or load
an extension: the connection is closed to all but its own scratch folder.
"""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb

from settle_core.errors import Fault

if TYPE_CHECKING:
    from settle_core.exports.source import Source

MEMORY: Final = "SETTLE_MEMORY_LIMIT"  # set by `--memory-limit`
_SIZE: Final = re.compile(r"[0-9]+(\.[0-9]+)?\s*[KMGT]i?B", re.IGNORECASE)


def demand_size(text: str) -> None:
    """Raise Fault if a text is no amount of memory."""
    if not _SIZE.fullmatch(text):
        expected, todo = "a size as 4GiB or 512MB", "write it with its unit"
        raise Fault(
            "no amount of memory", where="--memory-limit", expected=expected, found=text, todo=todo
        )


def limit(con: duckdb.DuckDBPyConnection, scratch: Path) -> None:
    """Give a connection its limits: of memory, and where it puts aside what is more.

    Without `--memory-limit` DuckDB takes at most four fifths of the machine's memory (or of the
    container's), and nine tenths of the free disk.
    """
    con.execute("SET temp_directory = $folder", {"folder": str(scratch / "spill")})
    con.execute("SET autoinstall_known_extensions = false")
    con.execute("SET autoload_known_extensions = false")
    if size := os.environ.get(MEMORY, ""):
        demand_size(size)
        con.execute("SET memory_limit = $size", {"size": size})


def close(con: duckdb.DuckDBPyConnection, scratch: Path, read: "Source | None" = None) -> None:
    """Close a connection to all files but those of its scratch folder, and to settings.

    Args:
        con: the connection.
        scratch: its folder.
        read: what it goes on to read.
    """
    con.execute("SET allowed_directories = $folders", {"folders": [f"{scratch}{os.sep}"]})
    if read:
        paths = [str(path.resolve()) for part in read.parts for path in part.paths]
        con.execute("SET allowed_paths = $paths", {"paths": paths})
    con.execute("SET enable_external_access = false")
    con.execute("SET lock_configuration = true")


@contextmanager
def told() -> Iterator[None]:
    """Tell that memory or disk did not suffice as a fault. Also a decorator."""
    try:
        yield
    except (duckdb.OutOfMemoryException, MemoryError) as error:
        raise Fault(
            "the memory does not suffice",
            expected="an export that fits with what is put aside on the disk",
            found=str(error).partition("\n")[0],
            todo="give --memory-limit more, audit fewer weeks, or free the disk",
        ) from error
    except duckdb.IOException as error:
        found = str(error).partition("\n")[0]
        todo = "look at the disk's free space and the files' permissions"
        raise Fault("a file cannot be read or written", found=found, todo=todo) from error
