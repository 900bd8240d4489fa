"""Why a counter-entry is wrong or missing, by a log: and what keeps it from being proved.

`proved` is said only where the log is whole for that moment and leaves no other cause. Whatever is
missing is named as a doubt, and then the cause is `consistent` at most.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from settle_core.logs.joined import by_entry, snapshots
from settle_core.logs.joined.joining import Written
from settle_core.logs.joined.snapshots import is_pinned, sees
from settle_core.logs.joined.view import View
from settle_core.logs.lines.model import NEVER, Place, Statement
from settle_core.logs.lines.runs import Run
from settle_core.logs.proofs.judging import Told, reading_of

# Causes that the ledger alone would still allow, by the one that is likely.
OTHERS: Final = {
    "stale_read": ("race", "repeated_job"),
    "race": ("stale_read", "repeated_job"),
    "repeated_job": ("stale_read", "race"),
    "lost_job": ("race",),
}
# Reads that were not made prove something only if so many of a log's counter-entries lack one, at
# least, and such a share of them: single lines that were lost look the same.
UNREAD_MIN: Final = 2
UNREAD_SHARE_MIN: Final = 0.1
CUT: Final = "lines are missing between its read and its insert"
UNREAD: Final = "hardly another run has no read of its sum"
TWO_JOBS: Final = "the log does not tell that one job read and wrote"
UNTAGGED: Final = "its lines have no tag of one job: other jobs' lines may stand between them"
# From a logged statement to the moment when the server has it.
SENT_US: Final = 2_000


class Cited(NamedTuple):
    """A line of a log that proves something, and what it is in the story."""

    place: Place
    label: str


class Verdict(NamedTuple):
    """A cause with its evidence, by a log.

    Attributes:
        cause, evidence: of the vocabularies in `contract`.
        why: a sentence that says how.
        doubts: what keeps it from being proved.
        cited: the lines, in the order of the story.
    """

    cause: str
    evidence: str
    why: str
    doubts: tuple[str, ...]
    cited: tuple[Cited, ...]

    @property
    def other_causes(self) -> tuple[str, ...]:
        """What it may be as well."""
        return () if self.evidence == "proved" else OTHERS.get(self.cause, ())


def of_counter(view: View, told: Told, unit: dict[str, Told]) -> Verdict | None:
    """The cause of a wrong counter-entry, None where the log tells nothing of it."""
    if told.role != "wrong" or (told.reading.is_unread and _may_be_lost(view)):
        return None
    if told.reading.loaded and told.reading.line is None:
        return _repeated(view, told, unit[told.unseen[0]])
    verdict = _unseen(view, told, unit)
    unsure = _unsure(view, told, unit)
    if verdict is None or not unsure:
        return verdict
    doubt = f"what it owed hangs on {unsure}, and the log leaves open what that was made from"
    return verdict._replace(evidence="consistent", doubts=(*verdict.doubts, doubt))


def _unsure(view: View, told: Told, unit: dict[str, Told]) -> str:
    """An earlier counter-entry of its unit of which the log does not prove what it was made from.

    What that one should have been, and so what was left to this one, may be otherwise.
    """
    for i, other in unit.items():
        if other is told:
            break
        if other.role == "right" or not (other.reading.gap or other.reading.is_unread):
            continue
        verdict = _unseen(view, other, unit) if other.role == "wrong" else None
        if verdict is None or verdict.doubts:
            return i
    return ""


def _unseen(view: View, told: Told, unit: dict[str, Told]) -> Verdict | None:
    real, line = told.reading.real, told.reading.line
    if real is None or line is None:
        return None
    missed = [unit[i] for i in told.unseen]
    reasons = [_reason(view, told, real, line, other.written) for other in missed]
    causes = {each.cause for each in reasons}
    doubts = _doubts(view, told, missed)
    if len(causes) > 1:
        doubts.append("it missed several counter-entries, each for a reason of its own")
    cause = "stale_read" if "stale_read" in causes else reasons[0].cause
    why = next(each.why for each in reasons if each.cause == cause)
    doubts += [each.doubt for each in reasons if each.doubt]
    if told.reading.is_unread and _may_be_lost(view):
        doubts.append(f"{UNREAD}: lines that were lost look the same")
    if len({tuple(sorted(set(told.unseen) - saw)) for saw in told.saw}) > 1:
        doubts.append("more than one set of rows adds up to what was read")
    if cause == "race" and view.clocks.mixed_us:
        doubts.append(f"clocks in the log are {view.clocks.mixed_us / 1e6:.1f} s apart")
    evidence = "consistent" if doubts else "proved"
    cited = [Cited(real.place, "read of the sum")]
    if line is not real:
        cited.append(Cited(line.place, "answered by the cache, not by the database"))
    for other in missed:
        cited.append(Cited(other.written.statement.place, f"counter-entry {other.row.entry_id}"))
        if other.written.end is not None:
            cited.append(Cited(other.written.end.place, f"commit of {other.row.entry_id}"))
    cited.append(Cited(told.written.statement.place, f"counter-entry {told.row.entry_id}"))
    if told.written.end is not None:
        cited.append(Cited(told.written.end.place, f"commit of {told.row.entry_id}"))
    return Verdict(cause, evidence, why, tuple(dict.fromkeys(doubts)), in_order(cited))


class _Reason(NamedTuple):
    """Why a counter-entry was not seen: cause, sentence, and what may yet be otherwise."""

    cause: str
    why: str
    doubt: str = ""


def _reason(view: View, told: Told, real: Statement, line: Statement, other: Written) -> _Reason:
    theirs = other.row.entry_id
    own = {each.row.entry_id: each.statement for each in told.reading.own}
    is_read = theirs not in own or own[theirs].order < line.order
    if line.is_cached and is_read:
        return _by_cache(view, told, line, other)
    if theirs in own:
        text = f"no sum was read between {theirs} and it: it was made from the sum read before"
        return _Reason("stale_read", text)
    if told.reading.kept:
        text = f"its run read no sum: it was made from one that was read before {theirs}"
        begun = view.begun_us(told.written.statement)
        doubt = f"{theirs} may have been committed after a fresh read would have been made"
        return _Reason("stale_read", text, "" if _was_there(view, told, other, begun) else doubt)
    if told.reading.own:
        first = min(each.statement.from_us for each in told.reading.own)
        text = f"it was made from a sum read before {theirs} was committed, and used before"
        doubt = f"{theirs} may have been committed after a fresh read would have been made"
        return _Reason("stale_read", text, "" if _was_there(view, told, other, first) else doubt)
    if is_pinned(real) and other.visible_from_us < real.seen_to_us:
        return _by_snapshot(real, other)
    return _by_read(view, told, real, other)


def _was_there(view: View, told: Told, other: Written, us: int) -> bool:
    """Whether another row was committed by an instant of a counter-entry's run."""
    mine, theirs = told.written.statement, other.end or other.statement
    if mine.context == theirs.context and view.is_whole(mine.context):
        run = view.run_of(mine)
        return theirs.order < mine.order and (run is None or run != view.run_of(theirs))
    return other.visible_to_us <= us


