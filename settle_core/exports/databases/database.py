"""`settle pull`: which database an address is of."""

from pathlib import Path
from typing import Final

from settle_core.errors import Fault
from settle_core.exports.profiles.profile import Profile

# What an address begins with, and the extra that installs the driver.
SCHEMES: Final = {
    "postgresql": "postgres",
    "postgres": "postgres",
    "mysql": "mysql",
    "mariadb": "mysql",
    "sqlite": "",
}


def pull(url: str, profile: Profile, out: str | Path) -> Path:
    """Export the tables that a profile names from one read-only snapshot of a database.

    Args:
        url: of PostgreSQL, MySQL, MariaDB or SQLite; what has no scheme is libpq's.
        profile: how the export will be read.
        out: a folder that does not exist yet, or is empty.

    Returns:
        The folder.

    Raises:
        Fault: an unknown scheme, a driver that is not installed, or what the driver refuses.
    """
    scheme = url.partition(":")[0].lower() if "://" in url else "postgresql"
    if "://" not in url and url and "=" not in url:
        raise Fault(
            "no address of a database",
            expected="as postgresql://USER@HOST/DATABASE, or libpq's dbname=... host=...",
            found=repr(url),
        )
    if scheme not in SCHEMES:
        raise Fault(
            "no such kind of database",
            expected=", ".join(f"{each}://" for each in SCHEMES),
            found=f"{scheme}://",
            todo="export it as CSV or Parquet and audit that",
        )
    try:
        return _pull(SCHEMES[scheme], url, profile, out)
    except ModuleNotFoundError as error:
        raise Fault(
            f"the driver for {scheme} is missing",
            expected=str(error.name),
            todo=f"install the package with its extra {SCHEMES[scheme]}",
        ) from error


def _pull(extra: str, url: str, profile: Profile, out: str | Path) -> Path:
    """Each driver is imported only if it is asked for: it may not be installed."""
    if extra == "postgres":
        from settle_core.exports.databases import postgres  # noqa: PLC0415

        return postgres.pull(url, profile, out)
    if extra == "mysql":
        from settle_core.exports.databases import mysql  # noqa: PLC0415

        return mysql.pull(url, profile, out)
    from settle_core.exports.databases import sqlite  # noqa: PLC0415

    return sqlite.pull(url, profile, out)
