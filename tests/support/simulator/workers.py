"""The balancing: jobs that read, think and write, delivered once, twice, later or never."""

from collections.abc import Callable
from datetime import date, timedelta

from simulator.clock import Process, World
from simulator.ledger import MS, SECOND, Answer, Row, Unit, View
from simulator.system import System

CAP = 5_000
TAX = 19


class Run:
    """One run of a job: who it is, where, since when, and what it keeps between reads."""

    def __init__(self, world: World, system: System, job: str, attempt: int = 1) -> None:
        """Start a run of a job on some server."""
        self.world, self.system, self.job, self.attempt = world, system, job, attempt
        self.server = world.lots.randrange(max(len(system.offsets), 3))
        self.name = f"r{world.lots.randrange(16**8):08x}"
        self.began = world.now
        self.is_stale = system.read != "fresh" and world.lots.random() < system.stale
        self.cache: dict[Unit, View] = {}
        self.checkpoint: dict[Unit, View] | None = None
        self.is_again = attempt > 1

    def read(self, unit: Unit) -> View:
        """Read a unit's difference as this run's connection does."""
        world, how = self.world, self.system.read if self.is_stale else "fresh"
        if how == "cached" and unit in self.cache:
            return self.cache[unit]._replace(asked=world.now)
        if how == "shared":
            where = self.server if self.system.cache_of == "server" else -1, unit
            since, view = world.cache.get(where, (-self.system.lag - 1, None))
            if view and world.now - since <= self.system.lag:
                return view._replace(asked=world.now)
        at = world.now
        if how == "pinned":
            at = self.began
        elif how == "replica":
            at -= world.lots.randint(0, self.system.lag)
        view = world.ledger.read(unit, world.now, at)
        if how == "cached":
            self.cache[unit] = view
        elif how == "shared":
            world.cache[where] = world.now, view
        return view

    def write(self, kind: str, account: str, day: date, amount: int) -> Row:
        """Insert a row; it is not committed yet."""
        world = self.world
        stamped = world.stamp(self.server)
        if self.system.begun:
            stamped -= world.now - max(self.began, world.now - 3 * SECOND)
        rows = world.ledger.rows
        row = Row(len(rows) + 1, account, day, amount, kind, world.now, stamped)
        row.server, row.job, row.run, row.attempt = self.server, self.job, self.name, self.attempt
        rows.append(row)
        return row


def check(run: Run, unit: Unit, day: date, known: View | None = None) -> Process:
    """Read a unit's difference and write what evens it out.

    Args:
        run: who checks.
        unit: what is checked.
        day: which the answer carries.
        known: the difference, where it was read before; read now if None.
    """
    world, system = run.world, run.system
    if not world.ledger.is_settled(unit):
        return
    if run.checkpoint is not None and run.is_again:
        known = run.checkpoint.get(unit)
    run.began = world.now if system.begun else run.began
    if system.locked:
        yield from world.lock(unit.account)
    view = known or run.read(unit)
    if run.checkpoint is not None:
        run.checkpoint[unit] = view
    yield world.wait(*system.think)
    amounts = _amounts(system, -view.total)
    if amounts:
        answer = Answer([], unit, view, view.asked, is_again=run.is_again)
        if sum(amounts) != -view.total:
            answer.reason = "unknown"
        elif run.is_again and known:
            answer.reason = "repeated_job"
        yield from _post(run, answer, amounts, day)
    if system.locked:
        world.unlock(unit.account)


def _post(run: Run, answer: Answer, amounts: list[int], day: date) -> Process:
    """Write and commit an answer's rows, or but the first."""
    world, system, view = run.world, run.system, answer.view
    assert view
    killed = len(amounts) > 1 and world.lots.random() < system.chance("killed")
    for amount in amounts[:1] if killed else amounts:
        row = run.write("counter", answer.unit.account, day, amount)
        row.observed, row.last_seen = view.total, max(view.rows, default=None)
        answer.rows.append(row)
        if system.form == "capped":
            row.committed = world.now
            yield world.wait(1, 4)
    yield world.wait(1, 6)
    for row in answer.rows:
        row.committed = row.committed or world.now
    if killed:
        answer.reason = "unknown"
    world.ledger.answers.append(answer)


