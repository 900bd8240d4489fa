"""What happens where in a simulated system: its accounts, weeks and days."""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Final, NamedTuple

from settle_core import act, routine
from settle_core.desk import MINUTE_US, Desk, Office
from settle_core.errors import Fault
from settle_core.plan import CROWDED, FIRST_WEEK, OF_WEEK, Plan, late_entries
from settle_core.planted import OF_HISTORY, Place

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
        while fault not in act.FAULTY[plan.policy_of(where[0])] and fault in act.FAULTY["sum"]:
            where = self.week()
        if fault in (*OF_WEEK, *OF_HISTORY):
            self.used[where] = set(range(7))
            week_start = FIRST_WEEK + timedelta(weeks=where[1])
            self.week_faults.append(WeekFault(fault, number, where[0], week_start))
            return
        ways = act.FAULTY[plan.policy_of(where[0])][fault]
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
                routine.HEALTHY[policy][0](desk)
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
            rng.choice(routine.HEALTHY[plan.policy_of(where[0])])(desk)
            count += sum(row.kind == "entry" for row in desk.rows)


def place_of(where: tuple[int, int], weekday: int) -> Place:
    """The place of an account, the number of a week from 0, and a day of it."""
    week_start = FIRST_WEEK + timedelta(weeks=where[1])
    return Place(str(where[0]), CURRENCY, week_start, week_start + timedelta(days=weekday))


def play(
    office: Office, way: act.Act, set_up: Callable[[], Desk], name: tuple[str, int]
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
