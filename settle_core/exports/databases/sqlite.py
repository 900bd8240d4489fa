"""`settle pull sqlite:///PATH`: an export of an SQLite database, whole and provably so."""

import hashlib
import json
import sqlite3
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import BinaryIO, Final
from urllib.parse import quote

from settle_core import sql
from settle_core.errors import Fault
from settle_core.exports.databases import pulled
from settle_core.exports.databases.pulled import TEXT, Kind, Row
from settle_core.exports.files import control_totals
from settle_core.exports.files.control_totals import AMOUNT_DECIMALS, Exported, Totals
from settle_core.exports.profiles.profile import Profile
from settle_core.exports.profiles.wanted import Wanted, wanted

SCHEME: Final = "sqlite:///"


class _ExactSum:
    """The sum that SQLite does not have: exact, of integers or of decimals as text."""

    def __init__(self) -> None:
        self.total = Decimal()
        self.is_whole = True

    def step(self, value: str | int | None) -> None:
        """Add a value."""
        if value is not None:
            self.total += Decimal(value)
            self.is_whole = self.is_whole and isinstance(value, int)

    def finalize(self) -> str:
        """The sum as the control totals write it."""
        return f"{self.total:f}" if self.is_whole else f"{self.total:.{AMOUNT_DECIMALS}f}"


def _digest(*values: str | None) -> int:
    row = chr(31).join(chr(30) if value is None else value for value in values)
    return int(hashlib.md5(row.encode(), usedforsecurity=False).hexdigest()[:15], 16)


class Snapshot:
    """One snapshot of an SQLite database."""

    sums_text = True

    def __init__(self, con: sqlite3.Connection) -> None:
        """Begin it: from the first read on nothing changes."""
        self._con = con
        con.execute("BEGIN")
        con.create_function("digest", -1, _digest, deterministic=True)
        con.create_aggregate("exact_sum", 1, _ExactSum)  # type: ignore[arg-type]  # its stub wants int

    def origin(self) -> Sequence[object]:
        """What the snapshot is of, as `pulled.ORIGIN` names it."""
        return self._run("origin")[0]

    def source(self, wanted: Wanted) -> str | None:
        """The table, view or query as a statement names it."""
        if wanted.query:
            return f"({wanted.query})"
        found = self._run("relation", named=wanted.relation)
        return found[0][0] if found else None

    def kinds(self, source: str) -> dict[str, Kind]:
        """The columns of a source, by the values that are in them: SQLite holds columns to none."""
        described = self._con.execute(self._written("columns", source=source))
        names = [column[0] for column in described.description]
        given = {"source": source, "columns": json.dumps(names)}
        (row,) = self._con.execute(self._written("types", **given)).fetchall()
        return {name: _kind(name, found or "") for name, found in zip(names, row, strict=True)}

    def copy(
        self, source: str, exported: Exported, sorted_by: Sequence[str], file: BinaryIO
    ) -> None:
        """Write its rows as CSV."""
        statement = self._written(
            "copy",
            source=source,
            columns=json.dumps(list(exported.columns)),
            sorted_by=json.dumps(list(sorted_by)),
        )
        pulled.write_rows(self._con.execute(statement), file)

    def totals(self, source: str, exported: Exported) -> Totals:
        """Its control totals."""
        statement = self._written(
            "totals",
            source=source,
            columns=json.dumps(list(exported.columns)),
            amount=exported.amount,
            ident=exported.id,
            ident_is_text=exported.columns[exported.id] == TEXT,
        )
        try:
            (row,) = self._con.execute(statement).fetchall()
        except (sqlite3.OperationalError, InvalidOperation) as error:
            raise Fault(
                f"column {exported.amount!r} holds text that is no plain number",
                where=exported.file,
                expected="numbers as -12.50",
                todo="pull from a view or a query that makes it one",
            ) from error
        return Totals(*row)

    def _written(self, name: str, **given: object) -> str:
        """A statement that the database itself writes."""
        return str(self._run(name, **given)[0][0])

    def _run(self, name: str, **given: object) -> list[Row]:
        return self._con.execute(sql.text("exports/databases", f"sqlite/{name}"), given).fetchall()


def _kind(name: str, found: str) -> Kind:
    kinds = set(found.split(",")) - {"null", ""}
    if "blob" in kinds:
        raise Fault(
            f"column {name!r} holds binary data",
            expected="numbers or text",
            todo="pull from a view or a query that makes it text",
        )
    return Kind("BIGINT" if kinds == {"integer"} else TEXT, "real" if "real" in kinds else "")


def pull(url: str, profile: Profile, out: str | Path) -> Path:
    """Export the tables that a profile names, as Parquet, from one read-only snapshot.

    Args:
        url: `sqlite:///` and a path, absolute with a fourth slash.
        profile: how the export will be read.
        out: a folder that does not exist yet, or is empty. Written whole or not at all.

    Returns:
        The folder.

    Raises:
        Fault: no such database, table or column, money in floats, a folder that holds something,
            or files that do not hold what the database has.
    """
    path = Path(url.removeprefix(SCHEME))
    if not path.is_file():
        raise Fault(
            "no such database",
            expected=f"{SCHEME} and the path of a file",
            found=repr(url),
            todo="check the path; an absolute one begins with a fourth slash",
        )
    con = sqlite3.connect(f"file:{quote(str(path))}?mode=ro", uri=True, isolation_level=None)
    try:
        with control_totals.staged(Path(out)) as folder:
            pulled.export(Snapshot(con), wanted(profile, ".parquet"), folder)
    except sqlite3.Error as error:
        raise Fault("SQLite cannot read this", where=path.name, found=str(error)) from error
    finally:
        con.close()
    return Path(out)
