"""Making a book on DuckDB, and migrating one of an earlier version.

DuckDB changes no constraint of a table that has keys. The columns are those of all versions so far,
so a book of any earlier one is copied into tables of the present version, in one transaction.
"""

import re
from typing import Final

import duckdb

from settle_core import sql
from settle_core.balancing.errors import BadBook
from settle_core.balancing.store import VERSION, About, Row

PARTS: Final = ("duckdb_views", "settled_week", "duckdb_guards")
_GUARD: Final = re.compile(r"CREATE TRIGGER (\w+)")


def demanded(con: duckdb.DuckDBPyConnection, made: About) -> About:
    """The book that is there: made as `made` says if there is none, and brought up to date.

    For within a transaction.

    Raises:
        BadBook: made by a newer library, or it cannot be migrated, or a guard is off.
    """
    if not run(con, "there")[0][0]:
        _make(con, made, 1)
        run(con, "about_new", **made._asdict())
    found = About(*run(con, "about")[0])
    if found.version > VERSION:
        raise BadBook(
            f"a book of version {found.version}",
            expected=f"version {VERSION} or older; install the newer settle-core",
        )
    if found.version < VERSION:
        found = _migrate(con, found)
    on = {name for (name,) in run(con, "duckdb_guards_on")}
    if off := sorted(guards() - on):
        raise BadBook(f"guards that are off: {', '.join(off)}", expected="all of them")
    return found


def guards() -> frozenset[str]:
    """The triggers that a book must have."""
    return frozenset(_GUARD.findall(sql.text("balancing", "duckdb_guards")))


def run(con: duckdb.DuckDBPyConnection, name: str, **given: object) -> list[Row]:
    """Run one statement of `sql/`, with those of the given parameters that it has."""
    statement = sql.text("balancing", name)
    used = {key: value for key, value in given.items() if key in sql.parameters(statement)}
    return con.execute(statement, used or None).fetchall()


def _make(con: duckdb.DuckDBPyConnection, made: About, next_entry_id: int) -> None:
    tables = sql.text("balancing", "duckdb")
    con.execute(tables.format(**made._asdict(), next_entry_id=next_entry_id))
    for part in PARTS:
        con.execute(sql.text("balancing", part))


def _migrate(con: duckdb.DuckDBPyConnection, found: About) -> About:
    now = found._replace(version=VERSION)
    try:
        run(con, "duckdb_old")
        ((next_entry_id,),) = run(con, "duckdb_next_id")
        tables = sql.text("balancing", "duckdb")
        con.execute(tables.format(**now._asdict(), next_entry_id=next_entry_id))
        run(con, "duckdb_copied")
        for part in PARTS:
            con.execute(sql.text("balancing", part))
        run(con, "about_new", **now._asdict())
    except duckdb.ConstraintException as error:
        said = str(error).splitlines()[0]
        raise BadBook(f"a book that cannot be migrated: {said}; nothing was changed") from error
    return now
