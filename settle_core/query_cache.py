"""A connection with a query cache like ActiveRecord's, to show what it does.

The cache keeps the answer to each SELECT by its text and parameters. What is written through
`insert` clears it; what is written through `execute` does not, and then the next SELECT of the
same text is answered from before the write. Background workers run with the cache on, a console
does not: so in the console all is well.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg

Row = tuple[Any, ...]
CACHED: Final = "CACHE"


class QueryCache:
    """Wraps a connection.

    Attributes:
        log: each statement in order, with `CACHE` where the answer came from the cache.
    """

    def __init__(self, con: psycopg.Connection[Any], *, enabled: bool) -> None:
        """Wrap `con`; not `enabled`, as in a console, every SELECT is asked anew."""
        self._con = con
        self._enabled = enabled
        self._answers: dict[tuple[str, str], list[Row]] = {}
        self.log: list[tuple[str, str]] = []

    @property
    def hits(self) -> int:
        """How many answers came from the cache."""
        return sum(source == CACHED for source, _ in self.log)

    def select(self, query: str, given: dict[str, Any]) -> list[Row]:
        """Ask; the same text with the same parameters is asked once."""
        key = (query, repr(given))
        known = self._enabled and key in self._answers
        self.log.append((CACHED if known else "", query))
        if not known:
            self._answers[key] = self._con.execute(query.encode(), given).fetchall()
        return self._answers[key]

    def insert(self, statement: str, given: dict[str, Any]) -> list[Row]:
        """Write as `create!` does: the cache is cleared."""
        self._answers.clear()
        return self.execute(statement, given)

    def execute(self, statement: str, given: dict[str, Any]) -> list[Row]:
        """Write as `connection.execute` does: the cache is left as it is."""
        self.log.append(("", statement))
        return self._con.execute(statement.encode(), given).fetchall()

    @contextmanager
    def uncached(self) -> Iterator[None]:
        """Ask anew within this block: the fix, when it is around the read."""
        before, self._enabled = self._enabled, False
        try:
            yield
        finally:
            self._enabled = before

    def clear(self) -> None:
        """Forget all answers, as between two jobs."""
        self._answers.clear()
