"""What the pass keeps, cut by week, so that weeks which did not change need no pass again.

All that it keeps is of one week: what is left of its settled amounts, its late rows, counts. Only
the ids are of all weeks, so each week has its runs of ids without a gap; joined they show that no
id is in two weeks, and where gaps are. The weeks joined give what a pass over all of them gives.
"""

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from settle_core.exports.arrays import arrow
from settle_core.exports.arrays.arrow import Whole
from settle_core.exports.arrays.passed import DAYS, Again, Cells, Late, NotPlainError, Passed
from settle_core.exports.arrays.tables import WHOLE, Column
from settle_core.exports.arrays.whole_pass import (
    CELLS_PER_SETTLEMENT,
    CELLS_SPARED,
    SAFE,
)

Arrays = Mapping[str, NDArray[Any]]
COLUMNS: Final = ("entry_id", "day", "amount", "kind", "recorded_at", "answers")


class Counted(NamedTuple):
    """What SQL counts of one week; amounts in minor units, instants in microseconds."""

    rows: int = 0
    total: int = 0
    counters: int = 0
    zeros: int = 0
    negatives: int = 0
    largest: int = 0
    last_recorded: int = 0
    settlements: int = 0
    settled_total: int = 0
    settled_zeros: int = 0
    last_settled: int = 0


def cut(  # noqa: PLR0913, PLR0917  what one week is told by
    passed: Passed | None,
    day: int,
    counted: Counted,
    ids: Whole,
    counters: Whole,
    unsettled: Whole,
) -> bytes:
    """What a pass keeps of one week.

    Args:
        passed: the pass; None if no week was settled at all.
        day: the first one of the week, in days since 1970.
        counted: of the week.
        ids: of its entries, ascending.
        counters: those of its counter-entries.
        unsettled: accounts that it was not settled for though for others, and how many rows.
    """
    starts = np.flatnonzero(np.diff(ids) != 1) + 1 if len(ids) else np.empty(0, np.intp)
    runs = np.array([ids[np.r_[0, starts]], ids[np.r_[starts - 1, -1]]]) if len(ids) else _none(2)
    settled = _settled(passed, day) if counted.settlements and passed else {}
    held = io.BytesIO()
    np.savez_compressed(
        held,
        allow_pickle=False,
        day=np.array([day]),
        counted=np.array(counted, np.int64),
        runs=runs,
        unsettled=unsettled,
        timely=np.setdiff1d(counters, settled.get("late_entry_id", counters[:0])),
        **settled,
    )
    return held.getvalue()


def _none(rows: int) -> Whole:
    return np.empty((rows, 0), np.int64)


