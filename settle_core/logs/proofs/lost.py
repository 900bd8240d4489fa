"""Why a late entry has no counter-entry, by a log: was its job lost, or did it see nothing owed?"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from settle_core.logs.joined import by_entry
from settle_core.logs.joined.joining import LateRow, Written
from settle_core.logs.joined.view import AHEAD_MIN_US, View
from settle_core.logs.lines.model import LONG_AGO, NEVER, Statement
from settle_core.logs.lines.runs import Run, arguments_of
from settle_core.logs.proofs.judging import solutions
from settle_core.logs.proofs.proved_causes import (
    TWO_JOBS,
    UNTAGGED,
    Cited,
    Verdict,
    in_order,
    is_one_run,
    reads_sums,
)
from settle_core.reconcile.causes.cause import MOMENT_US
from settle_core.reconcile.search.model import Row

if TYPE_CHECKING:
    from datetime import date


def of_entry(
    view: View, row: Row, unit: Sequence[Row], start: int, *, is_told: bool
) -> Verdict | None:
    """Why a late entry has no counter-entry, None where the log tells nothing of it.

    Args:
        view: the logs.
        row: the late entry.
        unit: the late rows of its day, or week.
        start: the unit's residual before the first row, minor units.
        is_told: the log explained the unit's counter-entries.
    """
    late = view.rows.get(row.entry_id)
    if late is None or not view.written:
        return None
    written = view.written.get(row.entry_id)
    doubts = list(view.faults)
    if any(hole[1] >= late.recorded_us + view.ahead_us for hole in view.holes):
        doubts.append("the log has a hole after it")
    if written is None and not view.covers(late.recorded_us):
        doubts.append("the log does not reach the moment of the late entry")
    if view.ends_early:
        doubts.append("the log ends before the ledger does")
    if any(other.is_counter for other in unit) and not is_told:
        doubts.append("the log does not tell which late entry its day's counter-entries answer")
    cited = [Cited(written.statement.place, f"late entry {row.entry_id}")] if written else []
    zero = _read_zero(view, row, unit, start, written)
    if zero is not None:
        cause, why, doubt, real = zero
        doubts += [doubt] if doubt else []
        cited.append(Cited(real.place, "read of the sum: nothing seemed owed"))
        evidence = "consistent" if doubts else "proved"
        return Verdict(cause, evidence, why, tuple(doubts), in_order(cited))
    return _lost(view, row, written, doubts, cited)


def _read_zero(
    view: View, row: Row, unit: Sequence[Row], start: int, written: Written | None
) -> tuple[str, str, str, Statement] | None:
    """The read of a job that saw nothing owed: what it missed was in another's hands."""
    late = view.rows[row.entry_id]
    sent = _work(view, row.entry_id, written)
    doubt = "lines of its job are missing" if any(s.gap for s in sent) else ""
    if not sent:
        sent = _idle_reads(view, row.entry_id)
        doubt = "the log does not tell which job was this entry's"
    for statement in sent:
        if not view.reads(statement, late.account, late.day, late.day) or statement.is_cached:
            continue
        for saw in solutions(view, statement, unit, "", -start):
            if row.entry_id not in saw:
                continue
            missed = [
                other
                for other in unit
                if other.is_counter
                and other.entry_id not in saw
                and (w := view.written.get(other.entry_id)) is not None
                and w.visible_to_us > statement.from_us
            ]
            by = " and ".join(other.entry_id for other in missed[:3])
            why = "its job ran and read a sum in which nothing seemed owed"
            why += f": counter-entry {by} was not yet committed" if by else ""
            starts = _starts(view, row.entry_id, written)
            is_one = not starts or any(is_one_run(view, statement, s) for s in starts)
            doubt = TWO_JOBS if view.is_server and not is_one else doubt
            if view.clocks.mixed_us:
                doubt = "clocks in the log are not one"
            if any(view.written[other.entry_id].visible_to_us == NEVER for other in missed):
                doubt = f"the commit of {by} is not in the log"
            if not view.is_whole(statement.context):
                doubt = UNTAGGED
            doubt = doubt if by else "what it did not see is not in the log"
            return "race", why, doubt, statement
    return None


def _idle_reads(view: View, entry_id: str) -> list[Statement]:
    """Reads of its day by runs that wrote nothing on it, where jobs are not known by the entry."""
    late = view.rows[entry_id]
    day = late.account, late.day
    busy = {w.job for w in view.written.values() if (w.row.account, w.row.day) == day}
    return [s for s in view.reads_of(late.account, late.day, late.day) if s.job not in busy]


