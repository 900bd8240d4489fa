"""The weeks that the pass has not finished, as the tables that the steps would make of them.

They are in a schema of their own, which goes before the other tables while weeks are judged, under
the names that the steps give: the SQL of steps, replay and rules is the same with the pass and
without it. Afterwards the same names stand for all weeks again, as views that cost only when asked.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import numpy as np

from settle_core import sql
from settle_core.exports.arrays import arrow, whole_pass
from settle_core.exports.arrays.passed import Passed
from settle_core.exports.arrays.tables import (
    DAY,
    FLAG,
    INSTANT,
    WHOLE,
    Column,
    Table,
    Texts,
    money,
    registered,
)
from settle_core.exports.arrays.whole_pass import Limits
from settle_core.exports.reading.ledger import Ledger
from settle_core.reconcile.walk import cutoff, jobs, plain_days, step, walk_tables, walked
from settle_core.reconcile.walk.plain_days import COUNTER, ENTRY, Sorted
from settle_core.reconcile.walk.walked import Laid, Walk

_LOG: Final = logging.getLogger(__name__)
# What comes out of all weeks, and stays.
OUTCOMES: Final = ("population", "week_total", "unsettled_account")
# These have no row of a finished week, or are of all late rows.
STAYING: Final = (
    "moved_row",
    "cutoff_row",
    "job_column",
    "id_order",
    "stray_day",
    "suspect_week",
    "owed_row",
)
# What is made of these, for the search.
VIEWED: Final = ("vote", "suspect_row")
KEPT: Final = frozenset({*OUTCOMES, *STAYING, "audited_week", "repeated_settlement"})


@dataclass
class Finished:
    """What the pass and the plain days gave, until all is told.

    Attributes:
        passed: what the pass found; `found` the weeks that are not finished.
        given: the parameters of the steps.
        laid: the weeks and rows in order; `walk` what the walk gave, None if SQL walks them.
        staying: names of tables that stand for all weeks already.
    """

    passed: Passed
    found: Sorted
    given: Mapping[str, object]
    laid: Laid
    walk: Walk | None
    staying: set[str]


def load(ledger: Ledger, limits: Limits, given: Mapping[str, object]) -> frozenset[str]:
    """Make the tables of the weeks that are not finished, from the pass.

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
    passed = ledger.passed or whole_pass.tried(con, limits, ledger.scale)
    if passed is None:
        return frozenset()
    found = plain_days.of(passed, ledger.profile)
    _LOG.info("%d weeks are not finished by the pass", len(found.suspect))
    con.execute(sql.text("reconcile/walk", "passed/schema"))
    ((currency,),) = con.execute(sql.text("reconcile/walk", "passed/currency")).fetchall()
    _audited_week(ledger, passed, given, currency)
    repeated = step.relation(con, "repeated_settlement", given)
    is_each_once = passed.settlements == ledger.inputs[1].rows_accepted
    (repeated.limit(0) if is_each_once else repeated).create("repeated_settlement")
    con.execute("SET search_path = 'suspect,main'")
    order = found.id_order._asdict()
    making = _Making(ledger, passed, found, {**given, **order, "currency": currency})
    making.weeks()
    making.finished()
    is_walked = making.cutoff()
    if is_walked:
        making.walk()
        making.views()
    ledger.finished = making.outcome()
    return frozenset({*making.done, "repeated_settlement", "audited_week", *OUTCOMES})


def _audited_week(
    ledger: Ledger, passed: Passed, given: Mapping[str, object], currency: str
) -> None:
    """Create the view `audited_week`: of each week the settlement that counts."""
    con, again, name = ledger.con, passed.again, "audited_week"
    if len(again.cell):
        accounts = passed.cells.account(again.cell)
        columns = {
            "account_id": passed.cells.named(accounts),
            "currency": passed.cells.currency(accounts, currency),
            "week_start": Column(DAY, passed.cells.day(again.cell)),
            "settled_amount": Column(money(ledger.scale), again.amount),
            "settled_at": Column(INSTANT, again.at),
        }
        with registered(con, again=Table(columns)):
            con.table("again").create("settled_again")
        name = "audited_week_again"
    step.passed(con, name, given).create_view("audited_week")


