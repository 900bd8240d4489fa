"""The copy of an export with what was planted in it, and an earlier one, in canonical form."""

import random
from collections.abc import Iterator, Sequence
from datetime import UTC, date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, NamedTuple

import duckdb
import pandas as pd

from settle_core import sql
from settle_core.audit.audit import Audit
from settle_core.errors import Fault
from settle_core.simulation.faults import FAULTY, HEALTHY, LATENESS_US
from settle_core.simulation.scenario import (
    MINUTE_US,
    OF_HISTORY,
    SECOND_US,
    Desk,
    LateRow,
    Office,
    Place,
    Planted,
)
from settle_core.simulation.schedule import OF_WEEK, play

# A scene at a desk takes less than this, so that it is over and past its grace by then.
SCENE_US: Final = 6 * 60 * MINUTE_US
LAG_US: Final = 24 * 60 * MINUTE_US


class Target(NamedTuple):
    """A settled week in which nothing happened late and nothing is wrong; the instant is UTC."""

    account_id: str
    currency: str
    week_start: date
    settled_us: int


class Habits(NamedTuple):
    """How an export's late rows come: amounts in minor units, and how long after settlement.

    `grain_us` is how fine its clock is; the rest says which columns its counter-entries fill.
    """

    amounts: tuple[int, ...]
    lags_us: tuple[int, ...]
    grain_us: int
    has_jobs: bool
    has_attempts: bool
    has_answers: bool


def of(audited: Audit, seed: int) -> Habits:
    """The habits of an audited export.

    Raises:
        Fault: it holds no amount at all.
    """
    minor = {"minor_per_major": 10**audited.ledger.scale}
    amounts = tuple(amount for (amount,) in _rows(audited, "amount", minor | {"seed": seed}))
    if not amounts:
        expected = "entries with an amount"
        raise Fault("nothing to plant", where=audited.export, expected=expected, found="none")
    lags = tuple(lag for (lag,) in _rows(audited, "lag", {"seed": seed}))
    ((seconds, milliseconds, *columns),) = _rows(audited, "style")
    grain = SECOND_US if seconds else 1000 if milliseconds else 1
    return Habits(amounts, lags or (LAG_US,), grain, *columns)


def targets(audited: Audit, seed: int, most: int) -> list[Target]:
    """At most so many weeks to plant a fault in, in random order."""
    limit = {"settled_by_us": last_us(audited) - SCENE_US, "seed": seed, "weeks_max": most}
    return [Target(*row) for row in _rows(audited, "quiet_week", limit)]


def last_us(audited: Audit) -> int:
    """The last instant at which a late entry is past its grace when the audit looks."""
    as_of = audited.as_of.replace(tzinfo=UTC).timestamp()
    return round(as_of) * SECOND_US - audited.ledger.profile.grace_us


def start_us(habits: Habits, target: Target, last: int, rng: random.Random) -> int:
    """When a scene in a week begins: as late as late entries come, but over by `last`."""
    lag = rng.choice(habits.lags_us)
    room = last - SCENE_US - target.settled_us
    return target.settled_us + (lag if lag <= room else rng.randint(1, max(1, room)))


def balancing(audited: Audit, account_id: str) -> tuple[str, str]:
    """The policy and the level of an account, as far as the audit could infer them."""
    profile, inferred = audited.ledger.profile, audited.inferred
    policy: str = profile.balancing.policy
    level: str = profile.balancing.level
    if policy == "auto":
        policy = inferred.policy.of_account(account_id) or inferred.policy.majority()
    if level == "auto":
        level = inferred.level.of_account(account_id) or inferred.level.majority()
    return policy, level


def first_entries(audited: Audit, weeks: list[Target]) -> Iterator[tuple[Target, str, date, int]]:
    """Each week's first entry: its id, day and amount in minor units."""
    import pandas as pd  # noqa: PLC0415  slow to import

    frame = pd.DataFrame(
        [(number, *week[:3]) for number, week in enumerate(weeks)],
        columns=["number", "account_id", "currency", "week_start"],
    )
    con = audited.ledger.con
    con.register("target", frame)
    minor = {"minor_per_major": 10**audited.ledger.scale}
    rows = _rows(audited, "first_entry", minor)
    con.unregister("target")
    for number, entry_id, day, amount in rows:
        yield weeks[number], entry_id, day, amount


