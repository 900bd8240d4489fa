"""Systems that round their counter-entries: what that leaves off is told, and faults beside it."""

import decimal
import random
from collections import Counter
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from settle_core.audit import audit
from settle_core.audit.audit import Audit
from settle_core.reconcile.search.rounding import MODES, Rounding, rounded

BY_DECIMAL = {
    "half_up": decimal.ROUND_HALF_UP,
    "half_even": decimal.ROUND_HALF_EVEN,
    "half_down": decimal.ROUND_HALF_DOWN,
    "down": decimal.ROUND_DOWN,
    "up": decimal.ROUND_UP,
    "floor": decimal.ROUND_FLOOR,
    "ceil": decimal.ROUND_CEILING,
}
BEGIN = datetime(2026, 3, 23, 9, tzinfo=UTC)
DAY = date(2026, 3, 2)
SETTLED_AT = "2026-03-23T03:00:00Z"
HEAD = "entry_id,account_id,effective_date,amount,kind,recorded_at,job_id"


def by_decimal(owed: int, step: int, mode: str) -> int:
    steps = (Decimal(owed) / step).to_integral_value(BY_DECIMAL[mode])
    return int(steps) * step


class Late(NamedTuple):
    """A row of a system that is written down here."""

    account: int
    day: date
    amount: int
    kind: str
    at: datetime
    job: str


class System:
    """Bursts of late entries; a job each, or one that looks at the sum of the day.

    `off`: by row number the class of what is wrong and its effect. `exact`: accounts whose answers
    are not rounded; `between`: by how much each amount is beyond a whole step, any if None, but for
    a share that are whole ones.
    """

    def __init__(  # noqa: PLR0913  the kinds of system
        self,
        policy: str,
        step: int,
        mode: str,
        fault: str = "",
        *,
        exact: Collection[int] = (),
        bursts: int = 58,
        between: int | None = None,
        whole_share: float = 0,
    ) -> None:
        self.policy, self.step, self.mode, self.fault = policy, step, mode, fault
        self.exact, self.between, self.whole_share = exact, between, whole_share
        self.lots = random.Random(f"{policy} {step} {mode} {fault}")  # noqa: S311 - no secret
        self.rows: list[Late] = []
        self.off: dict[int, tuple[str, int]] = {}
        for number in range(bursts):
            at = BEGIN + timedelta(hours=number)
            place = self.lots.randint(1, 5), DAY + timedelta(days=self.lots.randrange(21))
            is_faulty = number % 7 == 3
            (self.by_delta if policy == "delta" else self.by_sum)(place, at, is_faulty=is_faulty)

    def add(self, place: tuple[int, date], amount: int, kind: str, at: datetime, job: str) -> int:
        self.rows.append(Late(*place, amount, kind, at, job))
        return len(self.rows)

    def amount(self) -> int:
        """More than a step, as what is faulty is to be seen."""
        amount = self.lots.randint(2 * self.step, 40_000 + 2 * self.step) // self.step * self.step
        if self.whole_share and self.lots.random() < self.whole_share:
            return amount
        return amount + (self.between or self.lots.randint(1, self.step - 1))

    def by_delta(self, place: tuple[int, date], at: datetime, *, is_faulty: bool) -> None:
        for k in range(self.lots.choice([1, 1, 2, 3])):
            job, seconds = f"j{len(self.rows)}", timedelta(seconds=9 * k)
            amount = self.amount()
            entry = self.add(place, amount, "entry", at + seconds, job)
            self.answer(place, -amount, at + seconds, job, entry if is_faulty and not k else 0)

    def by_sum(self, place: tuple[int, date], at: datetime, *, is_faulty: bool) -> None:
        left = sum(row.amount for row in self.rows if (row.account, row.day) == place)
        job, total = f"j{len(self.rows)}", 0
        for k in range(self.lots.choice([1, 1, 2, 3])):
            total += self.amount()
            there = sum(row.amount for row in self.rows if row.job == job)
            entry = self.add(place, total - there, "entry", at + timedelta(milliseconds=9 * k), job)
        row = self.answer(place, -left - total, at, job, entry if is_faulty else 0)
        effect = self.rows[row - 1].amount + total
        is_wrong = is_faulty and self.fault == "wrong"
        what = "rounded" if abs(effect) < 2 * self.step else "takes back"
        self.off.pop(row, None)
        if effect:
            self.off[row] = "wrong" if is_wrong else what, effect

    def answer(
        self, place: tuple[int, date], owed: int, at: datetime, job: str, faulty: int
    ) -> int:
        """Post it, or do what the fault does to the answer of an entry."""
        is_exact = place[0] in self.exact
        amount = owed if is_exact else by_decimal(owed, self.step, self.mode)
        if faulty and self.fault == "lost":
            self.off[faulty] = "lost", self.rows[faulty - 1].amount
            return faulty
        if faulty and self.fault == "wrong":
            amount += 11 * self.step
        row = self.add(place, amount, "counter", at + timedelta(milliseconds=50), job)
        if amount != owed:
            is_wrong = faulty and self.fault == "wrong"
            self.off[row] = "wrong" if is_wrong else "rounded", amount - owed
        if faulty and self.fault == "twice":
            apart = timedelta(seconds=20) if self.policy == "delta" else timedelta(milliseconds=90)
            self.off[self.add(place, amount, "counter", at + apart, job)] = "twice", amount
        return row

    def audited(self, folder: Path) -> Audit:
        lines = [HEAD, "t,1,2026-03-02,1.00,entry,2026-03-02T09:00:00Z,j"]
        for number, row in enumerate(self.rows, 1):
            amount = Decimal(row.amount).scaleb(-2)
            at = row.at.isoformat()
            lines.append(f"{number},{row.account},{row.day},{amount},{row.kind},{at},{row.job}")
        (folder / "entries.csv").write_text("\n".join((*lines, "")), "utf-8")
        lines = ["account_id,week_start,settled_amount,settled_at"]
        for account in range(1, 6):
            for week in range(3):
                settled = "1.00" if (account, week) == (1, 0) else "0.00"
                lines.append(f"{account},{DAY + timedelta(7 * week)},{settled},{SETTLED_AT}")
        (folder / "settlements.csv").write_text("\n".join((*lines, "")), "utf-8")
        return audit.run(folder, "canonical")


