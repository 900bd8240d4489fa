"""The names of the steps, in the order of the flow, and how one is run."""

from collections.abc import Mapping
from typing import Final

import duckdb

from settle_core import sql

# In the order of the flow. `week_sum` and `late_row` read all entries, `cutoff_row` where a week
# was not settled at its sum.
STEPS: Final = (
    "repeated_settlement",
    "scope",
    "audited_week",
    "week_sum",
    "moved_row",
    "plain_late",
    "plain_week",
    "late_row",
    "late_id",
    "timely_counter",
    "settled_week",
    "told_week",
    "cutoff_row",
    "job_column",
    "walk",
    "late_entry",
    "late_counter",
    "late_day",
    "late_week",
    "id_order",
    "stray_day",
    "suspect_week",
    "owed_row",
    "id_neighbour",
    "population",
    "week_total",
    "unsettled_account",
)
# These only name a part of another table, or are asked for once.
VIEWS: Final = frozenset(
    {
        "audited_week",
        "plain_late",
        "plain_week",
        "late_id",
        "timely_counter",
        "told_week",
        "late_entry",
        "late_counter",
        "id_neighbour",
        "week_total",
        "unsettled_account",
    }
)


def relation(
    con: duckdb.DuckDBPyConnection, name: str, given: Mapping[str, object]
) -> duckdb.DuckDBPyRelation:
    """The rows of a step, with those of the parameters that it takes."""
    query = sql.text("reconcile/walk", f"steps/{name}")
    used = {key: given[key] for key in sql.parameters(query)}
    return con.sql(query, params=used or None)


def create(con: duckdb.DuckDBPyConnection, name: str, given: Mapping[str, object]) -> None:
    """Run a step: create its table, or its view."""
    rows = relation(con, name, given)
    if name in VIEWS:
        rows.create_view(name)
    else:
        rows.create(name)


def passed(
    con: duckdb.DuckDBPyConnection, name: str, given: Mapping[str, object]
) -> duckdb.DuckDBPyRelation:
    """The rows of a step of weeks that the pass has not finished, likewise."""
    query = sql.text("reconcile/walk", f"passed/{name}")
    used = {key: given[key] for key in sql.parameters(query)}
    return con.sql(query, params=used or None)