def _by_snapshot(real: Statement, other: Written) -> _Reason:
    """Where the transaction kept a snapshot, a fresh read may or may not have seen more."""
    theirs = other.row.entry_id
    kept = f"its transaction kept the snapshot of before {theirs}"
    if other.visible_to_us <= real.seen_from_us:
        return _Reason("stale_read", kept)
    doubt = f"{theirs} was committed about when its sum was read"
    if other.visible_from_us < real.seen_from_us:
        return _Reason("stale_read", kept, doubt)
    return _Reason("race", f"{theirs} was committed after its sum was read", doubt)


def _by_cache(view: View, told: Told, line: Statement, other: Written) -> _Reason:
    """Where the read was answered by a cache, a fresh one may or may not have seen more."""
    theirs = other.row.entry_id
    is_own = any(each.row.entry_id == theirs for each in told.reading.own)
    is_there = is_own or sees(view, line, other)
    if is_there is False:
        return _Reason("race", f"{theirs} was committed after its sum was answered")
    text = f"its sum came from the cache and did not hold {theirs}"
    doubt = "" if is_there else f"{theirs} was committed about when the cache answered"
    return _Reason("stale_read", text, doubt)


def _by_read(view: View, told: Told, real: Statement, other: Written) -> _Reason:
    theirs = other.row.entry_id
    is_sure = sees(view, real, other)
    is_seen = sees(view, real, other, is_loose=False)
    if is_sure and real.server not in {"", other.statement.server}:
        where = f"it was read from {real.server}, not where {theirs} was committed before"
        return _Reason("stale_read", f"{where}, and did not hold it: that server was behind")
    if is_sure:
        text = f"its read came after the commit of {theirs}, and did not hold it"
        doubt = "a replica that lags or an object that the program kept looks the same"
        return _Reason("stale_read", text, doubt)
    is_same_job = bool(other.job) and other.job == told.written.job
    if is_same_job and view.run_of(other.statement) != view.run_of(told.written.statement):
        text = f"{theirs} is of another run of the same job, at work at the same time"
        return _Reason("repeated_job", text, "two runs of one job at one time also race")
    doubt = _by_snapshot_kept(view, real, other, is_sure=is_sure is not None)
    if is_same_job:
        doubt = "one job wrote both, and the log does not show where else it read"
    if is_seen:
        doubt = f"by their times {theirs} was committed before, but the log's clocks step back"
    if not doubt and is_sure is None and other.visible_to_us == NEVER:
        doubt = f"the commit of {theirs} is not in the log"
    return _Reason("race", f"{theirs} was committed after its sum was read", doubt)


