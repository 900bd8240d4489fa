"""The jobs of late rows by number, and whether the column that names them tells jobs apart."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import duckdb
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from settle_core import sql
from settle_core.exports.arrays import arrow
from settle_core.exports.arrays.arrow import Whole
from settle_core.exports.arrays.passed import Late
from settle_core.exports.arrays.tables import Table, Texts, registered

# Longer names are told apart one by one.
LENGTH_MAX: Final = 64
_WORD: Final = 8  # bytes
_FACTOR: Final = np.uint64(0x9E3779B97F4A7C15)
# What may stand for no value begins so, or with more than one byte.
_MAYBE_NONE: Final = np.frombuffer(b"nN\\-< ", np.uint8)


class Jobs(NamedTuple):
    """The jobs of the late rows.

    Attributes:
        raw: of each row, a number for each name; -1 for none.
        is_value: of each row, whether it has a name that does not stand for no value.
        is_job: whether the column tells jobs apart; None where that is for SQL to say.
    """

    raw: Whole
    is_value: NDArray[np.bool_]
    is_job: bool | None


def of(
    con: duckdb.DuckDBPyConnection, late: Late, no_value: Sequence[str], seconds_max: int
) -> Jobs:
    """Number the jobs.

    Args:
        con: where SQL can be asked.
        late: the late rows.
        no_value: names that are none.
        seconds_max: the longest that a job lasts.
    """
    raw = _numbers(late)
    is_value = ~_is_none(con, late, no_value)
    return Jobs(raw, is_value, _is_job(raw[is_value], late.recorded_at[is_value], seconds_max))


def _is_job(numbers: Whole, at: Whole, seconds_max: int) -> bool | None:
    """As in steps/job_column.sql. Of one name alone all entries are to be asked."""
    if not len(numbers):
        return True
    if numbers.min() == numbers.max() or int(at.min()) < 0:
        return None
    ends = np.iinfo(np.int64)
    first = np.full(int(numbers.max()) + 1, ends.max)
    last = np.full(len(first), ends.min)
    np.minimum.at(first, numbers, at)
    np.maximum.at(last, numbers, at)
    is_there = last >= first
    # Whole seconds that the clock went by, as DATE_DIFF counts them.
    seconds = last[is_there] // 1_000_000 - first[is_there] // 1_000_000
    is_more = np.bincount(numbers)[is_there] > 1
    return 2 * int(np.count_nonzero(seconds > seconds_max)) <= int(np.count_nonzero(is_more))


def _numbers(late: Late) -> Whole:
    """A number for each name; -1 for none."""
    lengths = late.job_length
    rows = np.flatnonzero(lengths)
    numbers = np.full(len(lengths), -1, np.int64)
    if not len(rows):
        return numbers
    words = _words(late, rows) if int(lengths.max()) <= LENGTH_MAX else []
    told = [*words, lengths[rows].astype(np.uint64)]
    key = np.zeros(len(rows), np.uint64)
    for word in told:
        key = (key ^ word) * _FACTOR
        key ^= key >> np.uint64(29)
    order = np.argsort(key)
    is_other = key[order[1:]] != key[order[:-1]]
    is_alike = [(word[order[1:]] == word[order[:-1]]) | is_other for word in told]
    if words and np.all(is_alike):
        numbers[rows[order]] = np.concatenate([[0], np.cumsum(is_other)])
    else:  # long names, or two of one key
        numbers[rows] = _one_by_one(late, rows)
    return numbers


def _one_by_one(late: Late, rows: NDArray[np.intp]) -> list[int]:
    known: dict[str, int] = {}
    names = arrow.texts(late.job_length, late.job_bytes, rows)
    return [known.setdefault(name, len(known)) for name in names]


def _words(late: Late, rows: NDArray[np.intp]) -> list[NDArray[np.uint64]]:
    """The bytes of names that are not empty, eight by eight, zeros after the last one."""
    lengths = late.job_length[rows].astype(np.int64)
    starts = np.cumsum(lengths) - lengths
    held = np.concatenate([late.job_bytes, np.zeros(_WORD, np.uint8)])
    windows = sliding_window_view(held, _WORD)
    words = []
    for skip in range(0, int(lengths.max()), _WORD):
        left = lengths - skip
        taken = windows[np.minimum(starts + skip, len(windows) - 1)]
        word = np.ascontiguousarray(taken).view("<u8").ravel()
        spare = np.clip(_WORD - left, 0, _WORD - 1).astype(np.uint64) * np.uint64(8)
        word &= np.uint64(0xFFFFFFFFFFFFFFFF) >> spare
        word[left <= 0] = 0
        words.append(word)
    return words


def _is_none(
    con: duckdb.DuckDBPyConnection, late: Late, no_value: Sequence[str]
) -> NDArray[np.bool_]:
    """Of each row, whether its name stands for no value; SQL is asked where it may."""
    is_none: NDArray[np.bool_] = late.job_length == 0
    ends = np.cumsum(late.job_length, dtype=np.int64)
    rows = np.flatnonzero(~is_none)
    firsts = late.job_bytes[ends[rows] - late.job_length[rows]]
    rows = rows[np.isin(firsts, _MAYBE_NONE) | (firsts > 127)]  # noqa: PLR2004  ASCII
    if len(rows):
        names = Texts(*arrow.picked(late.job_length, late.job_bytes, rows))
        with registered(con, passed_name=Table({"job_id": names})):
            query = sql.text("reconcile/walk", "passed/no_job")
            told = con.execute(query, {"no_value": list(no_value)}).fetchnumpy()
        is_none[rows] = np.asarray(told["is_none"])
    return is_none
