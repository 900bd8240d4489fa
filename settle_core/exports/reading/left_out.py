"""Rows of a file that is read where it lies, and that cannot be accepted: told, and left out.

They are few: what else would the pass have gone over. The view over the file goes on without them.
"""

from dataclasses import replace
from typing import Any, Final

import duckdb
import numpy as np
from duckdb import ColumnExpression
from numpy.typing import NDArray

from settle_core import sql
from settle_core.exports.arrays import unique_ids
from settle_core.exports.arrays.arrow import Whole
from settle_core.exports.arrays.passed import NotPlainError, kept_max
from settle_core.exports.arrays.tables import HASH, WHOLE, Column, Table, registered
from settle_core.exports.files.opened import ROW_NUMBER, Opened
from settle_core.exports.reading import ledger as ledgers
from settle_core.exports.reading import typed
from settle_core.exports.reading.columns import lay_open
from settle_core.exports.reading.ledger import Ledger
from settle_core.exports.reading.reader import Found, Reader
from settle_core.exports.reading.typed import Typing

# So many are left out by their numbers, the more by a join.
FEW: Final = 16
NO_KEYS: Final = np.empty(0, np.int64)


def tell(ledger: Ledger, opened: Opened, unread: Whole, keys: NDArray[Any] = NO_KEYS) -> Whole:
    """Reject rows of `stored_entry`, and leave them out of it; their numbers, ascending.

    Args:
        ledger: with the views `typed_entry` and `raw_entry` over one file of Parquet.
        opened: the file.
        unread: the numbers of rows that lack a value.
        keys: what stands for ids that several rows have, of which the first one stays.

    Raises:
        NotPlainError: they are too many, or without them the rows are read otherwise.
    """
    if len(keys) > unique_ids.ALIKE_MAX:
        raise NotPlainError("many ids are there twice")
    con = ledger.con
    currency = ledgers.currency(con, ledger.profile)
    try:
        form = HASH if unique_ids.lay(con) else WHOLE
        numbers, keyed = Column(WHOLE, unread), Column(form, keys)
        tables = {"unread_row": Table({"number": numbers}), "passed_key": Table({"id_key": keyed})}
        with registered(con, **tables):
            con.execute(sql.text("exports/reading", "left_out_entry"))
    finally:
        con.execute(sql.text("exports/arrays", "pass_drop"))
    rows = np.asarray(con.table("bad_entry").fetchnumpy()["row_number"], np.int64)
    if not np.isin(unread, rows).all() or len(rows) > kept_max(opened.counted):
        raise NotPlainError("too many rows are rejected, or they are none")
    _explain(ledger, opened)
    if len(rows) <= FEW:
        query = sql.text("exports/reading", "left_out_few")
        con.sql(query, params={"rows": rows.tolist()}).create_view("stored_entry", replace=True)
    else:
        con.execute(sql.text("exports/reading", "left_out_view"))
    _demand_alike(con)
    if ledgers.currency(con, ledger.profile) != currency:
        raise NotPlainError("a currency is of rejected rows only")
    return rows


def _explain(ledger: Ledger, opened: Opened) -> None:
    """Say why each row is rejected, by a look at these alone."""
    con, profile = ledger.con, ledger.profile
    named = sql.text("exports/reading", "left_out_named")
    number = ColumnExpression(ROW_NUMBER)
    asked = [row for (row,) in con.execute(named).fetchall()]
    chosen = opened.relation.filter(number.isin(*map(duckdb.ConstantExpression, asked)))
    reader = Reader(con, profile, Typing(profile, "entry", ledger.scale), ledger.scratch)
    found = Found(replace(opened, relation=chosen), 0, are_chosen=True)
    ledger.rejected.extend(reader.explained(found, {}))
    every, _ = lay_open(opened, profile, "entry")
    every.create_view("raw_entry", replace=True)


def _demand_alike(con: duckdb.DuckDBPyConnection) -> None:
    """Raise NotPlainError unless ids that are text are so without the rejected rows too."""
    stored = con.table("stored_entry")
    settled = con.table("stored_settlement")
    for name in typed.IDS["entry"]:
        columns = [each.select(name) for each in (stored, settled) if name in each.columns]
        if str(columns[0].types[0]) == "VARCHAR" and not any(map(typed.is_told, columns)):
            raise NotPlainError("ids may be whole numbers")