RULES = {
    "rounded": {"wrong_counter"},
    "wrong": {"wrong_counter"},
    "twice": {"duplicate_counter"},
    "lost": {"uncountered_entry"},
    "takes back": {"compensating_counter", "wrong_counter"},
}
CAUSES = {"twice": {"stale_read", "repeated_job"}, "lost": {"lost_job"}}


def minor(amount: Decimal | None) -> int:
    return int((amount or Decimal()).scaleb(2))


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("step", [5, 25, 100, 1000])
def test_modes_round_as_decimal_does(step: int, mode: str) -> None:
    rounding = Rounding(step, (mode,))
    for owed in range(-3 * step, 3 * step + 1):
        amount = by_decimal(owed, step, mode)
        assert rounded(owed, step, mode) == amount
        least, most = rounding.reach(amount)
        assert least <= owed <= most
        assert rounding.fits(owed, amount)
        assert not rounding.fits(least - 1, amount)
        assert not rounding.fits(most + 1, amount)


@pytest.mark.parametrize(
    ("policy", "step", "mode", "fault"),
    [
        ("delta", 5, "half_up", "lost"),
        ("delta", 100, "half_even", ""),
        ("delta", 100, "ceil", "twice"),
        ("delta", 100, "half_up", "lost"),
        ("delta", 1000, "up", "wrong"),
        ("sum", 10, "half_down", "twice"),
        ("sum", 100, "floor", "wrong"),
        ("sum", 500, "down", "twice"),
        ("sum", 5, "half_even", ""),
    ],
)
def test_what_is_rounded_is_told_as_that_and_faults_beside_it(
    policy: str, step: int, mode: str, fault: str, tmp_path: Path
) -> None:
    system = System(policy, step, mode, fault)
    run = system.audited(tmp_path)
    (told,) = run.inferred.rounding
    assert told.rounding.step == step
    assert mode in told.rounding.modes
    assert run.violations == ()
    found = {f.entry_id: f for f in run.findings if f.entry_id}
    assert found.keys() == {str(number) for number in system.off}
    for number, (what, effect) in system.off.items():
        each = found[str(number)]
        assert each.rule in RULES[what], (number, what, each.explanation)
        assert minor(each.effect) == effect, (number, what, each.explanation)
        assert each.cause in {"unknown", *CAUSES.get(what, ())}
        assert each.evidence != "proved"
        if what == "rounded":
            assert "rounded to " in each.explanation
            assert each.other_causes == ()
    left = Counter[Any]()
    for row in system.rows:
        left[str(row.account), row.day] += row.amount
    for correction in run.corrections:
        left[correction.account_id, correction.effective_date] += minor(correction.amount)
    weeks = Counter[Any]()
    for (account, day), amount in left.items():
        weeks[account, day - timedelta(day.weekday())] += amount
    assert not any(weeks.values())