def _work(view: View, entry_id: str, written: Written | None) -> list[Statement]:
    """What the job of a late entry sent: the one that wrote it and went on, or that loaded it."""
    if written is not None and written.job and view.jobs.get(written.job):
        return view.jobs[written.job]
    work: list[Statement] = []
    for start in _starts(view, entry_id, written):
        for statement in view.after(start):
            if statement.verb == "ping":
                break
            jobs = {w.job for w in view.writes[id(statement)]} - {""}
            if written is not None and written.job and jobs and written.job not in jobs:
                break
            work.append(statement)
    return work


def _starts(view: View, entry_id: str, written: Written | None) -> list[Statement]:
    """Where the job of a late entry shows: it wrote it, or loaded it."""
    starts = [written.statement] if written is not None and written.job else []
    return starts + view.loads.get(entry_id, [])


def _lost(
    view: View, row: Row, written: Written | None, doubts: list[str], cited: list[Cited]
) -> Verdict:
    """No counter-entry, and no read that saw nothing owed."""
    loads = view.loads.get(row.entry_id, [])
    job = next((s.job for s in loads if s.job), "") or (written.job if written else "")
    runs = view.runs.get(job, []) if job else []
    if not loads and not job:
        by_arguments = _named(view, row.entry_id)
        runs = by_arguments or runs
    # Where jobs read sums, one that saw nothing owed may have run for it: that is no lost job.
    is_by_sum = reads_sums(view) or view.answers_else
    if not loads:
        # Its own lines may be missing with all of their session's; so see what others' jobs do.
        is_by_sum = is_by_sum or any(by_entry.reads_more(view, x) for x in view.loads.values())
    is_unknown = not loads and not runs and (is_by_sum or not view.loads)
    may_have_read = is_by_sum or not view.has_selects or by_entry.reads_more(view, loads)
    # One that ended well is no lost job where it may have seen nothing owed.
    is_unknown |= bool(runs) and runs[-1].end == "done" and may_have_read
    if may_have_read and (loads or runs) and not (runs and runs[-1].end in {"fail", "open"}):
        doubts.append("its job may have read a sum in which nothing seemed owed")
    if not (loads or runs) and is_unknown:
        reads = "read sums" if is_by_sum else "load no late entry"
        doubts.append(f"jobs of this log {reads}, and none is known to be this entry's")
    # What another log holds later says nothing of a job's end, but for one that was discarded.
    is_open = not _is_final(view, runs[-1]) or runs[-1].end == "open" if runs else not loads
    until_us = min(view.until_us, view.runs_until_us) if is_open and view.runs else view.until_us
    if _may_be_at_work(view, view.rows[row.entry_id], until_us):
        doubts.append("the log ends so soon after it that its job may yet be at work")
    doubts += _unseen(view, row, written, loads, is_run=bool(runs))
    cited += [Cited(s.place, f"late entry {row.entry_id} is loaded") for s in loads]
    for run in runs:
        cited += [Cited(e.place, f"job {run.job}: {e.name}") for e in run.events]
    why = _how_lost(view, row, loads, runs)
    doubts += view.run_faults if runs or not loads else []
    if runs and runs[-1].end == "done" and not doubts:
        doubts.append("its job ended without an error and without a counter-entry")
    if runs and not _is_final(view, runs[-1]):
        doubts.append("the log does not say that its job is not tried again")
    unique = tuple(dict.fromkeys(doubts))
    if is_unknown:
        return Verdict("unknown", "undetermined", why, unique, in_order(cited))
    evidence = "consistent" if doubts else "proved"
    return Verdict("lost_job", evidence, why, unique, in_order(cited))


def _how_lost(view: View, row: Row, loads: Sequence[Statement], runs: Sequence[Run]) -> str:
    if runs:
        return _ending(runs[-1])
    if not loads:
        # No number of a line tells of a whole session that is not there, nor any of a job's.
        none = "the log has no job that loaded it: it was never enqueued, was lost on its way"
        return f"{none}, or ran where this log has no line of it"
    told = "its job loaded it and wrote nothing"
    after = view.after(loads[-1])
    if not after:
        return f"{told}; no later line of its {'connection' if view.is_server else 'job'} is there"
    # Of a line that was delivered again, later, the stamp is an earlier one.
    later = [s for s in after if s.from_us > loads[-1].from_us]
    if view.is_server and _is_other_work(view, row, later):
        return f"{told}; its connection went on to other work"
    return f"{told}, though more lines follow"


