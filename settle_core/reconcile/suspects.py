"""The weeks that the pass has not finished, as the tables that the steps would make of them.

They are in a schema of their own, which goes before the other tables while weeks are judged, under
the names that the steps give: the SQL of steps, replay and rules is the same with the pass and
without it. Afterwards the same names stand for all weeks again, as views that cost only when asked.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import duckdb
import numpy as np

from settle_core import sql
from settle_core.exports import arrow, frames, whole_pass
from settle_core.exports.ledger import Ledger
from settle_core.exports.passed import Passed
from settle_core.exports.whole_pass import Limits, NotPlainError
from settle_core.reconcile import plain_days, step
from settle_core.reconcile.plain_days import COUNTER, ENTRY, Sorted

if TYPE_CHECKING:
    import pandas as pd

_LOG: Final = logging.getLogger(__name__)
# What comes out of all weeks, and stays.
OUTCOMES: Final = ("population", "week_total", "unsettled_account")
# These have no row of a finished week, or are of all late rows.
COPIED: Final = (
    "moved_row",
    "cutoff_row",
    "job_column",
    "id_order",
    "stray_day",
    "suspect_week",
    "owed_row",
)
KEPT: Final = frozenset({*OUTCOMES, *COPIED, "audited_week", "repeated_settlement"})


def load(ledger: Ledger, limits: Limits, given: Mapping[str, object]) -> frozenset[str]:
    """Make the first tables of the weeks that are not finished, from the pass.

    Args:
        ledger: the export.
        limits: of the audit.
        given: the parameters of the steps.

    Returns:
        The steps that are done; none where the rows are not plain enough for the pass.
    """
    con = ledger.con
    if ledger.passed is None and ledger.inputs[0].rows_accepted < whole_pass.ROWS_MIN:
        return frozenset()
    try:
        passed = ledger.passed or whole_pass.run(con, limits, ledger.scale)
    except NotPlainError as error:
        _LOG.debug("no pass: %s", error)
        return frozenset()
    found = plain_days.of(passed, ledger.profile)
    _LOG.info("%d weeks are not finished by the pass", len(found.suspect))
    ledger.finished = _Finished(passed, found, given)
    con.execute(sql.text("reconcile", "passed/schema"))
    _passed(con, "audited_week", given).create_view("audited_week")
    repeated = step.relation(con, "repeated_settlement", given)
    is_each_once = passed.settlements == ledger.inputs[1].rows_accepted
    (repeated.limit(0) if is_each_once else repeated).create("repeated_settlement")
    con.execute("SET search_path = 'suspect,main'")
    given = {
        **given,
        "major_per_minor": f"{Decimal(1).scaleb(-ledger.scale):f}",
        "pairs": found.pairs,
        "contradictions": found.contradictions,
    }
    done = {*_of_jobs(con, passed, given), *_of_weeks(ledger, passed, found, given)}
    if (gaps := passed.gaps) is not None:
        with _registered(con, passed_gap=frames.frame(gaps, dtype="int64")):
            con.table("passed_gap").create("id_neighbour")
        done.add("id_neighbour")
    return frozenset({*done, "repeated_settlement", *OUTCOMES})


class _Finished:
    """What the pass and the plain days gave, until all is told."""

    def __init__(self, passed: Passed, found: Sorted, given: Mapping[str, object]) -> None:
        self.passed, self.found, self.given = passed, found, given


@contextmanager
def _registered(
    con: duckdb.DuckDBPyConnection, **frames: "pd.DataFrame | arrow.Rows"
) -> Iterator[None]:
    """Arrays as tables, for a while."""
    for name, frame in frames.items():
        con.register(name, frame)
    try:
        yield
    finally:
        for name in frames:
            con.unregister(name)


def _passed(
    con: duckdb.DuckDBPyConnection, name: str, given: Mapping[str, object]
) -> duckdb.DuckDBPyRelation:
    query = sql.text("reconcile", f"passed/{name}")
    used = {key: given[key] for key in sql.parameters(query)}
    return con.sql(query, params=used or None)


def _of_jobs(
    con: duckdb.DuckDBPyConnection, passed: Passed, given: Mapping[str, object]
) -> set[str]:
    """Whether the job column tells jobs apart, by all late rows: the step's own SQL over arrays."""
    late = passed.late
    rows = arrow.Rows((late.job_length, late.job_bytes), late.recorded_at)
    with _registered(con, late_row=rows):
        step.create(con, "job_column", given)
    return {"job_column"}


