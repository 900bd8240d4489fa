"""What is wrong in a simulated ledger, from what its writers did and saw.

Nothing is inferred: a row is wrong where its writer did not offset what was owed when it read.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from itertools import combinations
from typing import NamedTuple

from simulator.ledger import SECOND, Answer, Change, Ledger, Row, Unit
from simulator.system import System

SKEW = 2 * SECOND
# Of more rows of a day it is not asked whether they could be right in another order.
ROWS_MAX = 12
Key = tuple[str, date, int]  # account, day, amount: equal rows are interchangeable


class Wrong(NamedTuple):
    """A row that does not hold, and its true cause: any of `causes` tells it rightly.

    Attributes:
        key: by which it is found.
        number: of the row.
        what: counter, uncountered, misplaced, correction.
        expected: the amount that it should have had; None where that is no question.
        causes: true ones.
        other_half: of a misplaced answer: the entry that it answers.
        twins: equal counter-entries of the unit within the skew: which of them came second,
            nobody can tell from the clocks.
        parts: the other rows of the same answer.
    """

    key: Key
    number: int
    what: str
    expected: int | None
    causes: frozenset[str]
    other_half: Key | None = None
    twins: tuple[Key, ...] = ()
    parts: tuple[Key, ...] = ()

    @property
    def names(self) -> tuple[Key, ...]:
        """The rows by any of which it is found."""
        return (self.key, *([self.other_half] if self.other_half else []), *self.twins)


class Truth(NamedTuple):
    """All that is wrong.

    Attributes:
        week_residuals: by (account, week), where the week is not at its settled amount.
        day_residuals: by (account, day), where late rows do not add up to zero.
        wrong: rows that do not hold.
        allowed: rows that may be named, too: they took back, were taken back, or are another half.
        history: (account, week) whose history was changed, or that was settled twice.
        broken: units with anything wrong.
    """

    week_residuals: dict[tuple[str, date], int]
    day_residuals: dict[tuple[str, date], int]
    wrong: tuple[Wrong, ...]
    allowed: frozenset[Key]
    history: frozenset[tuple[str, date]]
    broken: frozenset[Unit]


def key(row: Row) -> Key:
    """By which a row is found in the export."""
    return row.stands


def truth_of(ledger: Ledger, system_of: Mapping[tuple[str, date], System]) -> Truth:
    """Derive the truth.

    Args:
        ledger: as the simulation left it.
        system_of: which system balances an account's week.
    """
    wrong: list[Wrong] = []
    moved = [r for r in ledger.rows if r.final and r.final[:2] != (r.account, r.day)]
    allowed = {key(r) for r in (*ledger.fixes, *moved)}
    settled = {(s.account, s.week): s for s in ledger.settled}
    times = Counter((s.account, s.week) for s in ledger.settled)
    units: dict[Unit, list[Answer]] = defaultdict(list)
    for row in ledger.rows:
        where = row.account, row.week
        is_late = row.kind == "entry" and not row.counted and row.committed is not None
        if is_late and where in settled:
            is_day = system_of[where].level == "day"
            units[Unit(*where, row.day if is_day else None)] += []
    for answer in ledger.answers:
        units[answer.unit].append(answer)
    for unit, answers in units.items():
        where = unit.account, unit.week
        if times[where] > 1:  # which amount counts is not in the data
            allowed |= {key(r) for r in ledger.rows if (r.account, r.week) == where}
        elif times[where]:
            replay = _sum if system_of[where].policy == "sum" else _delta
            found, more = replay(ledger, unit, answers)
            if system_of[where].read != "fresh":
                found = [_old(w) for w in found]
            if unit.day and system_of[where].policy == "sum" and _may_be_right(ledger, unit):
                # Its rows are as a healthy system writes them: nobody can tell.
                more |= {w.key for w in found}
                found = []
            wrong += found
            allowed |= more
    history = _history(ledger)
    by_week = _week_residuals(ledger, settled)
    broken = {_unit(w, system_of) for w in wrong} | {Unit(*where, None) for where in history}
    return Truth(
        by_week,
        _day_residuals(ledger, settled),
        tuple(wrong),
        frozenset(allowed),
        frozenset(history),
        frozenset(u for u in broken if (u.account, u.week) in settled),
    )


def _unit(wrong: Wrong, system_of: Mapping[tuple[str, date], System]) -> Unit:
    account, day, _ = wrong.other_half or wrong.key
    week = date.fromordinal(day.toordinal() - day.weekday())
    system = system_of.get((account, week))
    return Unit(account, week, day if system and system.level == "day" else None)


def _sum(ledger: Ledger, unit: Unit, answers: list[Answer]) -> tuple[list[Wrong], set[Key]]:
    """Judge the answers of a unit in the order of their commits."""
    fixes = {r.number for r in ledger.fixes}
    events: list[tuple[int, int, Row | Change | Answer]] = [
        (r.committed or 0, r.number, r)
        for r in ledger.of(unit)
        if r.kind == "entry" and r.number not in fixes
    ]
    events += [(c.at, c.row, c) for c in ledger.changed(unit) if c.row not in _replaced(ledger)]
    events += [(_committed(a), a.rows[-1].number, a) for a in answers]
    unanswered: list[Row | Change] = []
    near: set[int] = set()
    wrong: list[Wrong] = []
    allowed: set[Key] = set()
    for _, _, event in sorted(events, key=lambda e: e[:2]):
        if not isinstance(event, Answer):
            unanswered.append(event)
            continue
        excused = [e for e in unanswered if _is_excused(e, event)]
        owed = -sum(e.amount for e in unanswered if e not in excused)
        amount = sum(r.amount for r in event.rows)
        unanswered = excused
        if amount == owed:
            continue
        if event.view and not event.reason and not _missed(ledger, unit, event):
            allowed |= {key(r) for r in event.rows}
            continue
        is_correction = event.rows[0].kind == "correction"
        what = "correction" if is_correction else "counter"
        causes = _causes(ledger, unit, event)
        near |= {
            e.number
            for e in excused
            if isinstance(e, Row) and _committed(event) > (e.committed or 0)
        }
        last = event.rows[-1]
        twins = tuple(
            key(r)
            for a in answers
            for r in a.rows
            if r.amount == last.amount
            and r.day != last.day
            and abs(r.stamped - last.stamped) < SKEW
        )
        parts = tuple(key(r) for r in event.rows[:-1])
        wrong.append(Wrong(key(last), last.number, what, owed, causes, None, twins, parts))
        allowed |= {key(r) for r in event.rows[:-1]}
    left = [e for e in unanswered if isinstance(e, Row)]
    late, others = _fewest(left)
    # What a wrong answer left out a moment after it came may be part of what that is off by.
    others += [row for row in late if row.number in near]
    late = [row for row in late if row.number not in near]
    allowed |= {key(r) for r in others}
    for row in late:
        causes = frozenset({"lost_job" if row.number in ledger.lost else "unknown"})
        wrong.append(Wrong(key(row), row.number, "uncountered", None, causes))
    return wrong, allowed


def _old(wrong: Wrong) -> Wrong:
    """An uncountered entry whose job was not lost: it ran, and read from before the entry."""
    is_old = wrong.what == "uncountered" and "lost_job" not in wrong.causes
    return wrong._replace(causes=frozenset({"stale_read"})) if is_old else wrong


def _may_be_right(ledger: Ledger, unit: Unit) -> bool:
    """Whether, in some order that the clocks allow, each counter-entry is what was owed then."""
    rows = _in_one([r for r in ledger.of(unit) if not r.removed])
    counters = [r for r in rows if r.kind == "counter"]
    entries = [r for r in rows if r.kind == "entry"]
    is_known = len(counters) + len(entries) == len(rows) <= ROWS_MAX
    if not is_known or list(ledger.changed(unit)) or sum(r.amount for r in rows):
        return False

    def goes_on(placed: frozenset[int]) -> bool:
        left = [r for r in counters if r.number not in placed]
        if not left:
            return True
        for row in left:
            before = [r for r in rows if r.number not in placed and row.stamped - r.stamped >= SKEW]
            if any(r.kind == "counter" for r in before):
                continue
            free = [
                e
                for e in entries
                if e.number not in placed and e not in before and e.stamped - row.stamped < SKEW
            ]
            for size in range(len(free) + 1):
                for some in combinations(free, size):
                    chosen = [*before, *some]
                    if sum(r.amount for r in chosen) == -row.amount and goes_on(
                        placed | {row.number, *(r.number for r in chosen)}
                    ):
                        return True
        return False

    return goes_on(frozenset())


def _in_one(rows: list[Row]) -> list[Row]:
    """Rows in which those that one job wrote in one moment, of one sign, are one answer."""
    told: list[Row] = []
    for row in sorted(rows, key=lambda r: r.stamped):
        same = [
            k
            for k, r in enumerate(told)
            if r.kind == row.kind == "counter"
            and row.job != ""
            and r.job == row.job
            and row.stamped - r.stamped < SKEW
            and (r.amount > 0) == (row.amount > 0)
        ]
        if same:
            told[same[-1]] = replace(row, amount=told[same[-1]].amount + row.amount)
        else:
            told.append(row)
    return told


def _committed(answer: Answer) -> int:
    return max(r.committed or 0 for r in answer.rows)


def _is_excused(event: Row | Change, answer: Answer) -> bool:
    """Whether an answer need not hold an entry: it came after the read, or within the skew."""
    if isinstance(event, Change):
        return event.at > answer.asked
    if answer.view and event.number in answer.view.rows:
        return False
    committed = event.committed or 0
    near = abs(answer.rows[0].stamped - event.stamped) < SKEW
    return committed > answer.asked or near


def _missed(ledger: Ledger, unit: Unit, answer: Answer) -> list[Row]:
    """Rows that were there and that the writer did not see, but for entries that are excused."""
    assert answer.view
    own = {r.number for r in answer.rows}
    return [
        r
        for r in ledger.of(unit)
        if (r.committed or 0) < _committed(answer)
        and r.number not in answer.view.rows | own
        and not (r.kind == "entry" and _is_excused(r, answer))
    ]


def _causes(ledger: Ledger, unit: Unit, answer: Answer) -> frozenset[str]:
    if answer.reason in {"orphan", "wrong_correction", "unknown"} or not answer.view:
        return frozenset({"repeated_job" if answer.reason == "repeated_job" else "unknown"})
    missed = _missed(ledger, unit, answer)
    late = any((r.committed or 0) > answer.asked for r in missed)
    early = any((r.committed or 0) <= answer.asked for r in missed)
    causes = {"race"} if late else set()
    causes |= {"stale_read"} if early else set()
    if answer.reason == "repeated_job":
        causes = {"repeated_job"}
    elif answer.is_again:
        causes |= {"repeated_job"}
    return frozenset(causes or {"unknown"})


def _fewest(rows: list[Row]) -> tuple[list[Row], list[Row]]:
    """The fewest rows with the sum of all, and the others: entries that cancel out."""
    total = sum(r.amount for r in rows)
    if len(rows) > 12:
        return rows, []
    for size in range(len(rows) + 1):
        for some in combinations(sorted(rows, key=lambda r: -r.written), size):
            if sum(r.amount for r in some) == total:
                return list(some), [r for r in rows if r not in some]
    raise AssertionError("all rows together have the sum of all")


def _delta(ledger: Ledger, unit: Unit, answers: list[Answer]) -> tuple[list[Wrong], set[Key]]:
    """Judge each answer by the one entry that it was written for."""
    wrong: list[Wrong] = []
    allowed: set[Key] = set()
    answered: set[int] = set()
    for answer in sorted(answers, key=_committed):
        row, entry = answer.rows[-1], answer.target
        amount = sum(r.amount for r in answer.rows)
        allowed |= {key(r) for r in answer.rows[:-1]}
        what = "correction" if row.kind == "correction" else "counter"
        if entry is None:
            wrong.append(Wrong(key(row), row.number, what, None, frozenset({"unknown"})))
            continue
        is_elsewhere = (row.account, row.week) != (unit.account, unit.week) or (
            unit.day is not None and row.day != unit.day
        )
        if entry.number in answered:
            wrong.append(Wrong(key(row), row.number, what, 0, frozenset({"repeated_job"})))
        elif is_elsewhere:
            cause = frozenset({"unknown"})
            half = key(entry)
            wrong.append(Wrong(key(row), row.number, "misplaced", None, cause, half))
            allowed.add(half)
        elif amount != -entry.amount:
            wrong.append(Wrong(key(row), row.number, what, -entry.amount, frozenset({"unknown"})))
        answered.add(entry.number)
    fixes = {r.number for r in ledger.fixes}
    for row in ledger.of(unit):
        if row.kind == "entry" and row.number not in answered | fixes:
            causes = frozenset({"lost_job" if row.number in ledger.lost else "unknown"})
            wrong.append(Wrong(key(row), row.number, "uncountered", None, causes))
    return wrong, allowed


def _replaced(ledger: Ledger) -> set[int]:
    """Rows that stand in the ledger again under another number."""
    again = {r.stands for r in ledger.fixes if r.memo == "posted again"}
    return {r.number for r in ledger.rows if r.removed and r.stands in again}


def _history(ledger: Ledger) -> set[tuple[str, date]]:
    twice = Counter((s.account, s.week) for s in ledger.settled)
    changed = {(c.account, c.week) for c in ledger.changes}
    return changed | {where for where, times in twice.items() if times > 1}


def _standing(ledger: Ledger) -> Iterable[tuple[str, date, int, bool]]:
    for row in ledger.rows:
        if row.committed is not None and not row.removed:
            yield *row.stands, row.counted


def _week_residuals(
    ledger: Ledger, settled: Mapping[tuple[str, date], object]
) -> dict[tuple[str, date], int]:
    sums: dict[tuple[str, date], int] = defaultdict(int)
    for account, day, amount, _ in _standing(ledger):
        sums[account, date.fromordinal(day.toordinal() - day.weekday())] += amount
    for s in {(s.account, s.week): s for s in ledger.settled}.values():
        sums[s.account, s.week] -= s.amount
    return {where: total for where, total in sums.items() if total and where in settled}


def _day_residuals(
    ledger: Ledger, settled: Mapping[tuple[str, date], object]
) -> dict[tuple[str, date], int]:
    sums: dict[tuple[str, date], int] = defaultdict(int)
    for account, day, amount, counted in _standing(ledger):
        week = date.fromordinal(day.toordinal() - day.weekday())
        if not counted and (account, week) in settled:
            sums[account, day] += amount
    return {where: total for where, total in sums.items() if total}
