"""Which late entry each counter-entry answers: the explanation of a unit under the `delta` policy.

A counter-entry of this policy is minus one late entry, and no late entry has two. Several rows may
be one answer: those that name the same entry, or that one job wrote in one moment. What is left
over is a repeat, answers an entry with another amount, or answers nothing.

What the rows themselves say goes first: `answers`, then the job that entry and counter-entry share,
then equal amounts, then nearness.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import chain

from settle_core.reconcile.search import answer_rows, rounded_answers, subset_sum
from settle_core.reconcile.search.answers import Answers
from settle_core.reconcile.search.model import (
    UNEXPLAINED_ROWS,
    Cost,
    Explanation,
    Judged,
    Row,
    place,
)
from settle_core.reconcile.search.rounding import Rounding


def explain(
    rows: Sequence[Row], skew_us: int, start: int = 0, rounding: Rounding | None = None
) -> Explanation:
    """Explain a unit under the `delta` policy.

    Args:
        rows: the late rows of an account's day, or week. `answers` of a row, where given, binds.
        skew_us: rows closer than this may have been written in either order.
        start: what the unit was off by at its settlement, which a counter-entry may offset.
        rounding: of its counter-entries.
    """
    some = rounded_answers.as_answered(rows, rounding) if rounding else rows
    found = answer_rows.apart_from_reposts(some, lambda each: _explained(each, skew_us, start))
    return rounded_answers.as_owed(found, rows, rounding) if rounding else found


def _explained(rows: Sequence[Row], skew_us: int, start: int) -> Explanation:
    offsetting = [row for row in rows if start and row.is_counter and row.amount == -start]
    plain = _Matching(rows, skew_us, None)
    found = [plain.run()]
    likely = sorted(offsetting, key=lambda row: row.entry_id in plain.alike)
    others = [row for row in likely if row.entry_id not in plain.bound]
    found += [_Matching(rows, skew_us, row).run() for row in others]
    if plain.has_moments and all(explanation.cost.faults for explanation in found):
        found += [
            _Matching(rows, skew_us, row, are_parts_first=True).run() for row in (None, *others)
        ]
    return min(found, key=lambda explanation: explanation.cost)


def faults_min(rows: Sequence[Row]) -> int:
    """How many faults rows have at least that name nothing they answer, told without a search.

    A counter-entry is right by the amount of a late entry of its own, or as a part of an answer, or
    as one of a pair of which nothing is left.
    """
    if answer_rows.reposts(rows):
        return 0
    counters = Counter(row.amount for row in rows if row.is_counter and row.amount)
    entries = Counter(row.amount for row in rows if not row.is_counter)
    ones, more = set[int](), set[int]()
    for amount in counters.elements():
        more |= {total + amount for total in ones | more}
        ones.add(amount)
    if any(-amount in more for amount in entries):
        return 0
    return sum(max(count - entries[-amount], 0) for amount, count in counters.items())


class _Matching:
    """Late entries and counter-entries, and who answers whom.

    One counter-entry may answer none, but offset what the unit was off by at its settlement.
    """

    def __init__(
        self,
        rows: Sequence[Row],
        skew_us: int,
        offsetting: Row | None,
        *,
        are_parts_first: bool = False,
    ) -> None:
        """Choose how to match.

        Args:
            rows: of the unit.
            skew_us: rows closer than this may have been written in either order.
            offsetting: the counter-entry that offsets what the unit was off by.
            are_parts_first: rows of one moment are matched before equal amounts.
        """
        self.skew_us = skew_us
        self.are_parts_first = are_parts_first
        self.ordered = sorted(rows, key=place)
        self.entries = {row.entry_id: row for row in self.ordered if not row.is_counter}
        self.counters = [row for row in self.ordered if row.is_counter]
        # The first entry of each job and amount.
        self.own: dict[tuple[str | None, int], Row] = {}
        for row in self.entries.values():
            self.own.setdefault((row.job_id, row.amount), row)
        self.equal: dict[int, list[Row]] = defaultdict(list)  # entries, by amount
        for row in self.entries.values():
            self.equal[row.amount].append(row)
        self.answers = Answers(self.entries.values())
        self.judged: dict[str, Judged] = {}
        if offsetting:
            self.judged[offsetting.entry_id] = Judged(offsetting, "compensating", 0)
        # Those that are an answer by what they name, and so offset nothing else; and those that
        # are one by their amount, which hardly do.
        self.bound: set[str] = set()
        self.alike: set[str] = set()
        # By entry all rows that were judged to be its answer, but for those by their amount.
        self.whole: dict[str, list[Row]] = {}
        self.has_moments = False
        self.faults = 0
        self.missed = 0

    def run(self) -> Explanation:
        """Match step by step, the surest first."""
        self._named()
        self.has_moments = bool(self._moments())
        if self.are_parts_first:
            self._in_parts(own_job=True)
            self._in_parts(own_job=False)
        for own_job in (True, False):
            self._alike(own_job=own_job)
            self._in_parts(own_job=own_job)
        self._again_in_parts()
        self._of_other_amount()
        for row in self._left():
            self._leave(row)
        missing = subset_sum.uncountered(self._open())
        for row in self.entries.values():
            role = "uncountered" if row.entry_id in missing else "late"
            self.judged[row.entry_id] = Judged(row, role, 0)
        cost = Cost(self.faults + len(missing), self.missed)
        whole = self.whole | {
            self.answers.entry(row).entry_id: [row]
            for row in self.counters
            if row.entry_id in self.alike
        }
        judged = tuple(self.judged[row.entry_id] for row in self.ordered)
        return Explanation(cost, judged, answers=whole)

    def _left(self) -> list[Row]:
        return [row for row in self.counters if row.entry_id not in self.judged]

    def _open(self) -> list[Row]:
        return [e for e in self.entries.values() if e.entry_id not in self.answers.of]

    def _is_after(self, row: Row, entry: Row) -> bool:
        gap = entry.recorded_us - row.recorded_us
        return gap < self.skew_us or gap <= 0

    def _named(self) -> None:
        """Counter-entries that name their late entry; those of one entry are one answer."""
        groups: dict[str, list[Row]] = defaultdict(list)
        for row in self.counters:
            if row.answers in self.entries and row.entry_id not in self.judged:
                groups[str(row.answers)].append(row)
        for entry_id, rows in groups.items():
            entry = self.entries[entry_id]
            self._answer(rows, entry)
            self.bound |= self._sure(rows, entry)

    def _sure(self, rows: Sequence[Row], entry: Row) -> set[str]:
        """Of rows that name an entry those that answer it: what is right, all parts, or the first.

        Rows of the sign of the answer that come to less than it are parts of it.
        """
        right = {row.entry_id for row in rows if self.judged[row.entry_id].role == "right"}
        are_right = sum(row.amount for row in rows if row.entry_id in right) == -entry.amount
        are_parts = all((row.amount > 0) != (entry.amount > 0) for row in rows) and abs(
            sum(row.amount for row in rows)
        ) < abs(entry.amount)
        if are_right:
            return right
        return {row.entry_id for row in (rows if are_parts else rows[:1])}

    def _answer(self, rows: Sequence[Row], entry: Row) -> None:
        """Judge rows as the answer to an entry: the fewest that are right together, first complete.

        Whatever is beyond these is a second answer. Where none are right, all are judged by their
        sum, which one of them is told to be off by.
        """
        owed = -entry.amount
        ordered = sorted(rows, key=place)
        places = subset_sum.fewest([row.amount for row in ordered], [False] * len(rows), owed)
        right = [ordered[k] for k in places]
        for row in right:
            self.judged[row.entry_id] = Judged(row, "right", row.amount)
        self.answers.fix(entry, (right or ordered)[0])
        self.whole[entry.entry_id] = right or ordered
        if right:
            for row in ordered:
                if row not in right:
                    alike = [other for other in right if other.amount == row.amount]
                    self._repeat(row, (alike or right)[0])
            return
        *others, last = ordered
        for row in others:
            self.judged[row.entry_id] = Judged(row, "right", row.amount)
        expected = owed - sum(row.amount for row in others)
        owing = (entry.entry_id, *(row.entry_id for row in others))
        self.judged[last.entry_id] = Judged(last, "wrong", expected, (), owing)
        self.faults += 1

    def _repeat(self, row: Row, first: Row) -> None:
        """A second answer to what `first` answered already."""
        if row.amount == 0:
            self.judged[row.entry_id] = Judged(row, "right", 0)
            return
        # The third answer missed two, as it would have under the other policy.
        told: Iterable[Judged] = self.judged.values()
        self.missed += 1 + sum(j.unseen == (first.entry_id,) for j in told)
        self.judged[row.entry_id] = Judged(row, "wrong", 0, (first.entry_id,))
        self.faults += 1

    def _alike(self, *, own_job: bool) -> None:
        """Give each open entry an equal counter-entry, one of every job before a second."""
        by_amount: dict[int, list[Row]] = defaultdict(list)
        for row in self._left():
            if row.answers is None:
                by_amount[row.amount].append(row)
        fitting = partial(self._equal, own_job=own_job)
        for amount, equal in by_amount.items():
            self.answers.due = Counter({-amount: len(self.answers.open[-amount])})
            for row in self.answers.give(self._in_turn(equal), fitting):
                self.judged[row.entry_id] = Judged(row, "right", amount)
                self.alike.add(row.entry_id)

    def _equal(self, row: Row, *, own_job: bool) -> Iterator[Row]:
        """Entries of its amount that a counter-entry may answer, open ones first."""
        every = chain(self.answers.open[-row.amount], self.equal[-row.amount])
        return (entry for entry in every if self._fits(row, entry, own_job=own_job))

    def _fits(self, row: Row, entry: Row, *, own_job: bool) -> bool:
        if not self._is_after(row, entry):
            return False
        if own_job:
            return row.job_id is not None and row.job_id == entry.job_id
        # A job whose own entry of this amount was answered answers no other job's.
        own = self.own.get((row.job_id, -row.amount)) if row.job_id else None
        is_barred = own is not None and self._is_after(row, own)
        return not is_barred or entry.job_id in {None, row.job_id} or self._owes(row)

    def _owes(self, row: Row) -> bool:
        """Whether an entry of a counter-entry's own job is open."""
        return any(e.job_id == row.job_id for e in self._open())

    def _in_turn(self, equal: Sequence[Row]) -> list[Row]:
        """Those of jobs that answered nothing yet, then the others."""
        jobs = {row.job_id for row in self.answers.of.values() if row.job_id is not None}
        first: list[Row] = []
        again: list[Row] = []
        for row in equal:
            (again if row.job_id in jobs else first).append(row)
            if row.job_id is not None:
                jobs.add(row.job_id)
        return [*first, *again]

    def _in_parts(self, *, own_job: bool) -> None:
        """Rows of one job in one moment, the fewest that together are minus an open entry."""
        for moment in self._moments():
            for entry in self._open():
                if not own_job or entry.job_id == moment[0].job_id:
                    left = [row for row in moment if row.entry_id not in self.judged]
                    if rows := self._parts(left, entry):
                        self._answer(rows, entry)

    def _moments(self) -> list[list[Row]]:
        free = [row for row in self._left() if row.answers is None]
        return answer_rows.moments(free)

    def _parts(self, moment: Sequence[Row], entry: Row) -> list[Row]:
        """Those of a moment that together answer an entry, each of them a part of that."""
        parts = [
            row
            for row in moment
            if self._is_after(row, entry)
            and (row.amount > 0) != (entry.amount > 0)
            and abs(row.amount) < abs(entry.amount)
        ]
        amounts = [row.amount for row in parts]
        return [parts[k] for k in subset_sum.fewest(amounts, [False] * len(parts), -entry.amount)]

    def _of_other_amount(self) -> None:
        """A counter-entry of an open entry's own job, or moments after it, has a wrong amount."""
        entries = self._open()
        missing = subset_sum.uncountered(entries)
        self.answers.due = Counter(e.amount for e in entries if e.entry_id in missing)
        left = [row for row in self._left() if row.answers is None and row.amount]
        again = [row for row in left if self._repeated(row)]
        first = [row for row in left if row not in again]
        # What repeats an answer needs no other explanation as much as what repeats none.
        wrong = self.answers.give(first, self._meant)
        wrong += self.answers.give_at_once(again, self._meant)
        for row in wrong:
            self._answer([row], self.answers.entry(row))
            # Nothing explains its amount, as nothing does of one that answers no entry.
            self.faults += 1
            self.missed += UNEXPLAINED_ROWS

    def _meant(self, row: Row) -> Iterator[Row]:
        """Entries that a counter-entry may be a wrong answer to: of its own job, then near ones.

        The latest first; as far as its sign and the clocks allow.
        """
        every = [
            e
            for e in reversed(self.entries.values())
            if (e.amount > 0) != (row.amount > 0) and self._is_after(row, e)
        ]
        if row.job_id is not None:
            yield from (e for e in every if e.job_id == row.job_id)
        for e in every:
            is_near = row.recorded_us - e.recorded_us <= answer_rows.MOMENT_US
            if is_near and None in {row.job_id, e.job_id}:
                yield e

    def _again_in_parts(self) -> None:
        """Rows of one job in one moment that together answer what was answered already."""
        for moment in self._moments():
            for entry_id, first in self.answers.of.items():
                left = [row for row in moment if row.entry_id not in self.judged]
                if rows := self._parts(left, self.entries[entry_id]):
                    faults = self.faults
                    for row in rows:
                        self._repeat(row, first)
                    self.faults = faults + 1

    def _leave(self, row: Row) -> None:
        """A counter-entry that answers nothing: a repeat, or unexplained."""
        if row.amount == 0:
            self.judged[row.entry_id] = Judged(row, "right", 0)
        elif first := self._repeated(row):
            self._repeat(row, first)
        else:
            self.faults += 2
            self.missed += UNEXPLAINED_ROWS
            again = self._part_again(row)
            told = ("wrong", 0, (again.entry_id,)) if again else ("unexplained", 0)
            self.judged[row.entry_id] = Judged(row, *told)

    def _part_again(self, row: Row) -> Row | None:
        """The first part of an answer before `row` that has its amount."""
        right = (each.row for each in self.judged.values() if each.role == "right")
        alike = (r for r in right if r.amount == row.amount and place(r) < place(row))
        return min(alike, key=place, default=None)

    def _repeated(self, row: Row) -> Row | None:
        """The counter-entry that `row` repeats, of the same amount: of its own job, if any."""
        earlier = [
            other
            for entry_id, other in self.answers.of.items()
            if self.entries[entry_id].amount == -row.amount
            and self._is_after(row, self.entries[entry_id])
        ]
        same_job = [o for o in earlier if row.job_id is not None and o.job_id == row.job_id]
        return max(same_job or earlier, key=place, default=None)
