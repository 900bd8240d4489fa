"""Where a book is: each address means one thing, or is refused before anything is touched."""

import re
from os import PathLike, fspath
from pathlib import Path
from typing import Final, NamedTuple

from settle_core.balancing.errors import BadBook

POSTGRES: Final = ("postgresql://", "postgres://")
MEMORY: Final = ":memory:"
EXPECTED: Final = (
    "postgresql://..., a connection string such as host=... dbname=..., the path of a DuckDB file, "
    "or :memory:"
)
# As PostgreSQL's own connection strings begin.
_PARAMETERS: Final = re.compile(
    r"\s*(?:host|hostaddr|port|dbname|user|password|passfile|service|servicefile|sslmode|options"
    r"|application_name|connect_timeout|target_session_attrs)\s*=",
)
# DuckDB takes what stands before a colon for the name of an extension, and fetches that.
_SCHEME: Final = re.compile(r"[A-Za-z][A-Za-z0-9+._-]+:")
WAIT_SECONDS_MAX: Final = 86_400.0


class Address(NamedTuple):
    """A PostgreSQL connection string, or the path or `:memory:NAME` of a DuckDB database."""

    where: str
    is_postgres: bool


def read(where: object) -> Address:
    """What an address means.

    Args:
        where: text, or a path, which is always that of a DuckDB file.

    Raises:
        BadBook: it is none of them.
    """
    if isinstance(where, PathLike):
        return Address(_file(str(fspath(where))), is_postgres=False)
    if not isinstance(where, str) or not where.strip() or "\0" in where:
        raise BadBook(repr(where), expected=EXPECTED)
    if where.startswith(POSTGRES) or _PARAMETERS.match(where):
        return Address(where, is_postgres=True)
    if where.startswith(MEMORY):
        return Address(where, is_postgres=False)
    scheme = _SCHEME.match(where)
    if scheme or where.startswith(":"):
        # What follows may be a password.
        found = f"an address that starts with {scheme[0] if scheme else ':'}"
        raise BadBook(found, expected=f"{EXPECTED}; a file of that name as ./...")
    return Address(_file(where), is_postgres=False)


def waiting(seconds: object) -> float:
    """How long to wait for a lock, checked. Raises BadBook."""
    if (
        not isinstance(seconds, int | float)
        or isinstance(seconds, bool)
        or not 0 <= seconds <= WAIT_SECONDS_MAX
    ):
        expected = f"0 to {WAIT_SECONDS_MAX:.0f} seconds"
        raise BadBook(f"wait_seconds {seconds!r}", expected=expected)
    return float(seconds)


def _file(path: str) -> str:
    file = Path(path)
    if path.endswith("/") or file.is_dir():
        raise BadBook("a folder", where=path, expected="the path of a file")
    if not file.absolute().parent.is_dir():
        raise BadBook("a folder that is not there", where=path)
    return str(file.absolute())
