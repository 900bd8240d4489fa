"""A copy of an analyst's export with faults planted in it. The export itself is only read."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Final

from settle_core import act, habit, routine
from settle_core.audit import Audit
from settle_core.desk import Desk, Office
from settle_core.habit import Target
from settle_core.plan import OF_WEEK
from settle_core.planted import OF_HISTORY, Place, Planted
from settle_core.roster import play

# Half of the scenes come after healthy balancing on the same day.
AFTER_HEALTHY: Final = 0.5
# Weeks looked at for each fault that is wanted: a misplaced counter-entry needs two.
WEEKS_PER_FAULT: Final = 3


class Transplant:
    """Plants faults for an audited export, and writes the copy.

    Attributes:
        planted: what must be found in the copy, beyond what is found in the export.
        skipped: fault -> why none, or fewer than wanted, of it could be planted.
    """

    def __init__(self, audited: Audit, faults: Sequence[str], count: int, seed: int) -> None:
        self.audited = audited
        self.habits = habits = habit.of(audited, seed)
        rng = random.Random(seed)  # noqa: S311  nothing here is a secret
        self.office = Office(
            rng,
            lambda: rng.choice(habits.amounts),
            grain_us=habits.grain_us,
            skew_us=audited.ledger.profile.skew_us,
            has_jobs=habits.has_jobs,
            has_answers=habits.has_answers,
        )
        self.last_us = habit.last_us(audited)
        self.settlement_edits: list[tuple[object, ...]] = []
        self.edits: list[tuple[object, ...]] = []
        self.skipped: dict[str, str] = {}
        most = WEEKS_PER_FAULT * count * len(faults)
        self.targets = habit.targets(audited, seed, most)
        # In turns, so that an export with little room gets some of every fault.
        for number in range(count):
            for fault in faults:
                if fault not in self.skipped and not self._plant(fault, number):
                    self.skipped[fault] = f"{number} of {count}: {self._why_not(fault)}"

    @property
    def planted(self) -> list[Planted]:
        """What was planted, and the weeks that this leaves off their settled amount."""
        return self.office.truth()

    def _why_not(self, fault: str) -> str:
        if not self.targets:
            return "no more quiet settled weeks"
        if fault in act.FAULTY["sum"] and not any(self._accepts(t, fault) for t in self.targets):
            return "no account is balanced by the policy that can have it"
        return "the export's amounts cannot show it"

    def _accepts(self, target: Target, fault: str) -> bool:
        policy, _ = habit.balancing(self.audited, target.account_id)
        has_time = fault != "slow" or target.settled_us < self.last_us - 2 * act.LATENESS_US
        return fault in act.FAULTY[policy] and has_time

    def _plant(self, fault: str, number: int) -> bool:
        if fault in OF_WEEK:
            return self._plant_settlement(fault, number)
        if fault in OF_HISTORY:
            return self._plant_history(fault, number)
        fitting = (k for k, target in enumerate(self.targets) if self._accepts(target, fault))
        place = next(fitting, None)
        if place is None:
            return False
        target = self.targets.pop(place)
        policy, level = habit.balancing(self.audited, target.account_id)
        rng = self.office.rng
        days = [target.week_start + timedelta(days=day) for day in rng.sample(range(7), 7)]
        where = Place(*target[:3], days[0])
        elsewhere = None
        if fault == "misplaced":
            elsewhere = self._elsewhere(target, days[0], number)
            if elsewhere is None and level == "week":
                return False
            elsewhere = elsewhere or where._replace(day=days[1])

        def desk() -> Desk:
            begin = habit.start_us(self.habits, target, self.last_us, rng)
            if fault == "slow":
                begin = min(begin, self.last_us - 2 * act.LATENESS_US)
            by_week = tuple(days) if level == "week" else ()
            made = Desk(self.office, where, begin, days=by_week, elsewhere=elsewhere)
            if fault not in {"early", "misplaced"} and rng.random() < AFTER_HEALTHY:
                routine.HEALTHY[policy][0](made)
                made.pause()
            return made

        ways = act.FAULTY[policy][fault]
        return play(self.office, ways[number % len(ways)], desk, (fault, number)) is not None

    def _elsewhere(self, target: Target, day: date, number: int) -> Place | None:
        """The weekday in an earlier quiet week of the account, or that day of another account.

        Every third time, and where there is none: None.
        """
        for other in self.targets if number % 3 else ():
            is_account = number % 3 == 1 and other.account_id == target.account_id
            is_week = number % 3 != 1 and other.week_start == target.week_start
            is_settled = other.settled_us <= target.settled_us
            if (is_account or is_week) and is_settled and other.currency == target.currency:
                self.targets.remove(other)
                return Place(*other[:3], other.week_start + (day - target.week_start))
        return None

    def _plant_settlement(self, fault: str, number: int) -> bool:
        if not self.targets:
            return False
        target = self.targets.pop()
        off = self.office.draw()
        is_second = fault == "duplicate_settlement"
        off *= number % 2 if is_second else 1
        self.settlement_edits.append((*target[:3], off, is_second))
        self._note(fault, number, target, 0 if is_second else off)
        return True

    def _plant_history(self, fault: str, number: int) -> bool:
        """Edit or remove a week's first entry since an earlier export."""
        first = None
        while self.targets and first is None:
            first = next(habit.first_entries(self.audited, [self.targets.pop()]), None)
        if first is None:
            return False
        target, entry_id, day, amount = first
        moved = target.week_start + timedelta(days=((day - target.week_start).days + 1) % 7)
        is_removed = fault == "missing_history"
        effect = -amount if is_removed else self.office.draw() * (1 - number % 2)
        edit = (entry_id, 0 if is_removed else effect, day if effect else moved, is_removed)
        self.edits.append(edit)
        self._note(fault, number, target, effect)
        if effect:
            self._note(fault, number, target, effect, rule="settled_amount_mismatch")
        return True

    def _note(
        self, fault: str, number: int, target: Target, effect: int, *, rule: str = ""
    ) -> None:
        """Note that a week will be found, by the rule of the fault's name or another one."""
        self.office.planted.append(
            Planted(
                fault=fault,
                number=number,
                rule=rule or fault,
                status="open",
                cause="unknown",
                account_id=target.account_id,
                currency=target.currency,
                week_start=target.week_start,
                effective_date=None,
                key=None,
                amount=effect,
                expected_amount=0,
                effect=effect,
            )
        )