def _by_snapshot_kept(view: View, real: Statement, other: Written, *, is_sure: bool) -> str:
    """Whether a read that raced may have been one of a snapshot that its transaction kept."""
    # A plain read does not wait: what was sent to be committed after it, a fresh one misses too.
    if other.visible_from_us > real.from_us + SENT_US:
        return ""
    if not is_sure and snapshots.may_be_kept(view, real):
        return "its transaction had read before, and may have kept that snapshot"
    if snapshots.may_be_cut(view, real):
        return "others read more before: one that kept a snapshot may have lost its line"
    return ""


def _may_be_lost(view: View) -> bool:
    """Whether reads that are not in the log may have been made, and their lines lost."""
    return _is_unusual(view, view.unread)


def _is_unusual(view: View, count: int) -> bool:
    """Whether so few counter-entries of a log are as one that lost lines would make others so."""
    if view.is_numbered:
        return False
    return count < UNREAD_MIN or count < UNREAD_SHARE_MIN * view.told


def is_one_run(view: View, read: Statement, wrote: Statement) -> bool:
    """Whether one run of a job sent both."""
    own = read.transaction
    is_headless = own is not None and own.begin is None and own.is_torn
    if own is not None and own is wrote.transaction and not is_headless:
        return True
    if not view.is_server:
        return bool(wrote.job)
    return view.has_pings


def _doubts(view: View, told: Told, missed: Sequence[Told]) -> list[str]:
    """What is not whole about the log at the moment of a counter-entry."""
    real, written = told.reading.real, told.written
    doubts = list(view.faults)
    if told.may_be_right:
        doubts.append("which late entries were there is open, and with some of them it is right")
    if real and not (told.reading.kept or is_one_run(view, real, written.statement)):
        doubts.append(TWO_JOBS)
    if told.reading.gap:
        doubts.append(CUT)
    if not told.reading.has_none and _is_unusual(view, view.ways[told.reading.between]):
        doubts.append("hardly another counter-entry came so after its read: lines may be missing")
    if not view.is_whole(written.statement.context):
        doubts.append(UNTAGGED)
    from_us = min(
        [real.from_us if real else written.statement.from_us]
        + [m.written.statement.from_us for m in missed]
    )
    to_us = max([w.visible_to_us for w in (written, *(m.written for m in missed))])
    if to_us == NEVER:
        to_us = written.statement.to_us
    if view.in_hole(from_us - 1_000_000, to_us):
        doubts.append("the log has a hole there")
    return doubts


def _repeated(view: View, told: Told, first: Told) -> Verdict:
    """A late entry answered twice."""
    job, entry = told.written.job, told.reading.loaded
    doubts = [*view.faults]
    runs = [view.run_of(each.written.statement) for each in (first, told)]
    why = f"late entry {entry} was loaded and answered twice"
    cited = [Cited(first.written.statement.place, f"counter-entry {first.row.entry_id}")]
    jobs = {run.job for run in runs if run is not None}
    if not job or job != first.written.job or len(jobs) > 1:
        doubts.append("the log does not say that one job wrote both")
    elif runs[0] is not None and runs[1] is not None and runs[0] != runs[1]:
        why += f", by run {runs[0].number} and run {runs[1].number} of job {job}: {_ended(*runs)}"  # type: ignore[arg-type]
        for run in (runs[0], runs[1]):
            cited += [Cited(e.place, f"job {job}: {e.name}") for e in run.events]
    elif _is_apart(view, first, told):
        is_same = first.written.statement.context == told.written.statement.context
        gone = "whose connection had gone to other work in between"
        why += f" by job {job}, {gone if is_same else 'each time over another connection'}"
    else:
        doubts.append("the log does not show two runs of its job")
    doubts += _may_be_of_sums(view, first, told)
    doubts += view.run_faults if None not in runs else []
    hole_from = first.written.statement.from_us
    if view.in_hole(hole_from - 1_000_000, told.written.statement.to_us):
        doubts.append("the log has a hole there")
    if not view.is_whole(told.written.statement.context):
        doubts.append(UNTAGGED)
    for each in (first, told):
        load = _load(view, each)
        if load is not None:
            cited.append(Cited(load.place, f"late entry {entry} is loaded"))
    cited.append(Cited(told.written.statement.place, f"counter-entry {told.row.entry_id}"))
    evidence = "consistent" if doubts else "proved"
    unique = tuple(dict.fromkeys(doubts))
    return Verdict("repeated_job", evidence, why, unique, in_order(cited))


