"""What happens where in a simulated system: its accounts, weeks and days."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

from settle_core import contract
from settle_core.errors import Fault
from settle_core.simulation.faults import FAULTY, HEALTHY, Act
from settle_core.simulation.scenario import MINUTE_US, OF_HISTORY, Desk, Office, Place

FIRST_WEEK: Final = date(2026, 1, 5)
# Faults of a week's settlement or history; the others happen at a desk.
OF_WEEK: Final = ("settled_amount_mismatch", "duplicate_settlement")
FAULTS: Final = (*FAULTY["sum"], *OF_WEEK, *OF_HISTORY, "id_gap")
# More scenes than this share of the weeks, or days, would leave no room to choose.
CROWDED: Final = 0.5


@dataclass(frozen=True)
class Plan:
    """What is simulated; see `simulate.simulate`."""

    seed: int
    accounts: int
    weeks: int
    entries_per_week: int
    late_share: float
    faults: Mapping[str, int]
    policy: str
    level: str
    job_ids: bool

    @property
    def entries(self) -> int:
        """How many are written in time."""
        return self.accounts * self.weeks * self.entries_per_week

    @property
    def last_week(self) -> date:
        """The one week that is not settled."""
        return FIRST_WEEK + timedelta(weeks=self.weeks - 1)

    def policy_of(self, account: int) -> str:
        """How an account is balanced; mixed: every other one by each policy."""
        return ("sum", "delta")[account % 2] if self.policy == "mixed" else self.policy

    def level_of(self, account: int) -> str:
        """What its counter-entries restore; mixed: two accounts the day, two the week."""
        return ("day", "week")[account // 2 % 2] if self.level == "mixed" else self.level


def check(plan: Plan) -> None:
    """Raise a Fault if a value is out of range, or a policy cannot have a fault."""

    def demand(ok: bool, name: str, expected: str, found: object) -> None:  # noqa: FBT001
        if not ok:
            raise Fault("bad value", where=name, expected=expected, found=repr(found))

    demand(plan.accounts >= 1, "accounts", ">= 1", plan.accounts)
    two_weeks = 2  # one settled, one not
    demand(plan.weeks >= two_weeks, "weeks", ">= 2", plan.weeks)
    demand(plan.entries_per_week >= 1, "entries_per_week", ">= 1", plan.entries_per_week)
    demand(0 <= plan.late_share <= 1, "late_share", "0 to 1", plan.late_share)
    demand(plan.policy in {*contract.POLICIES, "mixed"}, "policy", "sum, delta, mixed", plan.policy)
    demand(plan.level in {*contract.LEVELS, "mixed"}, "level", "day, week or mixed", plan.level)
    for name, count in plan.faults.items():
        demand(name in FAULTS, "faults", f"one of {', '.join(FAULTS)}", name)
        demand(count >= 0, f"faults, {name}", ">= 0", count)
    # Where gaps are more than that, they are usual, and the rule is silent.
    gaps, most = plan.faults.get("id_gap", 0), 1 + plan.entries // 1000
    demand(gaps <= most, "faults, id_gap", f"at most {most} in so few entries", gaps)
    if plan.faults.get("masked") and plan.policy == "delta":
        raise Fault(
            "the delta policy never masks a fault",
            where="faults",
            expected="policy sum or mixed",
            found="masked",
            todo="leave it out, or choose another policy",
        )


def late_entries(plan: Plan) -> int:
    """How many late entries a plan wants, if there is room for them and for its faults."""
    weeks = plan.accounts * (plan.weeks - 1)
    faults = sum(plan.faults.values()) + plan.faults.get("misplaced", 0)
    late = round(weeks * plan.entries_per_week * plan.late_share)
    slots = weeks * (7 if plan.level == "day" else 1) - 7 * faults
    for what, count, room in (("faults", faults, weeks), ("late entries", late, slots)):
        if count > CROWDED * room:
            raise Fault(
                f"too many {what} for so few weeks",
                expected=f"at most {max(0, int(CROWDED * room))}",
                found=str(count),
                todo="simulate more accounts or weeks",
            )
    return late


SETTLED_AFTER: Final = timedelta(days=7, hours=3)
LAG_MINUTES: Final = (60, 4 * 24 * 60)
CURRENCY: Final = "EUR"
TRIES: Final = 50
AT_ONCE: Final = 0.2


class WeekFault(NamedTuple):
    """A fault that is planted in a week's settlement or history, not written by anybody."""

    fault: str
    number: int
    account: int
    week_start: date