def _rows(audited: Audit, name: str, parameters: dict[str, Any] | None = None) -> list[Any]:
    query = sql.text("simulation", f"inject/{name}")
    return audited.ledger.con.execute(query, parameters).fetchall()


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
        self.habits = habits = of(audited, seed)
        rng = random.Random(seed)  # noqa: S311  nothing here is a secret
        self.office = Office(
            rng,
            lambda: rng.choice(habits.amounts),
            grain_us=habits.grain_us,
            skew_us=audited.ledger.profile.skew_us,
            has_jobs=habits.has_jobs,
            has_answers=habits.has_answers,
        )
        self.last_us = last_us(audited)
        self.settlement_edits: list[tuple[object, ...]] = []
        self.edits: list[tuple[object, ...]] = []
        self.skipped: dict[str, str] = {}
        most = WEEKS_PER_FAULT * count * len(faults)
        self.targets = targets(audited, seed, most)
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
        if fault in FAULTY["sum"] and not any(self._accepts(t, fault) for t in self.targets):
            return "no account is balanced by the policy that can have it"
        return "the export's amounts cannot show it"

    def _accepts(self, target: Target, fault: str) -> bool:
        policy, _ = balancing(self.audited, target.account_id)
        has_time = fault != "slow" or target.settled_us < self.last_us - 2 * LATENESS_US
        return fault in FAULTY[policy] and has_time

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
        policy, level = balancing(self.audited, target.account_id)
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
            begin = start_us(self.habits, target, self.last_us, rng)
            if fault == "slow":
                begin = min(begin, self.last_us - 2 * LATENESS_US)
            by_week = tuple(days) if level == "week" else ()
            made = Desk(self.office, where, begin, days=by_week, elsewhere=elsewhere)
            if fault not in {"early", "misplaced"} and rng.random() < AFTER_HEALTHY:
                HEALTHY[policy][0](made)
                made.pause()
            return made

        ways = FAULTY[policy][fault]
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
            first = next(first_entries(self.audited, [self.targets.pop()]), None)
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


SETTLEMENT_EDIT: Final = {
    "account_id": "str",
    "currency": "str",
    "week_start": "object",
    "settled_off": "int64",
    "is_second": "bool",
}
EDIT: Final = {
    "entry_id": "str",
    "off": "int64",
    "effective_date": "object",
    "is_removed": "bool",
}
PROFILE: Final = """
money.scale = {scale}
money.currency = "{currency}"
calendar.week_start = "{week_start}"
clock.skew_seconds = {skew}
clock.grace_minutes = {grace}
balancing.policy = "{policy}"
balancing.level = "{level}"
"""


def write(transplant: Transplant, folder: Path) -> Path:
    """Write the copy in canonical form, and the profile to read it with.

    Returns:
        The profile's path, beside the copy's folder.
    """
    audited = transplant.audited
    profile = audited.ledger.profile
    con = audited.ledger.con
    scale = {"major_per_minor": str(Decimal(1).scaleb(-audited.ledger.scale))}
    rows = pd.DataFrame(transplant.office.rows, columns=list(LateRow._fields))
    for column in ("attempt", "answers"):  # empty ones would make it a column of floats
        rows[column] = rows[column].astype("Int64")
    con.register("planted_row", rows)
    _register(con, "settlement_edit", SETTLEMENT_EDIT, transplant.settlement_edits)
    are_numbers = str(con.table("entry").types[0]) == "BIGINT"
    style = {"ids_are_numbers": are_numbers, "has_attempts": transplant.habits.has_attempts}
    # The earlier export has all that was planted, but for what was then edited or removed.
    for place, edits in ((folder / "previous", []), (folder, transplant.edits)):
        place.mkdir(parents=True, exist_ok=True)
        _register(con, "edit", EDIT, edits)
        entries = con.sql(sql.text("simulation", "inject/entry"), params=scale | style)
        audited.ledger.write_parquet(entries, place / "entries.parquet")
        settlements = con.sql(sql.text("simulation", "inject/settlement"), params=scale)
        audited.ledger.write_parquet(settlements, place / "settlements.parquet")
    for name in ("planted_row", "settlement_edit", "edit"):
        con.unregister(name)
    path = folder.with_suffix(".toml")
    text = PROFILE.format(
        scale=audited.ledger.scale,
        currency=profile.money.currency,
        week_start=profile.calendar.week_start,
        skew=profile.clock.skew_seconds,
        grace=profile.clock.grace_minutes,
        policy=profile.balancing.policy,
        level=profile.balancing.level,
    )
    path.write_text(text, "utf-8")
    return path


def _register(
    con: duckdb.DuckDBPyConnection, name: str, columns: dict[str, str], rows: list[Any]
) -> None:
    frame = pd.DataFrame(rows, columns=list(columns)).astype(columns)
    con.register(name, frame)
