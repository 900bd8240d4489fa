"""What an audit may use, and what its connection may not touch once the export is read.

The limit of memory is the process's, with the command that waits for it: the database gets what
Python does not hold and will not take, and puts more than that aside on the disk. Nothing in an
export, a profile or a question can read another file, change a setting or load an extension: the
connection is closed to all but its own scratch folder.
"""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Final

from settle_core import sql
from settle_core.errors import FOR_COMMAND, Fault, of_system

if TYPE_CHECKING:
    import duckdb

    from settle_core.exports.files.source import Source

MEMORY: Final = "SETTLE_MEMORY_LIMIT"  # set by `--memory-limit`
MIB: Final = 2**20
# What is imported and made later than this is asked for: report, charts, workbook.
RESERVE: Final = 112 * MIB
# With less the database does little else than to put aside.
DATABASE_MIN: Final = 48 * MIB
# Beyond its limit a database takes some for what it does not count: buffers of files, of threads.
UNCOUNTED: Final = 0.1
# What Python takes for a week while it is judged, and for a finding while it is told and written.
WEEK_BYTES: Final = 4_000
FINDING_BYTES: Final = 5_000
COMMAND: Final = 128 * MIB  # of the command that waits, where the system does not tell
_SIZE: Final = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*([KMGT])(i?)B", re.IGNORECASE)
_POWERS: Final = {"K": 1, "M": 2, "G": 3, "T": 4}
_MACHINE: Final[list[int]] = []  # what the database finds that it may take, once it was asked


def demand_size(text: str) -> int:
    """The bytes that a text means. Raises Fault if it is no amount of memory."""
    found = _SIZE.fullmatch(text)
    if not found:
        expected, todo = "a size as 4GiB or 512MB", "write it with its unit"
        raise Fault(
            "no amount of memory", where="--memory-limit", expected=expected, found=text, todo=todo
        )
    number, power, is_binary = found.groups()
    return int(float(number) * (1024 if is_binary else 1000) ** _POWERS[power.upper()])


def limit(con: "duckdb.DuckDBPyConnection", scratch: Path) -> None:
    """Give a connection its limits: of memory, and where it puts aside what is more.

    Without `--memory-limit` it is four fifths of the machine's memory (or of the container's), and
    nine tenths of the free disk.

    Raises:
        Fault: the limit leaves no room for an audit of anything.
    """
    con.execute("SET temp_directory = $folder", {"folder": str(scratch / "spill")})
    con.execute("SET autoinstall_known_extensions = false")
    con.execute("SET autoload_known_extensions = false")
    _ask_machine(con)
    demand(con)


def _ask_machine(con: "duckdb.DuckDBPyConnection") -> None:
    if not _MACHINE:
        setting = con.execute(sql.text("exports/files", "memory_limit")).fetchall()
        _MACHINE.append(demand_size(setting[0][0].replace(" ", "")))


def allowed() -> int:
    """The bytes that an audit may take: `--memory-limit`, else four fifths of the machine's."""
    if text := os.environ.get(MEMORY, ""):
        return demand_size(text)
    if not _MACHINE:
        import duckdb  # noqa: PLC0415  as in `told`

        with duckdb.connect() as con:
            _ask_machine(con)
    return _MACHINE[0]


def demand(con: "duckdb.DuckDBPyConnection", foreseen: int = 0) -> None:
    """Give the database what the limit leaves beside Python, as `share` does.

    Raises:
        Fault: too little is left. Only where a limit was given: else the machine decides.
    """
    left, text = share(con, foreseen), os.environ.get(MEMORY, "")
    if left < DATABASE_MIN and text:
        needed = demand_size(text) + (DATABASE_MIN - left) / (1 - UNCOUNTED)
        raise Fault(
            "the memory does not suffice",
            where="--memory-limit",
            expected=f"at least {ceil(needed / MIB):,} MiB for what was read so far",
            found=text,
            todo="give it more, or audit fewer weeks",
        )


def share(con: "duckdb.DuckDBPyConnection", foreseen: int = 0) -> int:
    """Give the database what the limit leaves beside Python, or the least that it needs.

    Args:
        con: the connection, or a cursor of it.
        foreseen: bytes that Python will take before this is asked for again.

    Returns:
        What is left for the database; with less than `DATABASE_MIN` the limit does not hold.
    """
    total = allowed()
    ((counted,),) = con.execute(sql.text("exports/files", "memory_used")).fetchall()
    taken = _resident() - int(counted) + _command() + foreseen + RESERVE
    left = int((total - taken) * (1 - UNCOUNTED))
    con.execute("SET memory_limit = $size", {"size": f"{max(left, DATABASE_MIN)}B"})
    return left


def _resident(process: str = "self") -> int:
    """The bytes of a process that are in memory."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text("utf-8").split()[1])
    except OSError:  # not Linux
        return 0 if process != "self" else _peak()
    return pages * os.sysconf("SC_PAGE_SIZE")


def _peak() -> int:
    """The most that this process ever had."""
    import resource  # noqa: PLC0415  not on all systems

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _command() -> int:
    """What the command holds that runs this notebook and waits for it."""
    if not os.environ.get(FOR_COMMAND):
        return 0
    return _resident(str(os.getppid())) or COMMAND


def close(con: "duckdb.DuckDBPyConnection", scratch: Path, read: "Source | None" = None) -> None:
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
    """Tell what memory, disk or system refused as a fault, in a notebook too. Also a decorator."""
    import duckdb  # noqa: PLC0415  slow to import, and the command that waits has no use for it

    try:
        yield
    except (duckdb.OutOfMemoryException, MemoryError) as error:
        found = str(error).partition("\n")[0]
        if given := os.environ.get(MEMORY, ""):
            found = f"{given}, of which the database has what Python leaves: {found}"
        raise Fault(
            "the memory does not suffice",
            where="--memory-limit" if given else "",
            expected="more for this export, beside what is put aside on the disk",
            found=found,
            todo="give --memory-limit more, audit fewer weeks, or free the disk",
        ) from error
    except (duckdb.ConversionException, duckdb.OutOfRangeException) as error:
        if "out of range" not in str(error).lower():
            raise
        raise Fault(
            "a sum of amounts is too large",
            expected="at most 18 digits with the decimals, in the sum of a week too",
            found=str(error).partition("\n")[0],
            todo="correct the amounts, or see money.scale, the fewest decimals that all have",
        ) from error
    except duckdb.IOException as error:
        found = str(error).partition("\n")[0]
        todo = "look at the disk's free space and the files' permissions"
        raise Fault("a file cannot be read or written", found=found, todo=todo) from error
    except OSError as error:
        raise of_system(error) from error
