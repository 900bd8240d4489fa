"""What the pass does with ids that are text, in no order, or of accounts far apart.

No text is handed over with the rows: accounts come by number, from a join; of an entry's id comes a
hash, or the number that it is, and whether any is there twice is told by sorting these, and by a
look at the ids of those that are alike. The few rows that are kept are read once more, by their
numbers, for their ids, jobs and whom they answer. Ids are then their places in the order of all
that are kept, so that one goes before the other in arrays where it does in SQL.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import duckdb
import numpy as np
from duckdb import ColumnExpression, FunctionExpression
from numpy.typing import NDArray

from settle_core import sql
from settle_core.exports.arrays import arrow, unique_ids
from settle_core.exports.arrays.arrow import Batch, Whole
from settle_core.exports.arrays.ascending_ids import gaps
from settle_core.exports.arrays.passed import (
    NEVER,
    NO_ANSWER,
    Late,
    NotPlainError,
    Passed,
    RepeatedError,
)
from settle_core.exports.arrays.tables import WHOLE, Column, Table, Texts, joined, registered, size

FIRST_ROWS: Final = 1000
_BYTES: Final = np.empty(0, np.uint8)


class Accounts(NamedTuple):
    """How accounts go in the pass: by numbers that stand for them, and each in its currency."""

    are_numbered: bool
    have_currencies: bool


class Rows(NamedTuple):
    """Entries as they are laid out.

    Attributes:
        is_text: whether their ids are text.
        accounts: the settled accounts, in order, if they are text, far apart, or of several
            currencies, which are then `currencies`.
        entries: how many there are.
        name_bytes: how long ids are, by the first ones.
    """

    is_text: bool
    accounts: Column | Texts | None
    currencies: Texts | None
    entries: int
    name_bytes: int

    @property
    def bytes_foreseen(self) -> int:
        """The memory that what tells ids apart takes."""
        return self.entries * (unique_ids.KEY_BYTES + 8 * (not self.is_text))  # and gaps


@contextmanager
def laid(
    con: duckdb.DuckDBPyConnection, limits: Mapping[str, object], accounts: Accounts
) -> Iterator[Rows]:
    """Lay out `told_row` and `pass_row` for a while.

    Args:
        con: connection with `stored_entry` and `settlement`.
        limits: of the audit.
        accounts: how they go.

    Raises:
        NotPlainError: as `run` does.
    """
    try:
        yield _laid(con, limits, accounts)
    finally:
        con.execute(sql.text("exports/arrays", "pass_drop"))


def _laid(con: duckdb.DuckDBPyConnection, limits: Mapping[str, object], are: Accounts) -> Rows:
    is_text = unique_ids.lay(con)
    told = con.table("told_row")
    accounts: dict[str, Column | Texts] = {}
    if are.are_numbered:
        accounts = _accounts(con, limits, are)
        name = "pass_numbered_currency" if are.have_currencies else "pass_numbered"
        con.sql(sql.text("exports/arrays", name)).create_view("pass_row", replace=True)
    else:
        told.create_view("pass_row", replace=True)
    length = FunctionExpression("strlen", ColumnExpression("entry_id").cast("VARCHAR"))
    first = told.limit(FIRST_ROWS).select(length.alias("size"))
    ((longest,),) = first.max("size").fetchall()
    currencies = accounts.get("currency")
    return Rows(
        is_text,
        accounts.get("account_id"),
        currencies if isinstance(currencies, Texts) else None,
        len(told),
        int(longest or 0),
    )


def _accounts(
    con: duckdb.DuckDBPyConnection, limits: Mapping[str, object], are: Accounts
) -> dict[str, Column | Texts]:
    """The settled accounts, and their currencies if they have some; also as `pass_account`."""
    name = "pass_account_currency" if are.have_currencies else "pass_account"
    found = con.sql(sql.text("exports/arrays", name), params=limits)
    parts: dict[str, list[Column | Texts]] = {column: [] for column in found.columns}
    for batch in arrow.batches(found):
        if batch.has_nulls:
            raise NotPlainError("a value is missing")
        for column, held in parts.items():
            held.append(_copied(batch, column))
    accounts = {column: joined(held) for column, held in parts.items()}
    numbers = Column(WHOLE, np.arange(size(accounts["account_id"])))
    with registered(con, passed_table=Table({**accounts, "number": numbers})):
        con.table("passed_table").create("pass_account")
    if are.have_currencies:
        ((is_in_several,),) = con.execute(sql.text("exports/arrays", "pass_several")).fetchall()
        if is_in_several:
            raise NotPlainError("an account has several currencies")
    return accounts


def _copied(batch: Batch, column: str) -> Column | Texts:
    if column in batch.numbers:
        return Column(WHOLE, batch.numbers[column].copy())
    lengths, held = arrow.chosen(batch.texts[column], np.arange(batch.length))
    return Texts(lengths, held, np.ones(batch.length, np.bool_))


class _Kept(NamedTuple):
    """Rows that are kept, by their numbers.

    Attributes:
        number: of each row.
        id: of each, or its place among ids that are text; `names` are those, in order.
        answers: whom it answers, likewise.
        jobs: by lengths and bytes.
    """

    number: Whole
    id: Whole
    names: Texts | None
    answers: Whole
    jobs: tuple[NDArray[np.int32], NDArray[np.uint8]]


class Told:
    """Such ids; see `Ascending`."""

    def __init__(self, con: duckdb.DuckDBPyConnection, passed: Passed, rows: Rows) -> None:
        self._con, self._passed, self._rows = con, passed, rows
        self._away = len(passed.rejected)  # rows that are not there to be read
        self._keys: NDArray[Any] = np.empty(rows.entries, np.uint64 if rows.is_text else np.int64)
        self._unread = [self._keys[:0]]  # the keys of rejected rows
        self.name_bytes = rows.name_bytes

    def rows(self) -> duckdb.DuckDBPyRelation:
        """The entries as the pass takes them."""
        return self._con.sql(sql.text("exports/arrays", "pass_told"))

    def take(self, batch: Batch) -> dict[str, Whole]:
        """Take in the ids of a batch, whose rows are not counted yet; its rows.

        Raises:
            NotPlainError: as `Passed.complete`, or rows have no number.
        """
        passed = self._passed
        if "row_number" in batch.missing:
            raise NotPlainError("rows have no number")
        numbers = passed.complete(batch, batch.numbers["row_number"])
        if batch.missing:
            lacks = np.logical_or.reduce(list(batch.missing.values()))
            has_id = ~batch.missing.get("id_key", np.zeros_like(lacks))
            self._unread.append(batch.numbers["id_key"][lacks & has_id])
        keys = numbers["id_key"]
        self._keys[passed.rows : passed.rows + len(keys)] = keys
        if self._rows.accounts and len(keys) and int(numbers["account_id"].min()) < 0:
            passed.has_others = True
        return numbers

    def of(self, numbers: dict[str, Whole], rows: NDArray[np.intp]) -> Whole:
        """What stands for some rows of a batch until `end`."""
        return numbers["row_number"][rows]

    def answers(self, _: dict[str, Whole], rows: NDArray[np.intp]) -> Whole:
        """Nothing yet: they are asked for in the end."""
        return np.full(len(rows), NO_ANSWER)

    def end(self, _: Whole, numbers: list[Whole]) -> None:
        """Tell the late rows, by the fields of `Late` but for the jobs."""
        passed = self._passed
        if passed.rows + len(passed.rejected) - self._away != self._rows.entries:
            raise NotPlainError("rows were lost")
        self._demand_unique()
        order = np.argsort(numbers[0])
        row, cell, day, amount, kind, recorded_at, _ = (each[order] for each in numbers)
        is_kept = passed.timely_count != NEVER
        timely = np.concatenate([row[:0], *(passed.timely if is_kept else ())])
        kept = self._kept(np.sort(np.concatenate([row, timely])))
        of = np.searchsorted(kept.number, row)
        jobs = arrow.picked(*kept.jobs, of)
        ids, answers = kept.id[of], kept.answers[of]
        passed.late = Late(ids, cell, day, amount, kind, recorded_at, answers, *jobs)
        passed.timely = [kept.id[np.searchsorted(kept.number, timely)]]
        passed.names, passed.late_rows = kept.names, row

    def _demand_unique(self) -> None:
        """Raise RepeatedError if an id is there twice. Keeps gaps among whole numbers."""
        keys, passed = self._keys[: self._passed.rows], self._passed
        unread = np.concatenate(self._unread)
        twice = unique_ids.repeated(self._con, keys, unread, is_hash=self._rows.is_text)
        if len(twice):
            raise RepeatedError(twice, passed.rejected)
        if not self._rows.is_text:
            rows, passed.rows = passed.rows, 0
            gaps(passed, keys)
            passed.rows = rows
            passed.first_id, passed.last_id = int(keys[0]), int(keys[-1])

    def _kept(self, numbers: Whole) -> _Kept:
        """What else is asked of rows, by their numbers, ascending."""
        if not len(numbers):
            none = numbers.astype(np.int32), _BYTES
            names = Texts(*none) if self._rows.is_text else None
            return _Kept(numbers, numbers, names, numbers, none)
        with registered(self._con, passed_number=Table({"number": Column(WHOLE, numbers)})):
            found = self._con.sql(sql.text("exports/arrays", "pass_kept"))
            parts = [_part(batch, is_text=self._rows.is_text) for batch in arrow.batches(found)]
        number, ids, place, answers, *texts = (
            np.concatenate(each) for each in zip(*parts, strict=True)
        )
        if not np.array_equal(number, numbers):
            raise NotPlainError("rows stand in another order")
        by_id, jobs = np.argsort(place), (texts[2], texts[3])
        if self._rows.is_text:
            return _Kept(
                number, place, Texts(*arrow.picked(texts[0], texts[1], by_id)), answers, jobs
            )
        is_there = answers >= 0
        answers[is_there] = ids[by_id][answers[is_there]]
        return _Kept(number, ids, None, answers, jobs)


def _part(batch: Batch, *, is_text: bool) -> tuple[NDArray[Any], ...]:
    """A batch of what is asked, copied: numbers, and texts by lengths and bytes."""
    every = np.arange(batch.length)
    ids = ("place" if is_text else "entry_id",)
    numbers = [batch.numbers[name].copy() for name in ("row_number", *ids, "place", "answers")]
    names = arrow.chosen(batch.texts["entry_id"], every) if is_text else (every[:0], _BYTES)
    return (*numbers, *names, *arrow.chosen(batch.texts["job_id"], every))