class _Making:
    """Makes the tables."""

    def __init__(
        self, ledger: Ledger, passed: Passed, found: Sorted, given: Mapping[str, object]
    ) -> None:
        self._ledger, self._con, self._passed, self._found = ledger, ledger.con, passed, found
        self._given = dict(given)
        self._money = money(ledger.scale)
        late, cells = passed.late, passed.cells
        self._laid = walked.laid(late, cells, found.suspect, found.late_rows)
        self._account = cells.account(self._laid.cells)
        self._week_start = cells.day(self._laid.cells)
        self._left = cells.left[self._laid.cells]
        no_value, seconds_max = self._given["no_value"], self._given["job_seconds_max"]
        self._jobs = jobs.of(ledger.con, late, no_value, seconds_max)  # type: ignore[arg-type]
        self._walk: Walk | None = None
        self.done: set[str] = set()
        self._staying: set[str] = set()

    def outcome(self) -> Finished:
        """What is needed until all is told."""
        given = (self._passed, self._found, self._given, self._laid)
        return Finished(*given, self._walk, self._staying)

    def _create(self, name: str, *, stays: bool = False) -> None:
        step.passed(self._con, name, self._given).create(f"main.{name}" if stays else name)
        self.done.add(name)
        if stays:
            self._staying.add(name)

    def _view(self, *names: str) -> None:
        for name in names:
            step.passed(self._con, name, self._given).create_view(name)
            self.done.add(name)

    def weeks(self) -> None:
        """Their settlements and sums."""
        late, rows = self._passed.late, self._laid.rows
        count = len(self._left)
        late_amount = np.zeros(count, np.int64)
        np.add.at(late_amount, rows.week, late.amount[rows.late])
        kinds = late.kind[rows.late]
        columns = {
            "account_id": self._passed.cells.named(self._account),
            "week_start": Column(DAY, self._week_start),
            "left_amount": Column(self._money, self._left),
            "late_amount": Column(self._money, late_amount),
            "late_entries": _count(rows.week[kinds == ENTRY], count),
            "counters": _count(rows.week[kinds == COUNTER], count),
        }
        with registered(self._con, passed_week=Table(columns)):
            self._create("scope")
        self._view("week_sum")
        self._create("settled_week")

    def finished(self) -> None:
        """What the finished weeks tell, and all late rows together."""
        con, found, passed = self._con, self._found, self._passed
        late, cells = passed.late, passed.cells
        is_finished = np.ones(len(late.cell), np.bool_)
        is_finished[found.late_rows] = False
        weeks = {
            "account_id": cells.named(cells.account(found.finished)),
            "sum_days": Column(WHOLE, found.sum_days),
            "has_counter": Column(FLAG, found.has_counter),
            "is_even_throughout": Column(FLAG, found.is_even_throughout),
        }
        tables: dict[str, dict[str, Column | Texts]] = {
            "plain_late": {"entry_id": passed.named(late.entry_id[is_finished])},
            "plain_week": weeks,
        }
        if (gaps := self._passed.gaps) is not None:
            tables["id_neighbour"] = {name: Column(WHOLE, ids) for name, ids in gaps.items()}
        if (timely := self._passed.timely_ids) is not None:
            tables["plain_timely"] = {"entry_id": passed.named(timely)}
        for name, columns in tables.items():
            with registered(con, passed_table=Table(columns)):
                # Gaps are those of all weeks: nothing is to sort all ids again.
                con.table("passed_table").create("main." * (name == "id_neighbour") + name)
            self.done.add(name)
        self._staying |= {"id_neighbour"} & tables.keys()
        self._given["is_job"] = self._is_job()
        for name in ("moved_row", "job_column", "id_order"):
            self._create(name, stays=True)

    def _is_job(self) -> bool:
        if self._given["job_id_means"] == "unknown":
            return False
        if self._jobs.is_job is not None:
            return self._jobs.is_job
        late = self._passed.late
        rows = arrow.Rows((late.job_length, late.job_bytes), late.recorded_at)
        with registered(self._con, late_row=rows):
            told = step.relation(self._con, "job_column", self._given).fetchall()
        return bool(told[0][0])

    def cutoff(self) -> bool:
        """Look for rows that are on the wrong side of a settlement; whether there are none."""
        if not self._left.any():
            self._create("cutoff_row", stays=True)
            return True
        cut = step.relation(self._con, "cutoff_row", self._given)
        cut.create("main.cutoff_row")
        self._staying.add("cutoff_row")
        self.done.add("cutoff_row")
        if not cutoff.moved(self._con, self._ledger.scale):
            return True
        # All is worked out anew, from the entries.
        self._con.execute(sql.text("reconcile/walk", "passed/drop_settled_week"))
        self.done.remove("settled_week")
        return False

    def walk(self) -> None:
        """The walk of their late rows, its days and weeks."""
        late, rows, raw = self._passed.late, self._laid.rows, self._jobs.raw
        held_days = int(np.count_nonzero(self._found.has_counter))
        job = np.where(self._jobs.is_value & bool(self._given["is_job"]), raw, -1)
        profile = self._ledger.profile
        given = walked.Given(profile.skew_us, profile.balancing.policy, profile.balancing.level)
        walk = walked.walk(late, rows, self._left, raw, job, held_days, given)
        self._walk = walk
        places = self._passed.late_rows if self._ledger.told else None
        currency = str(self._given["currency"])
        form = walk_tables.Form(self._passed, self._laid, self._money, currency)
        tables = {
            "walked": ("passed_row", form.rows(walk, job, places)),
            "late_day": ("passed_day", form.days(walk)),
            "late_week": ("passed_of_week", form.weeks(walk)),
        }
        self._given["are_few"] = walk.are_few
        for name, (of, columns) in tables.items():
            with registered(self._con, **{of: Table(columns)}):
                if name == "walked":
                    self._told(by_number=places is not None)
                self._create(name)
                if name == "late_week":
                    self._create("suspect_week", stays=True)
        self._create("stray_day", stays=True)
        self._create("owed_row", stays=True)

    def _told(self, *, by_number: bool) -> None:
        """What the export may tell of these rows besides."""
        if by_number and self._ledger.told:
            self._ledger.told.create_view("numbered_told")
        name = "told_by_number" if by_number else "told_by_id"
        step.passed(self._con, name, self._given).create("passed_told")

    def views(self) -> None:
        """The names that stand for a part of these tables."""
        self._view("late_row", "walk", "suspect_row")
        for name in ("late_id", "told_week", "late_entry", "late_counter"):
            step.create(self._con, name, self._given)
            self.done.add(name)
        if "plain_timely" in self.done:
            self._view("timely_counter")


