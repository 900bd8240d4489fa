"""How the clocks of several logs compare: by what no clock can change.

Ids of one sequence are drawn in their order, so an INSERT of a lower id began before one of a
higher id ended; and a commit lies within its COMMIT. Both bound how far two clocks are apart.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from settle_core.logs.joined.joining import Written
from settle_core.logs.lines.model import LONG_AGO, NEVER, Found, Statement

# Lines of one process are this far out of order at most: more shows that clocks were mixed.
MIXED_US: Final = 50_000
# A sequence leaves few numbers out; ids made of a clock do, and tell of that clock only.
DENSE: Final = 50
_ROWS_MIN: Final = 10


class Clocks:
    """The clocks of the logs of one view."""

    def __init__(self, written: Iterable[Written], found: Sequence[Found]) -> None:
        """Compare them by the rows that they hold."""
        self._least: dict[tuple[str, str], int] = {}
        self.groups = [each.group for each in found if each.statements]
        numbered = sorted(
            (int(each.row.entry_id), each) for each in written if each.row.entry_id.isdecimal()
        )
        if len(numbered) >= _ROWS_MIN and numbered[-1][0] - numbered[0][0] < DENSE * len(numbered):
            self._by_sequence([each for _, each in numbered])
        backwards = max((each.backwards_us for each in found), default=0)
        own = [self._least.get((group, group), 0) for group in self.groups]
        # Lines of several hosts that were put in order by time show it by their ids alone.
        apart = self._loose_us = max([backwards, *own])
        # How far apart clocks are within one log, 0 where it is of one clock.
        self.mixed_us = apart if apart > MIXED_US else 0

    def _by_sequence(self, written: Sequence[Written]) -> None:
        latest: dict[str, int] = {}
        for each in written:
            theirs = _group(each.statement)
            if each.statement.to_us != NEVER:
                for group, from_us in latest.items():
                    least = from_us - each.statement.to_us
                    key = group, theirs
                    self._least[key] = max(self._least.get(key, LONG_AGO), least)
            latest[theirs] = max(latest.get(theirs, LONG_AGO), each.statement.from_us)

    def apart(
        self, mine: Statement, theirs: Statement, *, is_loose: bool = True
    ) -> tuple[int, int] | None:
        """What to add to an instant of their log, at least and at most, to have it by my clock.

        None where nothing bounds it. Writers of one log have as a rule one clock; `is_loose`: they
        may have clocks that are as far apart as their lines are out of order.
        """
        one, other = _group(mine), _group(theirs)
        if one == other:
            loose_us = max(self.mixed_us, self._loose_us if is_loose else 0)
            return -loose_us, loose_us
        least, most = self._least.get((one, other)), self._least.get((other, one))
        if least is None or most is None or least > -most:
            return None
        return least - self.mixed_us, -most + self.mixed_us

    @property
    def are_many(self) -> bool:
        """Whether there is more than one clock, or one that cannot be trusted."""
        return len(self.groups) > 1 or self.mixed_us > 0


def _group(statement: Statement) -> str:
    return statement.context.partition("|")[0]
