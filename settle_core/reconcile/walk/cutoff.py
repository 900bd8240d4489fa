"""Rows at the cutoff: those that a week's settlement counted, whatever the clocks say."""

from itertools import groupby
from typing import Final

import duckdb

from settle_core import sql
from settle_core.reconcile.search import subset_sum

# Of more rows some set or other would fit by chance; the nearest ones count.
ROWS_MAX: Final = 12


def moved(con: duckdb.DuckDBPyConnection, scale: int) -> list[str]:
    """Move rows of `cutoff_row` so that each week meets its settled amount; their ids.

    A week that no set of its rows mends keeps what the clock says. Of sets that do, the smallest
    counts, then the one with the fewest counter-entries, which nothing asks for before a
    settlement, then the one nearest to it.
    """
    rows = con.execute(
        sql.text("reconcile/walk", "cutoff_near"), {"minor_per_major": 10**scale}
    ).fetchall()
    ids = []
    for _, group in groupby(rows, key=lambda row: row[:3]):
        week = [row[3:] for row in group][:ROWS_MAX]
        chosen = subset_sum.fewest(
            amounts=[added for _, _, added, _ in week],
            are_worse=[is_counter for _, is_counter, _, _ in week],
            wanted=week[0][3],
        )
        ids += [week[k][0] for k in chosen]
    if ids:
        con.execute(sql.text("reconcile/walk", "cutoff_move"), {"ids": ids})
    return ids
