"""What happens to a simulated system: orders, settlements, late entries, clerks, lost rows."""

from datetime import date, timedelta

from simulator.clock import Process, World
from simulator.ledger import DAY, HOUR, MS, SECOND, WEEK, Answer, Change, Row, Unit
from simulator.system import System
from simulator.workers import Run, answer_one, check, deliver

USUAL = (1500, 2500, 4990, 10000, 12900)
FEW = (1000, 2500)


class Traffic:
    """All that goes on in one system."""

    def __init__(self, world: World, system: System) -> None:
        """Name the accounts and weeks."""
        self.world, self.system, self.lots = world, system, world.lots
        self.accounts = [str(a) for a in range(1, system.accounts + 1)]
        self.weeks = [system.first + timedelta(weeks=w) for w in range(system.weeks)]

    def of(self, account: str, week: date) -> System:
        """The system that balances an account in a week."""
        system = self.system
        if system.others:
            every = (system, *system.others)
            system = every[int(account) % len(every)]
        if system.then and week >= self.weeks[len(self.weeks) // 2]:
            system = system.then
        return system

    def begin(self) -> None:
        """Start everything; `World.run` lets it happen."""
        for number, week in enumerate(self.weeks):
            for account in self.accounts:
                self.begin_week(account, week, number)
                self.afterwards(account, week, number)
        for _ in range(self.system.bursts):
            self.plan_burst()
        if any(s.jobs == "nightly" for s in (self.system, *self.system.others)):
            for night in range(7, (len(self.weeks) + 3) * 7):
                self.world.start(night * DAY + 26 * HOUR, self.nightly())
        if not self.system.as_found:
            end = (len(self.weeks) + 3) * WEEK + 12 * HOUR
            day = self.system.first + timedelta(days=end // DAY)
            for account in self.accounts:
                self.world.start(end, self.on_time(account, day))

    def begin_week(self, account: str, week: date, number: int) -> None:
        """Let a week have its orders and its settlement, if it has one."""
        if self.lots.random() < self.system.chance("unsettled"):
            return
        for _ in range(self.lots.randint(1, 4)):
            at = number * WEEK + self.lots.randint(8 * HOUR, WEEK - 4 * HOUR)
            day = week + timedelta(days=at // DAY % 7)
            self.world.start(at, self.on_time(account, day))
        at = (number + 1) * WEEK + 3 * HOUR
        settled_at = at + self.lots.randint(0, 30 * SECOND)
        self.world.start(settled_at, self.settlement(account, week))
        if self.system.border:
            self.world.start(
                at + self.lots.randint(-SECOND, 31 * SECOND), self.burst(account, week)
            )

    def plan_burst(self) -> None:
        """Let late entries come some time after a settlement."""
        number = self.lots.randrange(len(self.weeks))
        account = self.lots.choice(self.accounts)
        at = (number + 1) * WEEK + self.lots.randint(4 * HOUR, 12 * DAY)
        if self.system.hot:
            number, account = 0, self.accounts[0]
            at = 8 * DAY + self.lots.randint(0, self.system.bursts * 700 * MS)
        elif self.system.zone:  # the night in which an hour comes twice
            at = at % HOUR + 19 * DAY + 23 * HOUR + self.lots.randrange(4) * HOUR
            number = min(number, 1)
        self.world.start(at, self.burst(account, self.weeks[number]))

    def amount(self) -> int:
        """An amount of a late entry."""
        lots = self.lots
        often = {"any": 0.0, "usual": 0.5, "few": 1.0}[self.system.amounts]
        kinds = FEW if self.system.amounts == "few" else USUAL
        amount = lots.choice(kinds) if lots.random() < often else lots.randint(100, 20_000)
        return -amount if lots.random() < self.system.chance("negative") else amount

    def on_time(self, account: str, day: date) -> Process:
        """An entry in its own week."""
        row = Run(self.world, self.system, "").write("entry", account, day, self.amount())
        row.committed, row.memo = self.world.now, "order"
        yield 0

    def settlement(self, account: str, week: date) -> Process:
        """Fix the week; now and then once more, days later."""
        world = self.world
        slow = self.lots.randint(0, 1500 * MS) if self.system.border else 0
        world.ledger.settle(account, week, world.now, world.stamp(0) + slow)
        yield 0
        if self.lots.random() < self.system.chance("resettle"):
            yield self.lots.randint(2 * DAY, 9 * DAY)
            for row in world.ledger.rows:
                row.counted = row.counted and (row.account, row.week) != (account, week)
            world.ledger.settle(account, week, world.now, world.stamp(0))

    def burst(self, account: str, week: date) -> Process:
        """Some late entries for one day, and what answers them."""
        system, world, lots = self.of(account, week), self.world, self.lots
        day = week if system.hot else week + timedelta(days=lots.randrange(7))
        unit = Unit(account, week, day if system.level == "day" else None)
        run = Run(world, system, world.job())
        entries: list[Row] = []
        for _ in range(lots.randint(1, system.burst_max)):
            if system.jobs == "inline":
                yield from world.lock(account)
            name = run.job if system.jobs == "burst" else world.job()
            entry = self.late(Run(world, system, name), account, unit, day)
            entries.append(entry)
            if system.jobs == "inline":
                yield from self.inline(entry, unit, name)
                continue
            yield world.wait(1, 5)
            entry.committed = world.now
            if system.jobs == "entry":
                self.enqueue(entry, unit, name)
            yield lots.randint(0, system.spread)
        if system.jobs == "burst":
            self.enqueue_burst(entries, unit, run.job)
        if lots.random() < system.chance("fix"):
            world.start(world.now + lots.randint(4 * HOUR, 3 * DAY), self.fix(unit, day))

    def late(self, run: Run, account: str, unit: Unit, day: date) -> Row:
        """A late entry, not yet committed."""
        where = day if unit.day else unit.week + timedelta(days=self.lots.randrange(7))
        entry = run.write("entry", account, where, self.amount())
        entry.memo = "late"
        return entry

    def inline(self, entry: Row, unit: Unit, job: str) -> Process:
        """Answer an entry in its own transaction, under a lock that is held already."""
        run = Run(self.world, self.system, job)
        entry.committed = self.world.now  # seen by its own transaction; by others with the answer
        yield 0
        view = run.read(unit)
        if view.total and self.world.ledger.is_settled(unit):
            row = run.write("counter", entry.account, entry.day, -view.total)
            row.committed = self.world.now
            self.world.ledger.answers.append(Answer([row], unit, view, view.asked))
        self.world.unlock(entry.account)

    def enqueue(self, entry: Row, unit: Unit, job: str) -> None:
        """A job for one entry."""
        system = self.of(unit.account, unit.week)

        def body(run: Run) -> Process:
            if system.policy == "delta":
                return answer_one(run, entry, unit)
            return check(run, unit, entry.day)

        deliver(lambda attempt: Run(self.world, system, job, attempt), body, [entry])

    def enqueue_burst(self, entries: list[Row], unit: Unit, job: str) -> None:
        """One job for all entries of a burst, with a check after each."""
        system = self.of(unit.account, unit.week)

        def body(run: Run) -> Process:
            for entry in entries:
                if system.policy == "delta":
                    yield from answer_one(run, entry, unit)
                else:
                    yield from check(run, unit, entry.day)
                yield self.world.wait(*system.pause)

        deliver(lambda attempt: Run(self.world, system, job, attempt), body, entries)

    def nightly(self) -> Process:
        """Check every day that is off; now and then the batch is started twice."""
        twice = self.lots.random() < self.system.chance("twice")
        for number in range(1 + twice):
            self.world.start(
                self.world.now + number * self.lots.randint(0, 40 * MS),
                self.batch(Run(self.world, self.system, self.world.job())),
            )
        yield 0

    def batch(self, run: Run) -> Process:
        """All differences are computed first, then the answers are posted."""
        run.began = self.world.now
        units = {
            Unit(r.account, r.week, r.day if self.system.level == "day" else None)
            for r in self.world.ledger.rows
            if r.kind == "entry" and not r.counted
        }
        settled = {(s.account, s.week) for s in self.world.ledger.settled}
        views = {
            unit: run.read(unit)
            for unit in sorted(units, key=str)
            if (unit.account, unit.week) in settled
            and self.of(unit.account, unit.week).jobs == "nightly"
        }
        for unit, view in views.items():
            if view.total:
                yield from check(run, unit, unit.day or unit.week, view)

    def fix(self, unit: Unit, day: date) -> Process:
        """A clerk posts what a day is off by."""
        total = self.world.ledger.read(unit, self.world.now).total
        yield 0
        if total:
            run = Run(self.world, self.system, "")
            row = run.write(self.system.fix_kind, unit.account, unit.day or day, -total)
            row.committed, row.memo = self.world.now, "manual fix"
            self.world.ledger.fixes.append(row)

    def afterwards(self, account: str, week: date, number: int) -> None:
        """Draw what becomes of a settled week's rows later."""
        settled_at = (number + 1) * WEEK + 4 * HOUR
        for what in ("edit", "remove", "move_week", "move_account", "replace"):
            if self.lots.random() < self.system.chance(what):
                begin = self.system.earlier if self.system.previous else settled_at
                at = begin + self.lots.randint(HOUR, 10 * DAY)
                self.world.start(at, self.tamper(what, account, week))
        for what in ("orphan", "wrong_correction"):
            if self.lots.random() < self.system.chance(what):
                late = 10 * DAY if what == "orphan" else 16 * DAY
                at = settled_at + late + self.lots.randint(HOUR, 2 * DAY)
                self.world.start(at, self.out_of_nowhere(what, account, week))

    def out_of_nowhere(self, what: str, account: str, week: date) -> Process:
        """A row without any reason."""
        kind = "counter" if what == "orphan" else "correction"
        day = week + timedelta(days=self.lots.randrange(7))
        job = self.world.job() if what == "orphan" else ""
        row = Run(self.world, self.system, job).write(kind, account, day, self.amount() + 7)
        row.committed, row.memo = self.world.now, what
        yield 0
        unit = Unit(account, week, day if self.system.level == "day" else None)
        self.world.ledger.answers.append(Answer([row], unit, None, self.world.now, None, what))

    def tamper(self, what: str, account: str, week: date) -> Process:
        """Change a row that the settlement holds."""
        ledger, lots = self.world.ledger, self.lots
        yield 0
        rows = [
            r
            for r in ledger.rows
            if r.account == account and r.week == week and r.counted and not r.final
        ]
        if not rows:
            return
        row = lots.choice(rows)
        now = self.world.now
        gone = Change(now, row.account, row.day, -row.amount, row.number)
        if what == "edit":
            more = lots.choice((-1, 1)) * lots.randint(1, 40) * 50
            if row.amount + more == 0:
                return
            row.final = row.account, row.day, row.amount + more
            ledger.changes.append(gone._replace(amount=more))
        elif what in {"remove", "replace"}:
            row.removed = True
            row.final = row.stands
            ledger.changes.append(gone)
        else:
            at = account, row.day + timedelta(days=7 if week == self.weeks[0] else -7)
            if what == "move_account":
                at = str(int(account) % self.system.accounts + 1), row.day
            if not any((s.account, s.week) == (at[0], week_of(at[1])) for s in ledger.settled):
                return
            row.final = *at, row.amount
            ledger.changes += [gone, Change(now, *at, row.amount, row.number)]
        if what == "replace":
            again = Run(self.world, self.system, "").write("entry", account, row.day, row.amount)
            again.committed, again.memo = now, "posted again"
            ledger.fixes.append(again)


def week_of(day: date) -> date:
    """The Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def simulate(system: System, seed: int) -> World:
    """Let a system work; what came of it is in the world's ledger."""
    world = World(f"{system.name} {seed}", system.offsets, system.jitter)
    Traffic(world, system).begin()
    world.run()
    return world
