"""The weeks that an audit tells of, where these are not all: what comes out of them, their rows.

All weeks are judged, whichever are asked for: how a ledger is balanced, and where an answer stands,
may be in the others.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

import numpy as np

from settle_core import sql
from settle_core.exports.arrays.tables import DAY, WHOLE, Column, Table, registered
from settle_core.exports.reading.ledger import Ledger
from settle_core.reconcile.walk import step, suspects
from settle_core.reconcile.walk.plain_days import COUNTER, ENTRY

EPOCH: Final = date(1970, 1, 1)


def count(ledger: Ledger, first_week: date, last_week: date) -> None:
    """Tell what comes out of all weeks from one to another, after the steps."""
    con, finished = ledger.con, ledger.finished
    passed, late, given = finished.passed, finished.passed.late, finished.given
    cells = passed.cells
    con.execute("SET search_path = 'main,suspect'")
    is_told = passed.is_within((first_week - EPOCH).days, (last_week - EPOCH).days)
    settled = is_told * np.count_nonzero(passed.is_settled.reshape(cells.weeks, -1), axis=1)
    weeks = np.flatnonzero(settled)
    is_of_told = is_told[late.cell // cells.accounts]
    is_of_told[finished.found.late_rows] = False  # the table settled_week has them
    of_kinds = np.bincount(late.kind[is_of_told], minlength=2)
    rows = passed.in_settled
    if not is_told.all():
        ((rows,),) = step.passed(con, "told_rows", given).fetchall()
    counted = {
        "settled_weeks": int(settled.sum()),
        "late_entries": int(of_kinds[ENTRY]),
        "counters": int(of_kinds[COUNTER]),
        "accounts": passed.accounts(is_told),
        "rows_in_settled_weeks": rows,
    }
    step.passed(con, "population", {**given, **counted}).create("population")
    totals = {
        "week_start": Column(DAY, cells.day(weeks * cells.accounts)),
        "settled_weeks": Column(WHOLE, settled[weeks]),
    }
    with registered(con, passed_total=Table(totals)):
        step.passed(con, "week_total", given).create("week_total")
    if not passed.elsewhere:
        accounts, rows_of = passed.unsettled(is_told)
        named = {"account_id": cells.named(accounts), "row_count": Column(WHOLE, rows_of)}
        with registered(con, passed_account=Table(named)):
            step.passed(con, "unsettled_account", given).create("unsettled_account")
    ((settled_weeks, late_entries, counters),) = (
        con.table("population").select("settled_weeks", "late_entries", "counters").fetchall()
    )
    ledger.counted = {
        "settled_week": settled_weeks,
        "told_week": settled_weeks,
        "late_entry": late_entries,
        "late_counter": counters,
        "entry": passed.rows,
    }


def narrow(ledger: Ledger, told: Mapping[str, object]) -> None:
    """Let the steps' names stand for the weeks that are told, of those that were all judged.

    Args:
        ledger: whose weeks are judged.
        told: `first_week` and `last_week` of these, and `as_of`.
    """
    if not ledger.finished:
        ledger.con.execute(sql.text("reconcile/walk", "told/step"))
        for name in suspects.VIEWED:
            ledger.con.sql(sql.text("reconcile/walk", name)).create_view(name)
    else:
        name = "audited_week_again" if len(ledger.finished.passed.again.cell) else "audited_week"
        rows = step.passed(ledger.con, name, {**ledger.finished.given, **told})
        rows.create_view("audited_week", replace=True)
    ledger.con.execute(sql.text("reconcile/walk", "told/row"))