def _of_weeks(
    ledger: Ledger, passed: Passed, found: Sorted, given: Mapping[str, object]
) -> set[str]:
    con, late, cells = ledger.con, passed.late, passed.cells
    rows = found.late_rows
    late_minor = np.zeros(len(found.suspect), np.int64)
    np.add.at(late_minor, np.searchsorted(found.suspect, late.cell[rows]), late.amount[rows])
    weeks = {
        "account_id": cells.account(found.suspect),
        "day": cells.day(found.suspect).astype(np.int32),
        "left_minor": cells.left[found.suspect],
        "late_minor": late_minor,
    }
    of_rows = {
        "entry_id": late.entry_id[rows],
        "account_id": cells.account(late.cell[rows]),
        "week_day": cells.day(late.cell[rows]).astype(np.int32),
        "day": late.day[rows].astype(np.int32),
        "kind": late.kind[rows],
        "amount_minor": late.amount[rows],
        "recorded_us": late.recorded_at[rows],
        "job_id": np.array(arrow.texts(late.job_length, late.job_bytes, rows), dtype=object),
    }
    is_finished = np.ones(len(late.cell), np.bool_)
    is_finished[rows] = False
    entries = np.flatnonzero(is_finished & (late.kind == ENTRY))
    jobs = arrow.picked(late.job_length, late.job_bytes, entries)
    finished = {
        "account_id": cells.account(found.finished),
        "sum_days": found.sum_days,
        "has_counter": found.has_counter,
        "is_even_throughout": found.is_even_throughout,
    }
    with _registered(
        con,
        passed_week=frames.frame(weeks),
        passed_row=frames.frame(of_rows).astype({"job_id": "str"}),
        passed_late=frames.frame({"entry_id": late.entry_id[is_finished]}),
        passed_finished=frames.frame(finished),
        passed_job=arrow.Rows(jobs, late.recorded_at[entries]),
    ):
        con.table("passed_late").create("plain_late")
        con.table("passed_finished").create("plain_week")
        for name in ("plain_job", "scope", "week_sum", "id_order", "late_row"):
            _passed(con, name, given).create(name)
    return {
        *("plain_late", "plain_week", "plain_job"),
        *("audited_week", "scope", "week_sum", "id_order", "late_row"),
    }


def count(ledger: Ledger) -> None:
    """Tell what comes out of all weeks, after the steps."""
    con, finished = ledger.con, ledger.finished
    passed, found = finished.passed, finished.found
    if (timely := passed.timely_ids) is not None:
        with _registered(con, passed_timely=frames.frame({"entry_id": timely})):
            con.table("passed_timely").create("suspect.plain_timely")
        _passed(con, "timely_counter", finished.given).create_view("timely_counter", replace=True)
    cells = passed.cells
    con.execute("SET search_path = 'main,suspect'")
    of_week = np.flatnonzero(passed.is_settled) // cells.accounts
    weeks, settled = np.unique(of_week, return_counts=True)
    of_kinds = np.bincount(passed.late.kind, minlength=2)
    of_kinds[:2] -= np.bincount(passed.late.kind[found.late_rows], minlength=2)[:2]
    given = {
        "settled_weeks": passed.settlements,
        "late_entries": int(of_kinds[ENTRY]),
        "counters": int(of_kinds[COUNTER]),
        "accounts": passed.accounts,
        "rows_in_settled_weeks": passed.in_settled,
    }
    _passed(con, "population", given).create("population")
    totals = frames.frame(
        {"day": cells.day(weeks * cells.accounts).astype(np.int32), "settled_weeks": settled}
    )
    with _registered(con, passed_total=totals):
        _passed(con, "week_total", given).create("week_total")
    if not passed.elsewhere:
        accounts, rows = passed.unsettled()
        named = frames.frame({"account_id": accounts, "row_count": rows}, dtype="int64")
        with _registered(con, passed_account=named):
            _passed(con, "unsettled_account", given).create("unsettled_account")
    counts = con.table("population").select("settled_weeks", "late_entries", "counters").fetchall()
    ((settled_weeks, late_entries, counters),) = counts
    ledger.counted = {
        "settled_week": settled_weeks,
        "told_week": settled_weeks,
        "late_entry": late_entries,
        "late_counter": counters,
        "entry": passed.rows,
    }


def widen(ledger: Ledger) -> None:
    """Add the finished weeks that hold a counter-entry for a late one elsewhere: they are even."""
    if ledger.finished:
        ledger.con.execute(sql.text("reconcile", "passed/strayed_week"))


def whole(ledger: Ledger) -> None:
    """Let each step's name stand for all weeks again."""
    con = ledger.con
    if not ledger.finished:
        return
    for name in COPIED:
        con.table(name).create(f"main.{name}")
    con.execute("SET search_path = 'main'")
    con.table("audited_week").create_view("scope")
    for name in step.STEPS:
        is_there = name in KEPT and not (name == "unsettled_account" and _is_elsewhere(ledger))
        if not is_there and name != "scope":
            step.relation(con, name, ledger.finished.given).create_view(name)


def _is_elsewhere(ledger: Ledger) -> bool:
    return bool(ledger.finished and ledger.finished.passed.elsewhere)


@contextmanager
def only(ledger: Ledger) -> Iterator[None]:
    """Let each step's name stand for the weeks that the pass has not finished, if it did any."""
    if not ledger.finished:
        yield
        return
    ledger.con.execute("SET search_path = 'suspect,main'")
    try:
        yield
    finally:
        ledger.con.execute("SET search_path = 'main'")


def drop(ledger: Ledger) -> None:
    """The weeks are judged: their own tables, and the arrays of the pass, are needed no more."""
    if ledger.finished:
        ledger.con.execute(sql.text("reconcile", "passed/drop"))
        ledger.finished = ledger.passed = None