def _amounts(system: System, owed: int) -> list[int]:
    """The rows of an answer."""
    sign, left = (1 if owed > 0 else -1), abs(owed)
    if not left:
        return []
    if system.form == "rounded":
        rounded = (left + 50) // 100 * 100
        return [sign * rounded] if rounded else []
    if system.form in {"split", "partial"} and left > 2:
        first = left * 100 // (100 + TAX) if system.form == "split" else left // 3
        return [sign * first, sign * (left - first)]
    if system.form == "capped":
        full, rest = divmod(left, CAP)
        return [sign * CAP] * full + [sign * rest] * bool(rest)
    return [sign * left]


def answer_one(run: Run, entry: Row, unit: Unit) -> Process:
    """Write the answer to one late entry without looking at anything else."""
    world, system, lots = run.world, run.system, run.world.lots
    if entry.counted:
        return
    yield world.wait(*system.think)
    account, day = _place(run, unit)
    amounts = _amounts(system, -entry.amount)
    answer = Answer([], unit, None, world.now, target=entry, is_again=run.is_again)
    if run.is_again:
        answer.reason = "repeated_job"
    for amount in amounts:
        row = run.write("counter", account, day, amount)
        row.answers = entry.number
        answer.rows.append(row)
        if system.form == "partial":
            row.committed = world.now
            yield lots.randint(1, 40) * SECOND
    yield world.wait(1, 6)
    for row in answer.rows:
        row.committed = row.committed or world.now
    if amounts:
        world.ledger.answers.append(answer)


def _place(run: Run, unit: Unit) -> tuple[str, date]:
    """Account and day of an answer to one entry, which may be wrong."""
    system, lots = run.system, run.world.lots
    account, day = unit.account, unit.day or unit.week
    open_day = system.first + timedelta(microseconds=run.world.now)
    if run.is_again and system.chance("again_open"):
        return account, open_day
    if lots.random() < system.chance("other_day"):
        day = unit.week + timedelta(days=(day.weekday() + lots.randint(1, 6)) % 7)
    elif lots.random() < system.chance("other_account"):
        account = str(int(account) % system.accounts + 1)
    elif lots.random() < system.chance("other_week"):
        day += timedelta(days=7 if unit.week == system.first else -7)
    elif lots.random() < system.chance("open_week"):
        day = open_day
    return account, day


def deliver(
    run_of: Callable[[int], Run], body: Callable[[Run], Process], entries: list[Row]
) -> None:
    """Hand a job to the workers, as a queue that delivers at least once, or not at all, does.

    Args:
        run_of: makes the run of an attempt.
        body: what a run does.
        entries: for which the job is.
    """
    first = run_of(1)
    world, system, lots = first.world, first.system, first.world.lots
    at = world.now + world.wait(*system.queue)
    if lots.random() < system.chance("lost"):
        world.ledger.lost |= {e.number for e in entries}
        return
    world.start(at, _begin(first, body))
    if lots.random() < system.chance("twice"):
        again = run_of(1)
        again.is_again = True
        world.start(at + lots.randint(0, 10 * MS), _begin(again, body))
    elif lots.random() < system.chance("again"):
        world.start(at + lots.randint(15 * SECOND, 60 * SECOND), _begin(run_of(2), body))
    elif lots.random() < system.chance("checkpoint"):
        first.checkpoint = {}
        again = run_of(2)
        again.checkpoint = first.checkpoint
        world.start(at + lots.randint(1 * SECOND, 40 * SECOND), _begin(again, body))


def _begin(run: Run, body: Callable[[Run], Process]) -> Process:
    run.began = run.world.now
    yield from body(run)
