"""What weeks show of how they are balanced, by account: from the walk in arrays, or by SQL."""

from typing import NamedTuple

import numpy as np

from settle_core import sql
from settle_core.exports.reading.ledger import Ledger


class Shown(NamedTuple):
    """What the weeks of accounts show, of each; accounts that are not replayed are counted.

    Attributes:
        account_id: empty where no week of it is replayed.
        is_replayed: whether one is.
        accounts: so many show just that.
        sums: days that show the policy sum; `deltas` delta, `hints` perhaps.
        deltas: see there.
        hints: see there.
        days: weeks that show the level day; `weeks` likewise.
        weeks: see there.
        even: weeks with counter-entries whose days are even.
        whole: weeks that are even only as a whole, where no day could do without a counter-entry.
    """

    account_id: str
    is_replayed: bool
    accounts: int
    sums: int
    deltas: int
    hints: int
    days: int
    weeks: int
    even: int
    whole: int


def of(ledger: Ledger) -> list[Shown]:
    """The rows of `vote_group`."""
    finished = ledger.finished
    if finished and finished.walk:
        return _of_walk(ledger)
    ledger.con.sql(sql.text("reconcile/walk", "vote")).create("vote")
    told = ledger.con.execute(sql.text("reconcile/walk", "vote_group")).fetchall()
    return list(map(Shown._make, told))


def _of_walk(ledger: Ledger) -> list[Shown]:
    """As vote.sql and vote_group.sql."""
    finished = ledger.finished
    cells, walk, found = finished.passed.cells, finished.walk, finished.found
    weeks = walk.weeks
    holds = weeks.days_even & weeks.days_hold
    has_counter = weeks.counters > 0
    is_whole = weeks.week_even & weeks.week_sum_holds & ~holds
    zeros = np.zeros(len(found.finished), np.int64)
    of_weeks = finished.laid.cells[weeks.week]
    accounts = np.concatenate([of_weeks, found.finished]) % cells.accounts
    shown = (
        (weeks.sum_days, found.sum_days),
        (weeks.delta_days, zeros),
        (weeks.delta_hints, zeros),
        (
            has_counter & holds & ~weeks.week_sum_holds,
            found.has_counter & ~found.is_even_throughout,
        ),
        (is_whole & ~walk.is_suspect, zeros),
        (has_counter & holds, found.has_counter),
        (is_whole & (weeks.stray_days == 0), zeros),
    )
    sums = np.zeros((len(shown), cells.accounts), np.int64)
    for held, both in zip(sums, shown, strict=True):
        votes = np.concatenate([each.astype(np.int64) for each in both])
        rows = np.flatnonzero(votes)
        np.add.at(held, accounts[rows], votes[rows])
    is_asked = np.zeros(cells.accounts, np.bool_)
    is_asked[of_weeks[walk.is_suspect] % cells.accounts] = True
    has_any = np.zeros(cells.accounts, np.bool_)
    has_any[accounts] = True
    asked = np.flatnonzero(is_asked)
    names = cells.texts(asked + cells.first_account)
    replayed = [
        Shown._make((name, True, 1, *votes))
        for name, votes in zip(names, sums[:, asked].T.tolist(), strict=True)
    ]
    alike, counts = np.unique(
        sums[:, np.flatnonzero(has_any & ~is_asked)], axis=1, return_counts=True
    )
    others = [
        Shown._make(("", False, count, *votes))
        for count, votes in zip(counts.tolist(), alike.T.tolist(), strict=True)
    ]
    return sorted(others) + sorted(replayed)
