"""`settle pull mysql://...`: an export of a MySQL or MariaDB database, whole and provably so."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO, Final
from urllib.parse import unquote, urlsplit

import pymysql
from pymysql.constants import FIELD_TYPE
from pymysql.cursors import Cursor, SSCursor

from settle_core import sql
from settle_core.errors import Fault
from settle_core.exports.databases import pulled
from settle_core.exports.databases.pulled import TEXT, Kind, Row
from settle_core.exports.files import control_totals
from settle_core.exports.files.control_totals import Exported, Totals
from settle_core.exports.profiles.profile import Profile
from settle_core.exports.profiles.wanted import Wanted, wanted

SCHEMES: Final = ("mysql", "mariadb")
PORT: Final = 3306
PRECISION_MAX: Final = 38
WHOLE: Final = frozenset(
    {FIELD_TYPE.TINY, FIELD_TYPE.SHORT, FIELD_TYPE.INT24, FIELD_TYPE.LONG, FIELD_TYPE.LONGLONG}
)
INEXACT: Final = frozenset({FIELD_TYPE.FLOAT, FIELD_TYPE.DOUBLE})
EXACT: Final = frozenset({FIELD_TYPE.DECIMAL, FIELD_TYPE.NEWDECIMAL})


class Snapshot:
    """One snapshot of a MySQL or MariaDB database."""

    sums_text = False

    def __init__(self, con: "pymysql.Connection[Any]") -> None:
        """Take it."""
        self._con = con
        self._instants: set[str] = set()
        for statement in sql.text("exports/databases", "mysql/begin").split(";"):
            self._execute(Cursor, statement)

    def origin(self) -> Sequence[object]:
        """What the snapshot is of, as `pulled.ORIGIN` names it."""
        return self._run("origin")[0]

    def source(self, wanted: Wanted) -> str | None:
        """The table, view or query as a statement names it."""
        if wanted.query:
            return f"({wanted.query}) AS query"
        found = self._run("relation", named=wanted.relation)
        return str(found[0][0]) if found else None

    def kinds(self, source: str) -> dict[str, Kind]:
        """The columns of a source."""
        described = self._execute(Cursor, self._written("columns", source=source)).description
        self._instants = {name for name, kind, *_ in described if kind == FIELD_TYPE.TIMESTAMP}
        return {name: _kind(*rest) for name, *rest in described}

    def copy(
        self, source: str, exported: Exported, sorted_by: Sequence[str], file: BinaryIO
    ) -> None:
        """Write its rows as CSV."""
        statement = self._written(
            "copy",
            source=source,
            columns=self._columns(exported),
            sorted_by=json.dumps(list(sorted_by)),
        )
        with self._execute(SSCursor, statement) as cursor:
            pulled.write_rows(cursor, file)

    def totals(self, source: str, exported: Exported) -> Totals:
        """Its control totals."""
        statement = self._written(
            "totals",
            source=source,
            columns=self._columns(exported),
            amount=exported.amount,
            ident=exported.id,
            ident_is_text=exported.columns[exported.id] == TEXT,
        )
        (row,) = self._execute(Cursor, statement).fetchall()
        return Totals(*row)

    def _columns(self, exported: Exported) -> str:
        """The columns as the statements take them; instants are told with their zone."""
        told = [{"name": n, "is_instant": int(n in self._instants)} for n in exported.columns]
        return json.dumps(told)

    def _written(self, name: str, **given: object) -> str:
        """A statement that the database itself writes."""
        return str(self._run(name, **given)[0][0])

    def _run(self, name: str, **given: object) -> list[Row]:
        # PyMySQL takes parameters as psycopg does.
        query = sql.for_psycopg(sql.text("exports/databases", f"mysql/{name}"))
        return list(self._execute(Cursor, query, given).fetchall())

    def _execute(
        self, kind: type[Cursor], statement: str, given: dict[str, object] | None = None
    ) -> Cursor:
        cursor = self._con.cursor(kind)
        cursor.execute(statement, given)
        return cursor


def _kind(code: int, _shown: object, size: int, precision: int, scale: int, _null: object) -> Kind:
    if code in WHOLE:
        return Kind("BIGINT")
    if code in EXACT:
        return Kind(f"DECIMAL({min(precision or size or PRECISION_MAX, PRECISION_MAX)},{scale})")
    return Kind(TEXT, "float or double" if code in INEXACT else "")


def connect(url: str) -> "pymysql.Connection[Any]":
    """Connect.

    Raises:
        Fault: the address cannot be read, or nobody answers there.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or PORT
    except ValueError:
        host, port = "", PORT
    database = unquote(url.rpartition("/")[2].partition("?")[0]) if host else ""
    if not host or not database:
        raise Fault(
            "not an address of MySQL or MariaDB",
            expected="mysql://user@host:port/database, special characters as %40",
            todo="correct it; the password may stand in ~/.my.cnf",
        )
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    try:
        return pymysql.connect(
            host=host,
            port=port,
            user=user or None,
            password=password,
            database=database,
            charset="utf8mb4",
            autocommit=True,
            read_default_file="~/.my.cnf",
        )
    except (pymysql.MySQLError, OSError) as error:
        said = " ".join(str(error).split())
        raise Fault(
            "no connection to MySQL",
            where=host,
            found=said.replace(password, "***") if password else said,
            todo="check the address; the password may stand in ~/.my.cnf",
        ) from None


def pull(url: str, profile: Profile, out: str | Path) -> Path:
    """Export the tables that a profile names, as Parquet, from one read-only snapshot.

    Args:
        url: `mysql://user@host:port/database`, or `mariadb://...`.
        profile: how the export will be read.
        out: a folder that does not exist yet, or is empty. Written whole or not at all.

    Returns:
        The folder.

    Raises:
        Fault: no connection, no such table or column, money in floats, a folder that holds
            something, or files that do not hold what the database has.
    """
    with control_totals.staged(Path(out)) as folder:
        con = connect(url)
        try:
            pulled.export(Snapshot(con), wanted(profile, ".parquet"), folder)
        except pymysql.MySQLError as error:
            found = " ".join(map(str, error.args))
            raise Fault("MySQL cannot read this", found=found) from error
        finally:
            con.close()
    return Path(out)
