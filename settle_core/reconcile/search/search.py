"""Groups of late rows that are alike have one explanation: it is searched once.

The search asks of the amounts only which rows sum to zero, with or without the residual at their
start, and which are equal. With the order that clocks and ids allow, and with who wrote what, that
is all it knows: the group's pattern. Of thousands of groups few patterns are new.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from settle_core.reconcile.search import answer_rows, delta_policy, sum_policy
from settle_core.reconcile.search.model import (
    ROUNDED,
    UNEXPLAINED_ROWS,
    Cost,
    Explanation,
    Judged,
    Row,
    place,
)
from settle_core.reconcile.search.rounding import Rounding

# Of more rows there are too many sets, and hardly two groups alike.
ROWS_MAX: Final = 9
# A process that audits many exports need not keep the patterns of all.
KEPT_MAX: Final = 100_000
TOLD: Final = frozenset({"late", "right", "compensating", "wrong", *ROUNDED})


class Shape(NamedTuple):
    """An explanation in which positions, in the order of recording, stand for rows.

    Attributes:
        cost: what it assumes.
        steps: the judged rows.
        alternatives: for others of the same cost, what they blame.
        is_exhausted: the search gave up.
        is_told: of no counter-entry the amount is left unexplained, no late entry uncountered.
    """

    cost: Cost
    steps: tuple["Step", ...]
    alternatives: tuple[frozenset[int], ...]
    is_exhausted: bool
    is_told: bool


class Step(NamedTuple):
    """A judged row by its position; `owed`: the rows whose sum, negated, was expected.

    `is_told`: that sum is not plain from the order, so the explanation names its rows.
    """

    position: int
    role: str
    owed: tuple[int, ...]
    unseen: tuple[int, ...]
    is_told: bool


class Group:
    """The late rows of one account's day or week, explained under either policy."""

    def __init__(
        self,
        rows: Sequence[Row],
        skew_us: int,
        start: int = 0,
        rounding: Rounding | None = None,
    ) -> None:
        """Take the rows; the others as in `sum_policy.explain`."""
        self.rows = sorted(rows, key=place) if len(rows) > 1 else list(rows)
        self.skew_us = skew_us
        self.start = start
        self.rounding = rounding
        self._shapes: dict[str, Shape] = {}
        if len(self.rows) <= ROWS_MAX and rounding is None:
            pattern = self._pattern()
            self._shapes = _KNOWN.get(pattern, self._shapes)
            if not self._shapes and len(_KNOWN) < KEPT_MAX:
                _KNOWN[pattern] = self._shapes

    def shape(self, policy: str) -> Shape:
        """The cheapest explanation under a policy, without the rows."""
        if policy not in self._shapes:
            self._shapes[policy] = self._shape(policy)
        return self._shapes[policy]

    def explanation(self, policy: str) -> Explanation:
        """The cheapest explanation under a policy.

        Under `delta` a search costs less than to put rows to a pattern.
        """
        if policy == "delta":
            return self._searched(policy)
        return filled(self.shape(policy), self.rows)

    def pending(self, policy: str, from_us: int) -> int:
        """How many of its faults are late entries recorded after an instant, microseconds."""
        steps = self.shape(policy).steps
        young = [s for s in steps if self.rows[s.position].recorded_us > from_us]
        return sum(step.role == "uncountered" for step in young)

    def _searched(self, policy: str) -> Explanation:
        if policy == "delta":
            return delta_policy.explain(self.rows, self.skew_us, self.start, self.rounding)
        return answer_rows.explained(
            self.rows,
            lambda rows: sum_policy.explain(rows, self.skew_us, self.start, self.rounding),
        )

    def _pattern(self) -> tuple[object, ...]:
        """All that a search looks at."""
        rows, least = self.rows, max(self.skew_us, 1)
        sums = [0]
        jobs: dict[str | None, int] = {None: -2 if rows[0].is_in_parts else -1}
        amounts: dict[int, int] = {}
        named = {row.answers for row in rows}
        at: dict[str | None, int] = {None: -1}
        if named != {None}:
            at |= {row.entry_id: position for position, row in enumerate(rows)}
        ranks = sorted({row.rank for row in rows if row.is_counter and row.rank > 0})
        seen: list[object] = []
        free = near = 0
        last_us = None
        for row in rows:
            amount, at_us = row.amount, row.recorded_us
            sums += [total + amount for total in sums]
            while at_us - rows[free].recorded_us >= least:
                free += 1
            while at_us - rows[near].recorded_us > answer_rows.MOMENT_US:
                near += 1
            is_ranked = row.is_counter and row.rank > 0
            seen += (
                row.is_counter,
                amount > 0,
                free,
                near,
                at_us == last_us,
                ranks.index(row.rank) if is_ranked else -1,
                jobs.setdefault(row.job_id, len(jobs)),
                amounts.setdefault(amount, len(amounts)),
                at.setdefault(row.answers, len(at) + len(rows)),
            )
            last_us = at_us
        seen.append(-1)
        seen += [mask for mask, total in enumerate(sums) if not total]
        if self.start:
            seen += [-1, *(mask for mask, total in enumerate(sums) if total == -self.start)]
        return tuple(seen)

    def _shape(self, policy: str) -> Shape:
        explanation = self._searched(policy)
        at = {row.entry_id: position for position, row in enumerate(self.rows)}
        steps = []
        since: list[int] = []
        for judged in explanation.judged:
            position = at[judged.row.entry_id]
            owed: tuple[int, ...] = ()
            if not judged.row.is_counter:
                since.append(position)
            elif policy == "sum" and not (judged.role == "right" and judged.owed):
                owed, since = tuple(since), []
            if judged.owed:
                owed = tuple(at[i] for i in judged.owed)
            unseen = tuple(at[i] for i in judged.unseen)
            steps.append(Step(position, judged.role, owed, unseen, bool(judged.owed)))
        return Shape(
            explanation.cost,
            tuple(steps),
            tuple(frozenset(at[i] for i in ids) for ids in explanation.alternatives),
            explanation.is_exhausted,
            is_told=all(step.role in TOLD for step in steps)
            and explanation.cost.unseen < UNEXPLAINED_ROWS,
        )


def filled(shape: Shape, rows: Sequence[Row]) -> Explanation:
    """The explanation of rows, in the order of recording, that a shape under `sum` stands for."""
    judged = [
        Judged(
            rows[position],
            role,
            rows[position].amount if role == "right" else -sum([rows[i].amount for i in owed]),
            tuple([rows[i].entry_id for i in unseen]) if unseen else (),
            tuple([rows[i].entry_id for i in owed]) if is_told else (),
        )
        for position, role, owed, unseen, is_told in shape.steps
    ]
    others = tuple(frozenset(rows[i].entry_id for i in ids) for ids in shape.alternatives)
    return Explanation(shape.cost, tuple(judged), others, shape.is_exhausted)


_KNOWN: dict[tuple[object, ...], dict[str, Shape]] = {}
