"""An explanation of one unit's late rows: what each counter-entry was, and what it cost to say so.

A unit is the late rows of one account's day, or of its settled week, in one currency.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple, Protocol

from settle_core.reconcile.search.rounding import Rounding

# What a counter-entry that nothing explains counts for, in unseen rows.
UNEXPLAINED_ROWS: Final = 99
BLAMED: Final = frozenset({"wrong", "unexplained", "uncountered"})
# What is not even only because counter-entries are rounded.
ROUNDED: Final = frozenset({"rounded", "absorbing", "small"})


class Row(NamedTuple):
    """A late row: amount in minor units, instant in microseconds; `rank` orders ids, 0 if none.

    `number` is its place in the table that it was read from. `observed` is the sum that its writer
    recorded to have read, `last_seen` the last row in it. `is_in_parts`: answers come as several
    rows that no job holds together.
    """

    entry_id: str
    is_counter: bool
    amount: int
    recorded_us: int
    rank: int
    job_id: str | None = None
    attempt: str | None = None
    answers: str | None = None
    number: int = 0
    run_id: str | None = None
    observed: int | None = None
    last_seen: str | None = None
    is_in_parts: bool = False


class Unit(NamedTuple):
    """The late rows of one account, currency and week, by day; `start` in minor units.

    `is_committed`: their instants are those of their commits, as the database told them.
    `rounding`: how its counter-entries are rounded, if they are.
    """

    account_id: str
    start: int
    days: list[list[Row]]
    is_committed: bool = False
    rounding: Rounding | None = None


class Judged(NamedTuple):
    """A row and its role: late, right, compensating, wrong, unexplained or uncountered.

    Where counter-entries are rounded, also: `rounded`, right but for that; `absorbing`, likewise
    compensating; `small`, a late entry that comes to nothing, rounded, and is owed no answer.
    `expected` is what was owed (minor units), `unseen` the ids that its writer did not see. `owed`
    names the rows whose sum, negated, was expected, where that is not plain from the order.
    """

    row: Row
    role: str
    expected: int
    unseen: tuple[str, ...] = ()
    owed: tuple[str, ...] = ()


class Cost(NamedTuple):
    """What an explanation assumes, most important first.

    `faults` counts wrong counter-entries, uncountered entries and overturned pairs; `unseen` rows
    not seen; `overturned` pairs of counter-entries against their ids; `displaced` pairs of an entry
    and a counter-entry against the clock.
    """

    faults: int = 0
    unseen: int = 0
    overturned: int = 0
    displaced: int = 0

    def plus(self, faults: int, unseen: int, overturned: int, displaced: int) -> "Cost":
        """The cost after one more step."""
        return Cost(
            self.faults + faults,
            self.unseen + unseen,
            self.overturned + overturned,
            self.displaced + displaced,
        )


@dataclass(frozen=True)
class Explanation:
    """The judged rows of a unit in the chosen order.

    `alternatives` holds, for other explanations of the same cost, the ids that they blame;
    `is_exhausted` says that the search gave up. `answers`: under the policy delta, by late entry,
    the rows that answer it.
    """

    cost: Cost
    judged: tuple[Judged, ...]
    alternatives: tuple[frozenset[str], ...] = ()
    is_exhausted: bool = False
    answers: Mapping[str, Sequence[Row]] = field(default_factory=dict)

    @property
    def blamed(self) -> frozenset[str]:
        """The ids of the rows that it blames."""
        return blamed(self.judged)


def blamed(judged: Iterable[Judged]) -> frozenset[str]:
    """The ids of those judged rows that are faults."""
    return frozenset(j.row.entry_id for j in judged if j.role in BLAMED)


def place(row: Row) -> tuple[int, bool, int, str]:
    """Sort key of the order of recording; an entry stands before a counter-entry of its instant."""
    return (row.recorded_us, row.is_counter, row.rank, row.entry_id)


class Witness(Protocol):
    """What tells of a unit from outside the ledger: logs of those who wrote it."""

    def choose(self, days: Sequence[Sequence[Row]], start: int) -> tuple[str, str] | None:
        """The level and policy of a week's late rows by day, None where it does not tell."""

    def explain(self, rows: Sequence[Row], level: str, start: int) -> Explanation | None:
        """The explanation of a day's or week's late rows, None where it does not tell."""