@dataclass
class Roster:
    """The scenes of a plan, played: late rows and truth in `office`, the rest in `week_faults`."""

    plan: Plan
    office: Office
    week_faults: list[WeekFault] = field(default_factory=list)
    # (account, week) -> the days in use.
    used: dict[tuple[int, int], set[int]] = field(default_factory=dict)

    def week(self) -> tuple[int, int]:
        """A settled week that nothing has happened in: account and number."""
        rng = self.office.rng
        while True:
            found = (rng.randint(1, self.plan.accounts), rng.randrange(self.plan.weeks - 1))
            if found not in self.used:
                return found

    def desk(self, where: tuple[int, int], weekday: int, elsewhere: Place | None = None) -> Desk:
        """A desk some hours or days after its week was settled. Its day or week is then in use."""
        account, _ = where
        rng = self.office.rng
        place = place_of(where, weekday)
        days = tuple(place.week_start + timedelta(days=d) for d in rng.sample(range(7), 7))
        by_week = self.plan.level_of(account) == "week"
        self.used.setdefault(where, set()).update(range(7) if by_week else (weekday,))
        settled = datetime.combine(place.week_start, datetime.min.time(), UTC) + SETTLED_AFTER
        lag = rng.randint(LAG_MINUTES[0] * MINUTE_US, LAG_MINUTES[1] * MINUTE_US)
        start_us = round(settled.timestamp()) * 1_000_000 + lag
        return Desk(self.office, place, start_us, days=days if by_week else (), elsewhere=elsewhere)

    def plant(self, fault: str, number: int) -> None:
        """Let a fault happen, in a week of its own."""
        rng, plan = self.office.rng, self.plan
        where = self.week()
        while fault not in FAULTY[plan.policy_of(where[0])] and fault in FAULTY["sum"]:
            where = self.week()
        if fault in (*OF_WEEK, *OF_HISTORY):
            self.used[where] = set(range(7))
            week_start = FIRST_WEEK + timedelta(weeks=where[1])
            self.week_faults.append(WeekFault(fault, number, where[0], week_start))
            return
        ways = FAULTY[plan.policy_of(where[0])][fault]
        weekday = rng.randrange(7)
        play(
            self.office,
            ways[number % len(ways)],
            lambda: self._faulty_desk(fault, number, where, weekday),
            (fault, number),
        )

    def _faulty_desk(self, fault: str, number: int, where: tuple[int, int], weekday: int) -> Desk:
        if fault != "misplaced":
            desk = self.desk(where, weekday)
            if fault not in {"early", "misplaced"} and self.office.rng.random() < CROWDED:
                policy = self.plan.policy_of(where[0])
                HEALTHY[policy][0](desk)
                desk.pause()
            return desk
        account, week = where
        # In a mix nothing tells that this account's week is not balanced as a whole.
        if number % 3 == 0 and self.plan.level == "day":
            target, day = where, (weekday + 3) % 7
        else:
            target, day = self._other(account, week, same_account=number % 3 == 1), weekday
        self.used[where] = self.used[target] = set(range(7))
        return self.desk(where, weekday, place_of(target, day))

    def _other(self, account: int, week: int, *, same_account: bool) -> tuple[int, int]:
        """An earlier week of the account, or the same week of another one."""
        rng, plan = self.office.rng, self.plan
        for _ in range(TRIES):
            found = (account, rng.randrange(week) if week else week)
            if not same_account or not week:
                found = (rng.randint(1, plan.accounts), week)
            if found not in self.used and found != (account, week):
                return found
        raise Fault(
            "no room to misplace a counter-entry",
            where="faults",
            todo="simulate more accounts or weeks",
        )

    def fill(self, wanted: int) -> None:
        """Let healthy late entries happen, on days where nothing else does, up to a number."""
        rng, plan = self.office.rng, self.plan
        count = sum(row.kind == "entry" for row in self.office.rows)
        start_us = 0
        where = (0, 0)
        while count < wanted:
            if not start_us:
                where = (rng.randint(1, plan.accounts), rng.randrange(plan.weeks - 1))
            weekday = rng.randrange(7)
            by_week = plan.level_of(where[0]) == "week"
            in_use = self.used.get(where, set())
            if weekday in in_use or (in_use and by_week):
                start_us = 0
                continue
            desk = self.desk(where, weekday)
            desk.now_us = start_us or desk.now_us
            # Sometimes another day of the week is at work at the same time.
            start_us = desk.now_us if rng.random() < AT_ONCE and not by_week else 0
            rng.choice(HEALTHY[plan.policy_of(where[0])])(desk)
            count += sum(row.kind == "entry" for row in desk.rows)


def place_of(where: tuple[int, int], weekday: int) -> Place:
    """The place of an account, the number of a week from 0, and a day of it."""
    week_start = FIRST_WEEK + timedelta(weeks=where[1])
    return Place(str(where[0]), CURRENCY, week_start, week_start + timedelta(days=weekday))


def play(
    office: Office, way: Act, set_up: Callable[[], Desk], name: tuple[str, int]
) -> Desk | None:
    """Let a fault happen once; where amounts happen to make it none, again with others.

    Returns:
        The desk; None where it never came to the findings that the fault is to lead to.
    """
    before = len(office.rows)
    for _ in range(TRIES):
        desk = set_up()
        way.play(desk)
        if tuple(each.rule for each in desk.planted) == way.rules:
            office.planted += [p._replace(fault=name[0], number=name[1]) for p in desk.planted]
            return desk
        del office.rows[before:]
    return None


def played(plan: Plan) -> Roster:
    """The scenes of a plan.

    Raises:
        Fault: there is no room for so many faults or late entries.
    """
    rng = random.Random(plan.seed)  # noqa: S311  nothing here is a secret
    office = Office(rng, lambda: _amount(rng), has_jobs=plan.job_ids, first_key=plan.entries)
    roster = Roster(plan, office)
    wanted = late_entries(plan)
    for fault, count in plan.faults.items():
        for number in range(count):
            if fault != "id_gap":
                roster.plant(fault, number)
    roster.fill(wanted)
    return roster


def _amount(rng: random.Random) -> int:
    """An amount of a late entry in cents; every tenth a round one, every fifth negative."""
    cents = rng.randint(100, 250_000)
    if rng.random() < 0.1:  # noqa: PLR2004
        cents = 1000 * (1 + cents // 1000)
    return -cents if rng.random() < 0.2 else cents  # noqa: PLR2004
