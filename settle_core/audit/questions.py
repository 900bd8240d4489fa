"""An analyst's own questions: every table of an audit, findings and corrections among them.

All ids in them are text, as exported and as in the files of a run, so that any two tables can be
joined. The audit itself works on whole numbers where ids are such: these are views over its tables,
in a schema of their own, made at the first question.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import duckdb
from duckdb import ColumnExpression

from settle_core import errors, sql
from settle_core.audit import correction, finding
from settle_core.audit.correction import Correction
from settle_core.contract import Finding
from settle_core.exports import ledger as ledgers
from settle_core.exports.ledger import Ledger

if TYPE_CHECKING:
    import pandas as pd

# What the tables of files as they are hold is typed in no way, and the files are closed.
_FILES = ("raw_entry", "raw_settlement")


class Questions:
    """The tables of an audit that ran, for questions."""

    def __init__(
        self, ledger: Ledger, findings: Sequence[Finding], corrections: Sequence[Correction]
    ) -> None:
        """Make the tables `finding` and `correction`, and the views over the others."""
        self._con = ledger.con.cursor()
        if "finding" not in self.tables:  # whoever wrote the files has made it
            finding.store(ledger, findings)
        correction.store(ledger.con, corrections)
        self._con.execute(sql.text("audit", "questions"))
        rows = self._con.execute(sql.text("audit", "table_with_ids")).fetchall()
        for name, ids in rows:
            self._view(name, ids)
        self._con.execute(sql.text("audit", "questions_path"))

    @property
    def tables(self) -> tuple[str, ...]:
        """The names of all tables that can be asked."""
        rows = self._con.execute(sql.text("audit", "table")).fetchall()
        return tuple(name for (name,) in rows if name not in _FILES)

    def frame(self, name: str, *, approximate: bool) -> "pd.DataFrame":
        """A whole table.

        Raises:
            Fault: there is no such table.
        """
        if name not in (known := self.tables):
            raise errors.Fault("no such table", expected=", ".join(known), found=name)
        table = self._con.table(name)
        columns = dict(zip(table.columns, map(str, table.types), strict=True))
        return ledgers.framed(columns, table.fetchall(), approximate=approximate)

    def ask(
        self, query: str, parameters: dict[str, object], *, approximate: bool
    ) -> "pd.DataFrame":
        """What a query gives."""
        result = self._con.execute(query, parameters or None)
        columns = {column[0]: str(column[1]) for column in result.description or ()}
        return ledgers.framed(columns, result.fetchall(), approximate=approximate)

    def _view(self, name: str, ids: Sequence[str]) -> None:
        table: duckdb.DuckDBPyRelation = self._con.table(f"main.{name}")
        texts = [
            ColumnExpression(each).cast("VARCHAR").alias(each)
            if each in ids
            else ColumnExpression(each)
            for each in table.columns
        ]
        table.select(*texts).create_view(name)