def _may_be_of_sums(view: View, first: Told, second: Told) -> list[str]:
    """Whether counter-entries that seem to answer what was loaded may be made from a sum instead.

    A second run that reads one answers whatever came since, which may be an entry just alike.
    """
    loads = [load for each in (first, second) if (load := _load(view, each)) is not None]
    if by_entry.reads_more(view, loads):
        return ["its job read more than the entry that it loaded"]
    if view.answers_else:
        return ["jobs of this log answer more than the entry that they loaded"]
    is_gap = first.reading.gap or second.reading.gap
    if reads_sums(view) and (is_gap or not view.is_numbered):
        return ["jobs of this log read sums, and one that is not in it may have been read"]
    return []


def _ended(first: Run, second: Run) -> str:
    if first.end == "fail":
        return "the first had written its counter-entry and then failed"
    if second.from_us < first.to_us and first.end != "open":
        return "it was delivered twice, and both ran at one time"
    if first.end == "open":
        return "no end of the first is in the log"
    return "it was delivered twice"


def _load(view: View, told: Told) -> Statement | None:
    for statement in view.before(told.written.statement):
        if view.loaded(statement) == told.reading.loaded:
            return statement
    return None


def _is_apart(view: View, first: Told, second: Told) -> bool:
    """Whether two inserts of one job were two pieces of work: other work lies in between."""
    one, two = first.written.statement, second.written.statement
    loads = _load(view, first), _load(view, second)
    if None in loads or loads[0] is loads[1]:
        return False
    if not view.is_server:
        return False
    if one.context != two.context:
        return True
    between = [s for s in view.after(one) if s.order < two.order]
    jobs = {w.job for s in between for w in view.writes[id(s)]} - {"", first.written.job}
    return bool(jobs) or any(s.verb == "ping" for s in between)


def in_order(cited: Sequence[Cited]) -> tuple[Cited, ...]:
    """Cited lines in the order of the log, each once."""
    unique = {each.place: each for each in reversed(cited)}
    return tuple(sorted(unique.values(), key=lambda c: (c.place.file, c.place.offset)))


def reads_sums(view: View) -> bool:
    """Whether anything in the log adds up rows of the ledger."""
    return any(
        s.verb == "select" and s.parsed.is_sum and s.parsed.table in view.tables
        for s in view.statements
    )


def silence(view: View, entry_id: str) -> str:
    """Why a view's log does not tell what the writer of a counter-entry saw."""
    if view.faults:
        return "; ".join(view.faults)
    row = view.rows.get(entry_id)
    written = view.written.get(entry_id)
    if row is None or written is None:
        return f"no INSERT of {entry_id} is in {view.name}"
    if not view.is_whole(written.statement.context):
        return f"lines of {view.name} have no tag of one job: others' may stand between them"
    day = [r for r in view.rows.values() if (r.account, r.day) == (row.account, row.day)]
    if gone := [r.entry_id for r in view.missing if r in day]:
        return f"no INSERT of {' and '.join(gone[:3])} is in {view.name}"
    reading = reading_of(view, written, row.account, (row.day, row.day))
    why = f"no rows that its read in {view.name} can have seen add up to what it offsets"
    if reading.line is None and not reading.loaded:
        why = f"no read of its sum before it is in {view.name}"
    elif reading.gap or reading.is_unread:
        why = CUT if reading.gap else f"{UNREAD}: lines that {view.name} lost look the same"
    return why