def _is_other_work(view: View, row: Row, sent: Sequence[Statement]) -> bool:
    """Whether a connection was given to other work than that of an entry, by what it sent."""
    none = {None, row.entry_id}
    return any(s.verb == "ping" or view.loaded(s) not in none or view.writes[id(s)] for s in sent)


def _ending(last: Run) -> str:
    if last.end == "fail" and "discard" in {event.name for event in last.events}:
        return f"its job {last.job} failed and was discarded: it is not tried again"
    if last.end == "fail":
        return f"its job {last.job} failed, and no later run of it is in the log"
    if last.end == "open":
        return f"its job {last.job} began, and no end of it is in the log"
    return f"its job {last.job} ran and wrote nothing"


def torn(view: View) -> int:
    """Until when lines are missing of which one may have loaded a late entry, by their numbers.

    A client that has prepared a statement parses it no second time: where all entries are loaded
    by prepared ones, and a session parses these after the gap, the gap holds no load.
    """
    loads = [s for each in view.loads.values() for s in each]
    texts = {s.text for s in loads}
    is_prepared = bool(loads) and all(s.prepared for s in loads)
    until_us = LONG_AGO
    for gap in [gap for each in view.found for gap in each.gaps]:
        sent = view.contexts[gap.context]
        before, after = sent[: gap.order], sent[gap.order :]
        is_new = all(s.text not in texts for s in before)
        parsed = {s.text for s in after if s.is_first}
        if not (is_prepared and is_new and texts <= parsed):
            until_us = max(until_us, gap.until_us)
    return until_us


def _unseen(
    view: View, row: Row, written: Written | None, loads: Sequence[Statement], *, is_run: bool
) -> list[str]:
    """What lines that are missing may have told of a late entry's job."""
    doubts = []
    if not loads and not is_run and _is_torn(view, row, written):
        doubts.append("numbered lines are missing, and one of them may have loaded it")
    is_alone = view.is_server or not (loads or view.runs)
    if is_alone and not view.is_numbered:
        doubts.append("the log's lines have no numbers, so a lost one would not show")
    if not loads and not is_run and (job := _unknown_run(view, row)):
        doubts.append(f"no line tells what entry job {job} loaded")
    if any(s.gap for load in loads for s in view.after(load)[:3]):
        doubts.append("lines are missing after it was loaded")
    return doubts


def _unknown_run(view: View, row: Row) -> str:
    """A job that ran after a late entry was there, and of which no line tells whose it was.

    Of those that load entries elsewhere in the log: its own line was lost, or it never got there.
    """
    if view.is_server:
        return ""
    from_us = view.rows[row.entry_id].recorded_us + view.ahead_us - AHEAD_MIN_US
    known = {s.job for each in view.loads.values() for s in each}
    tasks = {run.events[0].task for job in known for run in view.runs.get(job, [])}
    known |= {written.job for written in view.written.values()}
    later = (
        job
        for job, runs in view.runs.items()
        if job not in known and runs[-1].to_us >= from_us and runs[0].events[0].task in tasks
    )
    return next(later, "")


def _is_torn(view: View, row: Row, written: Written | None) -> bool:
    """Whether missing lines may have loaded a late entry: they ended after it was there."""
    from_us = view.rows[row.entry_id].recorded_us + view.ahead_us - AHEAD_MIN_US
    return view.torn_us > (written.visible_from_us if written is not None else from_us)


def _may_be_at_work(view: View, late: LateRow, until_us: int) -> bool:
    """Whether a log ends so soon after a late entry that its job may yet be at work.

    It must go on for longer than any other late entry of it took to be answered.
    """
    slowest_us = MOMENT_US
    since: dict[tuple[str, date], int] = {}
    for each in sorted(view.rows.values(), key=lambda row: row.recorded_us):
        if not each.is_counter:
            since[each.account, each.day] = each.recorded_us
        elif (begun_us := since.pop((each.account, each.day), None)) is not None:
            slowest_us = max(slowest_us, each.recorded_us - begun_us)
    return late.recorded_us + view.ahead_us + slowest_us > until_us


def _is_final(view: View, last: Run) -> bool:
    """Whether a job that failed is known not to be tried again; Celery says where it is."""
    told = {event.name for event in last.events}
    is_celery = any(each.kind == "SQLAlchemy" for each in view.found)
    return last.end != "fail" or "discard" in told or (is_celery and "retry" not in told)


def _named(view: View, entry_id: str) -> list[Run]:
    """Runs of jobs that have the entry among their arguments."""
    wanted = {entry_id, f'"{entry_id}"'}
    return [
        run
        for runs in view.runs.values()
        for run in runs
        if any(wanted & set(arguments_of(event)) for event in run.events)
    ]
