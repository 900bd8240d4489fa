"""A ledger's rows by week: what is written of each week, its control totals and its pass."""

from datetime import date
from decimal import Decimal
from typing import Any, Final, NamedTuple

import duckdb
import numpy as np
from duckdb import ColumnExpression, ConstantExpression

from settle_core import sql
from settle_core.exports.archive.archive import TABLES
from settle_core.exports.arrays import week_passes, whole_pass
from settle_core.exports.arrays.passed import NotPlainError, Passed
from settle_core.exports.arrays.week_passes import Counted
from settle_core.exports.arrays.whole_pass import Limits
from settle_core.exports.reading.ledger import Ledger

# Of rows in a part: total, so that the same rows are written alike.
ORDER: Final = {
    "entry": "entry_id",
    "settlement": "account_id, currency, settled_at, settled_amount",
}
EPOCH: Final = date(1970, 1, 1)


class Total(NamedTuple):
    """Control totals of one week's rows in one currency, and what the pass counts of them."""

    currency: str
    rows: int
    total: Decimal
    first_id: str
    last_id: str
    counters: int
    zeros: int
    negatives: int
    largest: Decimal
    last_us: int


class Weeks:
    """The rows of a ledger by week, from `first` to `last`.

    Attributes:
        columns: of each table, with their types.
        totals: of each table's weeks, one for each currency.
        left_out: how many rows are of other weeks.
    """

    def __init__(self, ledger: Ledger, first: date = date.min, last: date = date.max) -> None:
        self.ledger, self.con = ledger, ledger.con
        self.left_out = 0
        self.columns: dict[str, dict[str, str]] = {}
        self.totals: dict[str, dict[date, list[Total]]] = {}
        for table in TABLES:
            self._date(table, first, last)
            self._count(table)

    def _date(self, table: str, first: date, last: date) -> None:
        """Create `archived_<table>`, in the order of weeks."""
        stored = self.con.table(f"stored_{table}").columns
        entire = self.con.table(table)
        self.columns[table] = {
            name: str(kind)
            for name, kind in zip(entire.columns, entire.types, strict=True)
            if name in stored or name == "currency"
        }
        query = sql.text("exports/archive", f"dated_{table}")
        given = {"week_offset_days": self.ledger.profile.week_offset_days}
        used = {name: given[name] for name in sql.parameters(query)}
        rows = self.con.sql(query, params=used or None)
        if (first, last) != (date.min, date.max):
            week = ColumnExpression("archived_week")
            ends = (ConstantExpression(f"{day}").cast("DATE") for day in (first, last))
            rows = rows.filter(week.between(*ends))
        chosen = rows.select("archived_week", *self.columns[table])
        chosen.order(f"archived_week, {ORDER[table]}").create(f"archived_{table}")
        self.left_out += len(entire) - len(self.con.table(f"archived_{table}"))

    def _count(self, table: str) -> None:
        weeks = self.totals[table] = {}
        query = sql.text("exports/archive", f"total_{table}")
        for week, *values in self.con.execute(query).fetchall():
            weeks.setdefault(week, []).append(Total(*values))

    def rows(self, table: str, week: date) -> duckdb.DuckDBPyRelation:
        """The rows of one week, in their order."""
        day = ConstantExpression(f"{week}").cast("DATE")
        found = self.con.table(f"archived_{table}").filter(ColumnExpression("archived_week") == day)
        return found.order(ORDER[table]).select(*self.columns[table])

    def passes(self, weeks: list[date]) -> dict[date, bytes]:
        """What the pass keeps of some weeks; nothing where the rows are not plain enough for it."""
        try:
            passed = self._passed()
        except NotPlainError:
            return {}
        unsettled: dict[date, list[tuple[int, int]]] = {}
        query = sql.text("exports/archive", "unsettled")
        for week, account, count in self.con.execute(query).fetchall():
            unsettled.setdefault(week, []).append((account, count))
        return {week: self._pass(passed, week, unsettled.get(week, [])) for week in weeks}

    def _pass(self, passed: Passed | None, week: date, unsettled: list[tuple[int, int]]) -> bytes:
        rows = self.rows("entry", week).select("entry_id", "kind")
        is_counter = ColumnExpression("kind") == ConstantExpression("counter")
        ids, counters = (
            np.asarray(each.select("entry_id").fetchnumpy()["entry_id"], np.int64)
            for each in (rows, rows.filter(is_counter))
        )
        return week_passes.cut(
            passed,
            (week - EPOCH).days,
            self._counted(week),
            ids,
            counters,
            np.array(unsettled, np.int64).reshape(-1, 2).T,
        )

    def _passed(self) -> Passed | None:
        """The pass over the export; None if no week is settled. Raises NotPlainError."""
        types = self.columns["entry"]
        if {types["entry_id"], types["account_id"]} != {"BIGINT"}:
            raise NotPlainError("ids are not whole numbers")
        if not self.con.table("settlement").limit(1).fetchall():
            return None
        passed = self.ledger.passed or whole_pass.run(self.con, Limits(), self.ledger.scale)
        if passed.cells.currencies is not None:
            raise NotPlainError("there are several currencies")
        return passed

    def _counted(self, week: date) -> Counted:
        entries = self.totals["entry"].get(week, [])
        settlements = self.totals["settlement"].get(week, [])
        return Counted(
            rows=sum(each.rows for each in entries),
            total=self._minor(sum(each.total for each in entries)),
            counters=sum(each.counters for each in entries),
            zeros=sum(each.zeros for each in entries),
            negatives=sum(each.negatives for each in entries),
            largest=self._minor(max(each.largest for each in (*entries, *settlements))),
            last_recorded=max((each.last_us for each in entries), default=0),
            settlements=sum(each.rows for each in settlements),
            settled_total=self._minor(sum(each.total for each in settlements)),
            settled_zeros=sum(each.zeros for each in settlements),
            last_settled=max((each.last_us for each in settlements), default=0),
        )

    def _minor(self, amount: Any) -> int:  # noqa: ANN401  Decimal, or 0 of nothing
        return int(Decimal(amount).scaleb(self.ledger.scale))
