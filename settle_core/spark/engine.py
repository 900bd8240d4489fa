"""What a reduction needs of the engine that it runs on, and DuckDB as one, the reference."""

from collections.abc import Iterator, Mapping
from typing import Protocol

import duckdb

from settle_core import sql
from settle_core.exports import arrow
from settle_core.exports.arrow import Batch

Given = Mapping[str, object]


class Engine(Protocol):
    """Runs the statements of a reduction."""

    def view(self, name: str, statement: str, given: Given, *, is_kept: bool = False) -> None:
        """Let a name stand for a statement; what is kept is computed once."""

    def batches(self, statement: str, given: Given) -> Iterator[Batch]:
        """The rows of a statement, whose columns are whole numbers and texts."""


def used(statement: str, given: Given) -> dict[str, object]:
    """What a statement takes of what is given."""
    return {name: given[name] for name in sql.parameters(statement)}


class DuckDb:
    """The same on a connection of DuckDB, by which Spark's results are held."""

    def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
        self.con = con
        con.execute("SET arrow_output_version = '1.5'")

    def view(self, name: str, statement: str, given: Given, *, is_kept: bool = False) -> None:
        """As an Engine."""
        rows = self.con.sql(statement, params=used(statement, given) or None)
        if is_kept:
            rows.create(name)
        else:
            rows.create_view(name, replace=True)

    def batches(self, statement: str, given: Given) -> Iterator[Batch]:
        """As an Engine."""
        return arrow.batches(self.con.sql(statement, params=used(statement, given) or None))
