"""What the pass does with ids that are whole numbers and ascend from row to row."""

import duckdb
import numpy as np
from numpy.typing import NDArray

from settle_core import sql
from settle_core.exports.arrays import arrow
from settle_core.exports.arrays.arrow import Batch, Whole
from settle_core.exports.arrays.passed import (
    NEVER,
    NO_ANSWER,
    Late,
    NotPlainError,
    Passed,
    kept_max,
)
from settle_core.exports.arrays.tables import WHOLE, Column, Table, registered


class UnorderedError(NotPlainError):
    """Ids do not ascend."""


class Ascending:
    """Such ids.

    Args:
        con: connection with `entry`.
        passed: takes what they tell.
        numbered: the jobs, where few rows have one, by the numbers of their rows.
    """

    def __init__(
        self,
        con: duckdb.DuckDBPyConnection,
        passed: Passed,
        numbered: duckdb.DuckDBPyRelation | None,
    ) -> None:
        self._con, self._passed, self._numbered = con, passed, numbered
        self._last = -NEVER

    name_bytes = 0  # those of ids that are kept as text

    def rows(self) -> duckdb.DuckDBPyRelation:
        """The entries as the pass takes them."""
        # A column of nothing takes as long to be handed over as any other.
        has_answers = "answers" in self._con.table("stored_entry").columns
        query = self._con.sql(sql.text("exports/arrays", "pass_entry"))
        return query.select(*(name for name in query.columns if has_answers or name != "answers"))

    def take(self, batch: Batch) -> dict[str, Whole]:
        """Take in the ids of a batch, whose rows are not counted yet; its rows.

        Raises:
            UnorderedError: ids do not ascend, those of rejected rows among them.
            NotPlainError: as `Passed.complete`.
        """
        passed, ids = self._passed, batch.numbers["entry_id"]
        numbers = passed.complete(batch)
        if "entry_id" in batch.missing:
            ids = ids[~batch.missing["entry_id"]]
        if len(ids):
            if int(ids[0]) <= self._last or not bool(np.all(ids[1:] > ids[:-1])):
                raise UnorderedError("ids do not ascend")
            self._last = int(ids[-1])
        accepted = numbers["entry_id"]
        if len(accepted):
            gaps(passed, accepted)
            passed.first_id = min(passed.first_id, int(accepted[0]))
            passed.last_id = int(accepted[-1])
        return numbers

    def of(self, numbers: dict[str, Whole], rows: NDArray[np.intp]) -> Whole:
        """What stands for some rows of a batch until `end`."""
        return numbers["entry_id"][rows]

    def answers(self, numbers: dict[str, Whole], rows: NDArray[np.intp]) -> Whole:
        """Whom they answer, by id."""
        return numbers["answers"][rows] if "answers" in numbers else np.full(len(rows), NO_ANSWER)

    def end(self, rows: Whole, numbers: list[Whole]) -> None:
        """Tell the late rows, by their places in all, and the fields of `Late` but for the jobs."""
        rows = self._passed.places(rows)
        if self._numbered is None:
            jobs = _jobs(self._con, numbers[0])
        else:
            jobs = _numbered_jobs(self._numbered, rows)
        self._passed.late = Late._make([*numbers, *jobs])
        self._passed.late_rows = rows


def gaps(passed: Passed, ids: Whole) -> None:
    """Keep the gaps among ids that ascend, and go on from those before."""
    if passed.rows and int(ids[0]) != passed.last_id + 1:
        passed.gap_count += 1
        passed.gap_ids.append((np.array([passed.last_id]), ids[:1].copy()))
    if int(ids[-1]) - int(ids[0]) == len(ids) - 1:
        return
    before = np.flatnonzero(ids[1:] - ids[:-1] != 1)
    passed.gap_count += len(before)
    if passed.gap_count <= kept_max(passed.rows + len(ids)):
        passed.gap_ids.append((ids[before], ids[before + 1]))
    else:
        passed.gap_count = NEVER  # some are not kept, however many rows follow


def _jobs(
    con: duckdb.DuckDBPyConnection, ids: Whole
) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """The jobs of the rows of these ids, by lengths and bytes; empty where there is none."""
    by_id = np.argsort(ids, kind="stable")
    ascending = ids[by_id]
    if np.any(ascending[1:] == ascending[:-1]):
        raise NotPlainError("an id stands twice")
    lengths = np.zeros(len(ids), np.int32)
    found = [np.empty(0, np.intp)]
    held = [np.empty(0, np.uint8)]
    with registered(con, passed_id=Table({"entry_id": Column(WHOLE, ids)})):
        for batch in arrow.batches(con.sql(sql.text("exports/arrays", "pass_job"))):
            rows = by_id[np.searchsorted(ascending, batch.numbers["entry_id"])]
            lengths[rows], texts = arrow.chosen(batch.texts["job_id"], np.arange(batch.length))
            found.append(rows)
            held.append(texts)
    rows = np.concatenate(found)
    return lengths, arrow.picked(lengths[rows], np.concatenate(held), np.argsort(rows))[1]


def _numbered_jobs(
    numbered: duckdb.DuckDBPyRelation, rows: Whole
) -> tuple[NDArray[np.int32], NDArray[np.uint8]]:
    """The same by the numbers of the rows, which ascend: no id is read again, nothing joined."""
    lengths = np.zeros(len(rows), np.int32)
    held = [np.empty(0, np.uint8)]
    last = -1
    for batch in arrow.batches(numbered) if len(rows) else ():
        if batch.has_nulls or not batch.length:
            raise NotPlainError("a value is missing")
        numbers = batch.numbers["row_number"]
        if numbers[0] <= last or np.any(numbers[1:] <= numbers[:-1]):
            raise NotPlainError("rows stand in another order")
        last = numbers[-1]
        places = np.searchsorted(rows, numbers)
        late = np.flatnonzero(rows.take(places, mode="clip") == numbers)
        lengths[places[late]], texts = arrow.chosen(batch.texts["job_id"], late)
        held.append(texts)
    return lengths, np.concatenate(held)
