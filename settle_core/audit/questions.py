"""An analyst's own questions: every table of an audit, findings and corrections among them.

All ids in them are text, as exported and as in the files of a run, so that any two tables can be
joined. The audit itself works on whole numbers where ids are such: these are views over its tables,
in a schema of their own, each made at the first question that names it.
"""

import re
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import duckdb
from duckdb import ColumnExpression

from settle_core import errors, sql
from settle_core.audit import correction, finding
from settle_core.audit.correction import Correction
from settle_core.audit.finding import Findings
from settle_core.contract import Finding
from settle_core.exports.reading import ledger as ledgers
from settle_core.exports.reading.ledger import Ledger

if TYPE_CHECKING:
    import pandas as pd

# What the tables of files as they are hold is typed in no way, and the files are closed.
_FILES = ("raw_entry", "raw_settlement")


class Questions:
    """The tables of an audit that ran, for questions."""

    def __init__(
        self, ledger: Ledger, findings: Sequence[Finding], corrections: Sequence[Correction]
    ) -> None:
        """Find the tables that there are; what a question needs is made when it is asked."""
        self._con = ledger.con.cursor()
        rows = self._con.execute(sql.text("audit", "table")).fetchall()
        known = {name for (name,) in rows if name not in _FILES}
        self._ids = dict(self._con.execute(sql.text("audit", "table_with_ids")).fetchall())
        self._stored: dict[str, Callable[[], None]] = {
            "finding": lambda: finding.store(ledger, findings),
            "correction": lambda: correction.store(ledger.con, corrections),
        }
        if isinstance(findings, Findings):  # they are its rows
            del self._stored["finding"]
        self.tables = tuple(sorted(known | {"finding", "correction"}))
        self._con.execute(sql.text("audit", "questions"))
        self._con.execute(sql.text("audit", "questions_path"))

    def frame(self, name: str, *, approximate: bool) -> "pd.DataFrame":
        """A whole table.

        Raises:
            Fault: there is no such table.
        """
        if name not in (known := self.tables):
            raise errors.Fault("no such table", expected=", ".join(known), found=name)
        self._make([name])
        table = self._con.table(name)
        columns = dict(zip(table.columns, map(str, table.types), strict=True))
        return ledgers.framed(columns, table.fetchall(), approximate=approximate)

    def ask(
        self, query: str, parameters: dict[str, object], *, approximate: bool
    ) -> "pd.DataFrame":
        """What a query gives."""
        words = set(re.findall(r"\w+", query.lower()))
        # A question that names none may be for what there is.
        self._make([name for name in self.tables if name in words] or self.tables)
        result = self._con.execute(query, parameters or None)
        columns = {column[0]: str(column[1]) for column in result.description or ()}
        return ledgers.framed(columns, result.fetchall(), approximate=approximate)

    def _make(self, names: Sequence[str]) -> None:
        for name in names:
            if name in self._stored:
                self._stored.pop(name)()
            if name in self._ids:
                self._view(name, self._ids.pop(name))

    def _view(self, name: str, ids: Sequence[str]) -> None:
        table: duckdb.DuckDBPyRelation = self._con.table(f"main.{name}")
        texts = [
            ColumnExpression(each).cast("VARCHAR").alias(each)
            if each in ids
            else ColumnExpression(each)
            for each in table.columns
        ]
        table.select(*texts).create_view(name)
