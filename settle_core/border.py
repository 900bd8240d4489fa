"""Rows recorded at the very moment of a settlement: on which side of it they were.

The clocks of rows and settlements may differ by the profile's skew, and a row may be recorded
before a settlement and commit after it. Where the sum by the clock is not the settled amount, but
is with a few such rows on the other side, those were there.
"""

from importlib.resources import files
from itertools import groupby
from typing import Final

import duckdb

from settle_core import subset

# Of more rows some set or other would fit by chance; the nearest ones count.
ROWS_MAX: Final = 12


def moved(con: duckdb.DuckDBPyConnection, scale: int) -> list[str]:
    """The ids of the rows in `border_row` to move, so that each week meets its settled amount.

    A week that no set of its rows mends keeps what the clock says. Of sets that do, the smallest
    counts, then the one with the fewest counter-entries, which nothing asks for before a
    settlement, then the one nearest to it.
    """
    rows = con.execute(_sql("near"), {"minor_per_major": 10**scale}).fetchall()
    ids = []
    for _, group in groupby(rows, key=lambda row: row[:3]):
        week = [row[3:] for row in group][:ROWS_MAX]
        chosen = subset.fewest(
            amounts=[added for _, _, added, _ in week],
            are_worse=[is_counter for _, is_counter, _, _ in week],
            wanted=week[0][3],
        )
        ids += [week[k][0] for k in chosen]
    if ids:
        con.execute(_sql("move"), {"ids": ids})
        con.execute(_sql("clear"))
    return ids


def _sql(name: str) -> str:
    return (files("settle_core") / "sql" / "border" / f"{name}.sql").read_text("utf-8")
