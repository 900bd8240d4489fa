"""The way to a PostgreSQL database, with no password in what is said about it.

Passwords are best left to libpq: `~/.pgpass`, a service file or `PGPASSWORD`.
"""

from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict

from settle_core.errors import Fault


def connect(url: str) -> psycopg.Connection[Any]:
    """Connect, in autocommit mode.

    Raises:
        Fault: the address cannot be read, or nobody answers there.
    """
    try:
        known = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # What libpq says of it may quote any part of it.
        raise _unreadable("an address that libpq cannot read") from None
    host = str(known.get("host", ""))
    if "@" in host:
        raise _unreadable("an @ in its host, which may be a part of the password")
    try:
        return psycopg.connect(url, autocommit=True, application_name="settle_core")
    except psycopg.Error as error:
        message = " ".join(str(error).split())
        password = str(known.get("password") or "")
        said = message.replace(password, "***") if password else message
        raise Fault(
            "no connection to PostgreSQL",
            where=host,
            found=said,
            todo="check the address; the password may stand in ~/.pgpass",
        ) from None


def _unreadable(found: str) -> Fault:
    return Fault(
        "not an address of PostgreSQL",
        expected="postgresql://user@host:port/database, special characters as %40",
        found=found,
        todo="correct it; the password may stand in ~/.pgpass",
    )
