"""What the writer of each counter-entry saw, by a log, and so what each counter-entry is.

The log tells which read a counter-entry was made from, and of each other row whether that read saw
it, did not, or may have. The amount decides what is left open: settled minus amount was seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import combinations
from typing import Final

from settle_core.logs.joined.joining import Written, written_order
from settle_core.logs.joined.snapshots import sees, snapshot
from settle_core.logs.joined.view import View
from settle_core.logs.lines.model import NEVER, Statement
from settle_core.reconcile.search import subset_sum
from settle_core.reconcile.search.model import Cost, Explanation, Judged, Row, blamed

# Of more rows that may have been seen there are too many sets to try.
OPEN_MAX: Final = 12
# Rows that a read must have seen and yet did not: more would fit by chance.
MISSED_MAX: Final = 4
# What a log with coarser stamps leaves open, the ledger alone may tell better.
COARSE_US: Final = 10_000
# A commit whose end is not logged is taken for as long as this, to say what is likely.
_LONG_US: Final = 1_000_000


@dataclass
class Reading:
    """The read from which a counter-entry was made.

    Attributes:
        line: the nearest read of its day or week before it in its run.
        real: the one that reached the database; `line` itself unless that came from a cache.
        own: counter-entries of the same run that were written after `real`.
        gap: lines are missing in between.
        kept: its run read nothing; the reads of earlier runs, the likeliest first.
        loaded: instead of a sum, the late entry that it loaded.
        between: what was sent after `line`, as words.
    """

    line: Statement | None = None
    real: Statement | None = None
    own: list[Written] = field(default_factory=list)
    gap: bool = False
    kept: tuple[Statement, ...] = ()
    loaded: str = ""
    between: tuple[str, ...] = ()

    @property
    def has_none(self) -> bool:
        """Whether no read was made where one was due, as far as the log tells."""
        return bool(self.kept or self.own)

    @property
    def is_unread(self) -> bool:
        """Whether not even a cache was asked where a read was due, as far as the log tells."""
        return self.has_none and self.line is not None and not self.line.is_cached


@dataclass
class Told:
    """What a log tells of a counter-entry.

    Attributes:
        row: of the ledger.
        written: its INSERT.
        reading: the read it was made from.
        saw: ids of the late rows in the sum that was read; several where several sets fit.
        fresh: ids that a fresh read in place of `reading.line` would have seen.
        may_be_right: the log leaves open what a fresh read would have seen, and of that something
            makes the amount right.
        role, expected, unseen: as of `model.Judged`.
    """

    row: Row
    written: Written
    reading: Reading
    saw: tuple[frozenset[str], ...] = ()
    fresh: frozenset[str] = frozenset()
    may_be_right: bool = False
    role: str = ""
    expected: int = 0
    unseen: tuple[str, ...] = ()


def explain(
    view: View, rows: Sequence[Row], level: str, start: int
) -> tuple[Explanation, dict[str, Told]] | None:
    """The explanation of a unit that a view's log gives, None where it does not tell enough.

    Args:
        view: the logs.
        rows: the late rows of an account's day, or week.
        level: day or week, whichever the rows are of.
        start: the unit's residual before the first row, minor units.
    """
    counters = [row for row in rows if row.is_counter]
    known = view.rows
    # Neither what is there nor its order can be trusted.
    is_jumbled = bool(view.faults) and view.clocks.mixed_us > 0
    if is_jumbled or not counters or any(row.entry_id not in known for row in rows):
        return None
    first = known[rows[0].entry_id]
    unit = (first.week, first.week + timedelta(6)) if level == "week" else (first.day, first.day)
    told: dict[str, Told] = {}
    for row in counters:
        written = view.written.get(row.entry_id)
        if written is None:
            return None
        reading = reading_of(view, written, first.account, unit)
        if reading.is_unread and (reading.gap or view.faults):
            return None  # where lines are missing, one that is not there tells nothing
        told[row.entry_id] = Told(row, written, reading)
    ordered = sorted(told.values(), key=lambda each: written_order(each.written, each.row.rank))
    if all(each.reading.line is not None for each in ordered):
        return _by_sum(view, rows, ordered, start)
    if all(each.reading.loaded for each in ordered):
        return _by_entry(view, rows, ordered)
    return None


def reading_of(view: View, written: Written, account: str, unit: tuple[date, date]) -> Reading:
    """The read from which a counter-entry was made: the nearest before it in its run."""
    reading = Reading(gap=written.statement.gap)
    mine = view.run_of(written.statement)
    between: list[str] = []
    for statement in view.before(written.statement):
        if statement.verb == "ping" or _is_of_another(view, statement, written, mine):
            break
        if view.reads(statement, account, *unit):
            if reading.line is None:
                reading.between = tuple(between)
            line = reading.line = reading.line or statement
            if not statement.is_cached and (statement is line or statement.text == line.text):
                reading.real = statement
                break
        elif reading.line is None and not reading.loaded:
            reading.loaded = view.loaded(statement) or ""
        reading.gap |= statement.gap
        between.append(f"{statement.verb} {statement.parsed.table}")
        between += [f"and {statement.skipped}"] if statement.skipped[0] else []
        reading.own += [
            each
            for each in view.writes[id(statement)]
            if each.row.is_counter
            and each.row.account == account
            and unit[0] <= each.row.day <= unit[1]
        ]
    if reading.line is None and not reading.loaded:
        _kept(view, reading, written, account, unit)
    return reading


def _kept(
    view: View, reading: Reading, written: Written, account: str, unit: tuple[date, date]
) -> None:
    """Where a run read nothing, its sum is one that an earlier run had read."""
    sent = written.statement
    if not written.job or not view.is_whole(sent.context) or not view.is_bounded(sent):
        return
    earlier = [
        statement
        for statement in view.reads_of(account, *unit)
        if not statement.is_cached and statement.to_us <= written.statement.from_us
    ]
    mine = written.statement.context
    reading.kept = tuple(
        sorted(earlier, key=lambda s: (s.context == mine, s.from_us), reverse=True)
    )
    if reading.kept:
        reading.line = reading.real = reading.kept[0]


def _is_of_another(view: View, statement: Statement, written: Written, mine: object) -> bool:
    """Whether another job, or another run of it, sent a statement of the same context."""
    jobs = {each.job for each in view.writes[id(statement)]} - {""}
    if written.job and jobs and written.job not in jobs:
        return True
    if mine is not None:
        run = view.run_of(statement)
        return run is not None and run != mine
    return False


def solutions(
    view: View, real: Statement, rows: Sequence[Row], me: str, wanted: int
) -> tuple[frozenset[str], ...]:
    """The sets of late rows that a read may have seen and that add up to what was seen."""
    sure: set[str] = set()
    left: list[Row] = []
    for row in rows:
        if row.entry_id == me:
            continue
        is_seen = sees(view, real, view.written.get(row.entry_id))
        if is_seen:
            sure.add(row.entry_id)
        elif is_seen is None:
            left.append(row)
    if len(left) > OPEN_MAX:
        return ()
    total = sum(row.amount for row in rows if row.entry_id in sure)
    found = [
        frozenset(row.entry_id for row in chosen)
        for size in range(len(left) + 1)
        for chosen in combinations(left, size)
        if total + sum(row.amount for row in chosen) == wanted
    ]
    found = _possible(view, real, left, found)
    return tuple(frozenset(sure | each) for each in found)


def _possible(
    view: View, real: Statement, left: Sequence[Row], found: Sequence[frozenset[str]]
) -> list[frozenset[str]]:
    """The sets that one snapshot can be: with a row all that was visible before it.

    The likeliest first, by the middles of the intervals.
    """
    written = [w for row in left if (w := view.written.get(row.entry_id)) is not None]
    implied = [
        (later.row.entry_id, earlier.row.entry_id)
        for later in written
        for earlier in written
        if later is not earlier and _is_before(view, earlier, later)
    ]
    away = {
        w.row.entry_id: w.visible_from_us
        + min(w.visible_to_us, w.visible_from_us + _LONG_US)
        - sum(snapshot(real))
        for w in written
    }

    def unlikely(each: frozenset[str]) -> int:
        return sum(max(at, 0) if i in each else max(-at, 0) for i, at in away.items())

    possible = [s for s in found if all(b in s for a, b in implied if a in s)]
    return sorted(possible, key=lambda s: (unlikely(s), sorted(s)))


def _is_before(view: View, earlier: Written, later: Written) -> bool:
    """Whether whoever sees the later row sees the earlier one."""
    own = earlier.statement.transaction
    if earlier.statement is later.statement or (
        own is later.statement.transaction and own is not None and own.end and not own.is_torn
    ):
        return True
    apart = view.clocks.apart(later.statement, earlier.statement)
    return apart is not None and earlier.visible_to_us + apart[1] <= later.visible_from_us


def _by_sum(
    view: View, rows: Sequence[Row], ordered: Sequence[Told], start: int
) -> tuple[Explanation, dict[str, Told]] | None:
    entries = {row.entry_id: row for row in rows if not row.is_counter}
    covered: set[str] = set()
    done: list[Told] = []
    right = 0
    judged: list[Judged] = []
    is_loose = view.clocks.are_many or view.step_us > COARSE_US or bool(view.faults)
    own = (view.written.get(row.entry_id) for row in rows)
    is_loose |= any(each.visible_to_us == NEVER for each in own if each is not None)
    for told in ordered:
        real, line = told.reading.real, told.reading.line
        if real is None or line is None:
            return None
        wanted = -told.row.amount - start
        told.saw = solutions(view, real, rows, told.row.entry_id, wanted)
        for earlier in told.reading.kept if not told.saw else ():
            told.saw = solutions(view, earlier, rows, told.row.entry_id, wanted)
            if told.saw:
                told.reading.line = told.reading.real = real = line = earlier
                break
        if not told.saw:
            told.saw = _missed(view, real, rows, told.row, start)
        if not told.saw or (len(told.saw) > 1 and is_loose):
            return None
        saw = told.saw[0]
        is_fresh = not (line.is_cached or told.reading.own or told.reading.kept)
        at = None if is_fresh else line if line.is_cached else told.written.statement
        told.fresh = saw if at is None else saw | _fresh(view, at, rows, told)
        left = [r for i, r in entries.items() if i not in covered]
        told.may_be_right = at is not None and _may_be_right(view, at, left, told)
        newly = [i for i in sorted(told.fresh & entries.keys()) if i not in covered]
        covered.update(newly)
        told.expected = -(sum(entries[i].amount for i in covered) + right)
        right += told.expected
        told.unseen = tuple(d.row.entry_id for d in reversed(done) if d.row.entry_id not in saw)
        is_bad = told.row.amount != told.expected
        if not is_bad:
            told.role, told.unseen = "right", ()
        elif told.unseen:
            told.role = "wrong"
        elif saw != told.fresh:
            told.role = "unexplained"
        else:
            told.role = "compensating"
        done.append(told)
        judged += [Judged(entries[i], "late", 0) for i in newly]
        judged.append(Judged(told.row, told.role, told.expected, told.unseen))
    rest = [row for row in entries.values() if row.entry_id not in covered]
    missing = subset_sum.uncountered(rest) if rest else frozenset()
    judged += [Judged(r, "uncountered" if r.entry_id in missing else "late", 0) for r in rest]
    explanation = Explanation(Cost(len(blamed(judged))), tuple(judged))
    return explanation, {told.row.entry_id: told for told in ordered}


def _fresh(view: View, at: Statement, rows: Sequence[Row], told: Told) -> frozenset[str]:
    """What a read in place of one that was not made would have seen."""
    me = told.row.entry_id
    return frozenset(
        row.entry_id
        for row in rows
        if row.entry_id != me and sees(view, at, view.written.get(row.entry_id))
    )


def _may_be_right(view: View, at: Statement, left: Sequence[Row], told: Told) -> bool:
    """Whether late entries that may have been there, or not, make a counter-entry right."""
    seen = {row.entry_id: sees(view, at, view.written.get(row.entry_id)) for row in left}
    for saw in told.saw:
        sure = sum(row.amount for row in left if row.entry_id in saw or seen[row.entry_id])
        maybe = [r.amount for r in left if r.entry_id not in saw and seen[r.entry_id] is None]
        if len(maybe) > OPEN_MAX or any(
            sure + sum(chosen) == -told.row.amount
            for size in range(1, len(maybe) + 1)
            for chosen in combinations(maybe, size)
        ):
            return True
    return False


def _missed(
    view: View, real: Statement, rows: Sequence[Row], me: Row, start: int
) -> tuple[frozenset[str], ...]:
    """Where nothing fits what the read must have seen: sets without some of its latest rows.

    So a replica that lags, or an object that the program kept, looks: rows that were committed
    before the read are not in the sum.
    """
    seen = [
        view.written[row.entry_id]
        for row in rows
        if row.entry_id != me.entry_id and sees(view, real, view.written.get(row.entry_id))
    ]
    latest = sorted(seen, key=lambda w: w.visible_to_us, reverse=True)
    for count in range(1, min(len(latest), MISSED_MAX) + 1):
        gone = {each.row.entry_id for each in latest[:count]}
        left = [row for row in rows if row.entry_id not in gone]
        found = solutions(view, real, left, me.entry_id, -me.amount - start)
        if found:
            return found
    return ()


def _by_entry(
    view: View, rows: Sequence[Row], ordered: Sequence[Told]
) -> tuple[Explanation, dict[str, Told]] | None:
    """Counter-entries that each answer the late entry that their run loaded."""
    entries = {row.entry_id: row for row in rows if not row.is_counter}
    answered: dict[str, Told] = {}
    judged: list[Judged] = []
    for told in ordered:
        entry = entries.get(told.reading.loaded)
        if entry is None or entry.amount != -told.row.amount:
            return None
        first = answered.get(entry.entry_id)
        if first is None:
            answered[entry.entry_id] = told
            told.role, told.expected = "right", told.row.amount
            judged.append(Judged(entry, "late", 0))
        else:
            told.role, told.unseen = "wrong", (first.row.entry_id,)
        judged.append(Judged(told.row, told.role, told.expected, told.unseen))
    left = [row for i, row in entries.items() if i not in answered]
    is_torn = bool(view.faults) or any(told.reading.gap for told in ordered)
    again = {told.row.amount for told in ordered if told.role == "wrong"}
    if is_torn and any(-row.amount in again for row in left):
        return None  # the second one's own load may be among the lines that are missing
    judged += [Judged(row, "uncountered", 0) for row in left]
    explanation = Explanation(Cost(len(blamed(judged))), tuple(judged))
    return explanation, {told.row.entry_id: told for told in ordered}