def _count(numbers: walked.Places, count: int) -> Column:
    return Column(WHOLE, np.bincount(numbers, minlength=count))


def number(ledger: Ledger) -> None:
    """Make `suspect_row`, unless the walk has."""
    if not (ledger.finished and ledger.finished.walk):
        ledger.con.sql(sql.text("reconcile/walk", "suspect_row")).create("suspect_row")


def widen(ledger: Ledger) -> None:
    """Add the finished weeks that hold a counter-entry for a late one elsewhere: they are even."""
    if ledger.finished:
        ledger.con.execute(sql.text("reconcile/walk", "passed/strayed_week"))


def whole(ledger: Ledger) -> None:
    """Let each step's name stand for all weeks again."""
    con = ledger.con
    if not ledger.finished:
        return
    kept = KEPT | ledger.finished.staying
    for name in kept.intersection(STAYING) - ledger.finished.staying:
        con.table(name).create(f"main.{name}")
    if ledger.finished.walk:
        for name in VIEWED:
            con.sql(sql.text("reconcile/walk", name)).create_view(name)
    # The last step first: what a view reads is still the small table of that name when the view is
    # made, which spares DuckDB the look into all that lies behind it. Afterwards a name in a view
    # of `main` is one of `main`.
    for name in reversed(step.STEPS):
        is_there = name in kept and not (name == "unsettled_account" and _is_elsewhere(ledger))
        if name == "scope":
            con.table("audited_week").create_view("scope")
        elif not is_there:
            step.relation(con, name, ledger.finished.given).create_view(name)
    con.execute("SET search_path = 'main'")


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
        ledger.con.execute(sql.text("reconcile/walk", "passed/drop"))
        ledger.finished = ledger.passed = None
