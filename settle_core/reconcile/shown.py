"""What weeks show of how they are balanced, by account: from the walk in arrays, or by SQL."""

import numpy as np

from settle_core import sql
from settle_core.exports.ledger import Ledger

Shown = tuple[str, bool, int, int, int, int, int, int, int]


def of(ledger: Ledger) -> list[Shown]:
    """The rows of `vote_group`."""
    finished = ledger.finished
    if finished and finished.walk:
        return _of_walk(ledger)
    ledger.con.sql(sql.text("reconcile", "vote")).create("vote")
    return ledger.con.execute(sql.text("reconcile", "vote_group")).fetchall()


def _of_walk(ledger: Ledger) -> list[Shown]:
    """As vote.sql and vote_group.sql."""
    finished = ledger.finished
    cells, walk, found = finished.passed.cells, finished.walk, finished.found
    weeks = walk.weeks
    holds = weeks.days_even & weeks.days_hold
    is_whole = weeks.week_even & weeks.week_sum_holds & ~holds & ~walk.is_suspect
    zeros = np.zeros(len(found.finished), np.int64)
    of_weeks = finished.laid.cells[weeks.week]
    accounts = np.concatenate([of_weeks, found.finished]) % cells.accounts
    shown = (
        (weeks.sum_days, found.sum_days),
        (weeks.delta_days, zeros),
        (weeks.delta_hints, zeros),
        (holds & ~weeks.week_sum_holds, ~found.is_even_throughout),
        (is_whole, zeros),
        ((weeks.counters > 0) & holds, found.has_counter),
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
        (name, True, 1, *votes)
        for name, votes in zip(names, sums[:, asked].T.tolist(), strict=True)
    ]
    alike, counts = np.unique(
        sums[:, np.flatnonzero(has_any & ~is_asked)], axis=1, return_counts=True
    )
    others = [
        ("", False, count, *votes)
        for count, votes in zip(counts.tolist(), alike.T.tolist(), strict=True)
    ]
    return sorted(others) + sorted(replayed)