def test_usual_prices_may_be_whole(tmp_path: Path) -> None:
    system = System("delta", 100, "half_up", whole_share=0.6)
    run = system.audited(tmp_path)
    assert [each.account_id for each in run.inferred.rounding] == [""]
    found = {f.entry_id: minor(f.effect) for f in run.findings if f.entry_id}
    assert found == {str(number): effect for number, (_, effect) in system.off.items()}


def test_single_accounts_that_round_are_told_among_others(tmp_path: Path) -> None:
    system = System("delta", 100, "half_up", exact={1, 2, 3})
    run = system.audited(tmp_path)
    assert {each.account_id for each in run.inferred.rounding} == {"4", "5"}
    found = {f.entry_id: minor(f.effect) for f in run.findings if f.entry_id}
    assert found == {str(number): effect for number, (_, effect) in system.off.items()}
    assert any("account '4', EUR) are rounded to 1.00" in each for each in run.inferred.says)


@pytest.mark.parametrize(
    "system",
    [
        System("delta", 100, "half_up", whole_share=1),  # whole amounts are booked
        System("delta", 100, "down", between=30),  # a fee is kept
        System("delta", 100, "half_up", bursts=5),  # too few to tell
        System("sum", 100, "half_up", exact={1, 2, 3, 4, 5}),
    ],
)
def test_what_may_be_otherwise_is_not_taken_for_rounded(system: System, tmp_path: Path) -> None:
    assert system.audited(tmp_path).inferred.rounding == []


@pytest.mark.parametrize("policy", ["sum", "delta"])
def test_of_what_comes_to_nothing_no_lost_job_is_said(policy: str, tmp_path: Path) -> None:
    system = System(policy, 100, "half_up")
    at = BEGIN + timedelta(days=9)
    small = [
        # Alone on its day, which no search looks at; and after what was answered.
        system.add((5, DAY + timedelta(days=6)), 49, "entry", at, "s1"),
        system.add((4, DAY + timedelta(days=1)), -31, "entry", at, "s2"),
        system.add((4, DAY + timedelta(days=1)), 7, "entry", at, "s3"),
    ]
    system.add((1, DAY), 90_00, "entry", at + timedelta(days=1), "last")
    run = system.audited(tmp_path)
    found = {f.entry_id: f for f in run.findings if f.entry_id}
    for number in small:
        each = found[str(number)]
        assert (each.rule, each.cause, each.other_causes) == ("uncountered_entry", "unknown", ())
        assert "comes to nothing, rounded to 1.00" in each.explanation
