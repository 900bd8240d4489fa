"""What a reduction needs of the engine that it runs on."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from settle_core import sql
from settle_core.exports.arrays.arrow import Batch

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