def _settled(passed: Passed, day: int) -> dict[str, NDArray[np.generic]]:
    """Which accounts' weeks were settled, what is left of them, and their late rows."""
    cells, late = passed.cells, passed.late
    week = (day - cells.first_day) // DAYS
    first = week * cells.accounts
    settled = np.flatnonzero(passed.is_settled[first : first + cells.accounts])
    accounts = _ids(cells, settled + cells.first_account)
    off = np.flatnonzero(cells.left[first + settled])
    rows = np.flatnonzero(late.cell // cells.accounts == week)
    rows = rows[np.argsort(late.entry_id[rows])]
    lengths, held = arrow.picked(late.job_length, late.job_bytes, rows)
    again, own = passed.again, passed.again.cell // cells.accounts == week
    # Only where there is one: other weeks are kept as they were before this was told.
    by_account = _ids(cells, cells.account(again.cell[own]))
    of_again = np.array([by_account, again.amount[own], again.at[own]])
    span = passed.is_settled[first + settled[0] : first + settled[-1] + 1]
    return {
        **({"again": of_again} if own.any() else {}),
        "accounts": np.array([accounts[0], accounts[-1]]),
        **({"settled": np.packbits(span)} if cells.names is None else {"far_apart": accounts}),
        "off": np.array([accounts[off], cells.left[first + settled[off]]]),
        "late_account": _ids(cells, cells.account(late.cell[rows])),
        "job_length": lengths,
        "job_bytes": held,
        **{f"late_{name}": getattr(late, name)[rows] for name in COLUMNS},
    }


def _ids(cells: Cells, accounts: Whole) -> Whole:
    """Accounts by their ids, where they go by numbers that stand for these."""
    return accounts if cells.names is None else _names(cells)[accounts]


def _names(cells: Cells) -> Whole:
    if not isinstance(cells.names, Column):
        raise NotPlainError("accounts are text")
    return cells.names.values.astype(np.int64, copy=False)


def opened(held: bytes) -> Arrays:
    """The arrays of one week."""
    with np.load(io.BytesIO(held), allow_pickle=False) as found:
        return {name: found[name] for name in found.files}


def differing(was: Arrays, now: Arrays) -> list[str]:
    """The names of arrays that are not the same."""
    names = sorted(was.keys() | now.keys())
    both = was.keys() & now.keys()
    return [name for name in names if name not in both or not np.array_equal(was[name], now[name])]


def runs(weeks: Iterable[Arrays]) -> Whole:
    """The runs of ids of all weeks, ascending: where each begins, and where it ends."""
    every = np.concatenate([_none(2), *(week["runs"] for week in weeks)], axis=1)
    ordered: Whole = every[:, np.argsort(every[0], kind="stable")]
    return ordered


def repeated(ordered: Whole) -> int | None:
    """An id that is in two weeks, if there is one."""
    twice = np.flatnonzero(ordered[0, 1:] <= ordered[1, :-1])
    return int(ordered[0, twice[0] + 1]) if len(twice) else None


def joined(weeks: Sequence[Arrays]) -> Passed:
    """What the pass over all weeks gives.

    Raises:
        NotPlainError: the rows are not such as can be counted so.
    """
    settled = [week for week in weeks if "accounts" in week]
    if not settled:
        raise NotPlainError("nothing is settled")
    counts = Counted(*(int(each) for each in np.sum([week["counted"] for week in weeks], axis=0)))
    passed = Passed(_laid_out(settled, counts.settlements))
    cells = passed.cells
    for week in settled:
        _fill(cells, week)
    every = [Counted(*week["counted"].tolist()) for week in weeks]
    largest = max(each.largest for each in every)
    if largest * max(counts.rows + counts.settlements, 1 << 24) >= SAFE or not counts.rows:
        raise NotPlainError("amounts are too large, or there are no entries")
    for name in ("rows", "total", "counters", "zeros", "negatives"):
        setattr(passed, name, getattr(counts, name))
    # Of a week that was settled again one settlement counts.
    passed.settlements = int(np.count_nonzero(passed.is_settled))
    passed.settled_total = counts.settled_total
    passed.settled_zeros = min(counts.settled_zeros, passed.settlements)
    passed.again = _again(cells, settled)
    passed.last_recorded = max(each.last_recorded for each in every if each.rows)
    passed.last_settled = max(each.last_settled for each in every if each.settlements)
    of_settled = [Counted(*week["counted"].tolist()).rows for week in settled]
    passed.in_settled = sum(of_settled) - sum(int(week["unsettled"][1].sum()) for week in settled)
    passed.has_others = passed.cells.names is not None  # it may be so
    passed.elsewhere = any(_unsettled(cells, week) for week in settled)
    passed.late = _late(cells, settled)
    passed.timely = [week["timely"] for week in weeks]
    passed.timely_count = sum(map(len, passed.timely))
    _order(passed, runs(weeks))
    return passed


def _laid_out(settled: Sequence[Arrays], settlements: int) -> Cells:
    first = min(int(week["accounts"][0]) for week in settled)
    last = max(int(week["accounts"][1]) for week in settled)
    days = [int(week["day"][0]) for week in settled]
    count = (max(days) - min(days)) // DAYS + 1
    most = max(CELLS_PER_SETTLEMENT * settlements, CELLS_SPARED)
    if (last - first + 1) * count <= most:
        return Cells(first, last - first + 1, min(days), count)
    names = np.unique(np.concatenate([_accounts(week) for week in settled]))
    if len(names) * count > most:
        raise NotPlainError("accounts are too far apart")
    return Cells(0, len(names), min(days), count, Column(WHOLE, names))


def _accounts(week: Arrays) -> Whole:
    """The accounts that a week was settled for."""
    if "far_apart" in week:
        return week["far_apart"]
    first, last = week["accounts"].tolist()
    accounts: Whole = np.flatnonzero(np.unpackbits(week["settled"], count=last - first + 1)) + first
    return accounts


def _at(cells: Cells, week: Arrays, accounts: Whole) -> Whole:
    at = (int(week["day"][0]) - cells.first_day) // DAYS * cells.accounts
    if cells.names is not None:
        accounts = np.searchsorted(_names(cells), accounts)
    found: Whole = accounts.astype(np.int64) - cells.first_account + at
    return found


def _fill(cells: Cells, week: Arrays) -> None:
    cells.settled_at[_at(cells, week, _accounts(week))] = 0  # at some instant
    accounts, left = week["off"]
    cells.left[_at(cells, week, accounts)] = left


def _again(cells: Cells, settled: Sequence[Arrays]) -> Again:
    """Of weeks that were settled more than once the settlement that counts."""
    weeks = [week for week in settled if "again" in week]
    told = [(_at(cells, week, week["again"][0]), *week["again"][1:]) for week in weeks]
    return Again(*map(np.concatenate, zip(*told, strict=True))) if told else Again.none()


def _unsettled(cells: Cells, week: Arrays) -> bool:
    """Count rows of weeks that were settled for others only; whether there are any elsewhere."""
    accounts, rows = week["unsettled"]
    is_in = (accounts >= cells.first_account) & (accounts < cells.first_account + cells.accounts)
    if cells.names is not None:
        is_in = np.isin(accounts, _names(cells))
    cells.unsettled_rows[_at(cells, week, accounts[is_in])] = rows[is_in]
    return not bool(np.all(is_in))


def _late(cells: Cells, settled: Sequence[Arrays]) -> Late:
    of = {name: np.concatenate([week[f"late_{name}"] for week in settled]) for name in COLUMNS}
    jobs = {name: np.concatenate([week[name] for week in settled]) for name in ("job_length",)}
    held = np.concatenate([week["job_bytes"] for week in settled])
    cell = np.concatenate([_at(cells, week, week["late_account"]) for week in settled])
    return Late(cell=cell, **of, job_length=jobs["job_length"], job_bytes=held)


def _order(passed: Passed, ordered: Whole) -> None:
    """The order of ids and the gaps among them."""
    if repeated(ordered) is not None:
        raise NotPlainError("an id is in two weeks")
    passed.first_id, passed.last_id = int(ordered[0, 0]), int(ordered[1, -1])
    before = np.flatnonzero(ordered[0, 1:] != ordered[1, :-1] + 1)
    passed.gap_count = len(before)
    passed.gap_ids.append((ordered[1, before], ordered[0, before + 1]))
