"""A desk where one account's late rows are written, one after another, and the truth noted.

`act` has the things that happen at a desk; `simulate` and `power` set the desks up.
"""

import random
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

# These tell what was changed; what that did to a week is a finding of its own.
OF_HISTORY: Final = ("changed_history", "missing_history")


class Place(NamedTuple):
    """Where a row counts: an account's day in a settled week. Ids are text, as exported."""

    account_id: str
    currency: str
    week_start: date
    day: date


class LateRow(NamedTuple):
    """A row written at a desk; amount in minor units, instant in microseconds since 1970, UTC.

    `key` stands for its id until it gets one, `order_us` says where that id stands among others.
    """

    key: int
    account_id: str
    currency: str
    effective_date: date
    amount: int
    kind: str
    recorded_us: int
    order_us: int
    job_id: str | None
    attempt: int | None
    answers: int | None


class Planted(NamedTuple):
    """A finding that a planted fault must lead to. Amounts in minor units; `key` is its row's."""

    fault: str
    number: int
    rule: str
    status: str
    cause: str
    account_id: str
    currency: str
    week_start: date
    effective_date: date | None
    key: int | None
    amount: int
    expected_amount: int
    effect: int


def unbalanced(planted: Iterable[Planted]) -> Iterable[Planted]:
    """The weeks that planted faults leave off their settled amount; `amount` is only the effect."""
    weeks: dict[tuple[str, str, date], list[Planted]] = {}
    for each in planted:
        if each.rule not in OF_HISTORY:
            weeks.setdefault((each.account_id, each.currency, each.week_start), []).append(each)
    for group in weeks.values():
        effect = sum(each.effect for each in group)
        if effect:
            yield group[0]._replace(
                rule="unbalanced_week",
                status="open",
                effective_date=None,
                key=None,
                amount=effect,
                expected_amount=0,
                effect=effect,
            )


SECOND_US: Final = 1_000_000
MINUTE_US: Final = 60 * SECOND_US


@dataclass
class Office:
    """What all desks share: the randomness, the export's habits, and what was written so far.

    Attributes:
        rng: the one source of randomness.
        draw: gives an amount in minor units, as the export has them.
        grain_us: instants are whole multiples of it.
        skew_us: pauses are longer than this, so that no clock can doubt their order.
        has_jobs: rows carry the id of the job that wrote them; likewise `has_answers`.
    """

    rng: random.Random
    draw: Callable[[], int]
    grain_us: int = 1
    skew_us: int = 2 * SECOND_US
    has_jobs: bool = True
    has_answers: bool = False
    rows: list[LateRow] = field(default_factory=list)
    planted: list[Planted] = field(default_factory=list)
    first_key: int = 0

    def truth(self) -> list[Planted]:
        """What was planted, and each week that this leaves off its settled amount."""
        return self.planted + list(unbalanced(self.planted))


class Desk:
    """A place at work; at level week rows go to any day of it, at level day to its own."""

    def __init__(
        self,
        office: Office,
        place: Place,
        start_us: int,
        *,
        days: tuple[date, ...] = (),
        elsewhere: Place | None = None,
    ) -> None:
        self.office = office
        self.place = place
        self.elsewhere = elsewhere
        self.days = days or (place.day,)
        self.now_us = start_us
        self.rows: list[LateRow] = []
        self.unanswered: list[LateRow] = []
        self.planted: list[Planted] = []

    @property
    def residual(self) -> int:
        """What a fresh read gives."""
        return sum(row.amount for row in self.rows)

    def pause(self) -> None:
        """Wait so long that no clock can doubt what came first."""
        minutes = self.office.rng.randint(1, 5)
        self.now_us += minutes * MINUTE_US + 2 * self.office.skew_us

    def job(self) -> str:
        """Start a job."""
        return f"{self.office.rng.getrandbits(48):012x}"

    def post(  # noqa: PLR0913  the columns of a row
        self,
        kind: str,
        amount: int,
        job: str,
        *,
        attempt: int = 1,
        answers: LateRow | None = None,
        order_us: int = 0,
        at: Place | None = None,
    ) -> LateRow:
        """Write one row a moment later; `order_us` moves its id, `at` puts it elsewhere."""
        office = self.office
        self.now_us += office.rng.randint(2_000, 40_000)
        place = at or self.place
        row = LateRow(
            key=office.first_key + len(office.rows),
            account_id=place.account_id,
            currency=place.currency,
            effective_date=at.day if at else self.days[len(self.rows) % len(self.days)],
            amount=amount,
            kind=kind,
            recorded_us=self.now_us // office.grain_us * office.grain_us,
            order_us=self.now_us + order_us,
            job_id=job if office.has_jobs else None,
            attempt=attempt if office.has_jobs else None,
            answers=answers.key if answers and office.has_answers else None,
        )
        office.rows.append(row)
        if not at:
            self.rows.append(row)
        return row

    def late(self, job: str, amount: int = 0, order_us: int = 0) -> LateRow:
        """Write a late entry, of a drawn amount if none is given."""
        row = self.post("entry", amount or self.office.draw(), job, order_us=order_us)
        self.unanswered.append(row)
        return row

    def answer(self, entry: LateRow, job: str, attempt: int = 1, order_us: int = 0) -> LateRow:
        """Write a counter-entry of the `delta` policy."""
        if entry in self.unanswered:
            self.unanswered.remove(entry)
        return self.post(
            "counter", -entry.amount, job, attempt=attempt, answers=entry, order_us=order_us
        )

    def counter(
        self,
        amount: int,
        job: str,
        cause: str = "",
        *,
        late: list[LateRow] | None = None,
    ) -> None:
        """Write a counter-entry of the `sum` policy, and note what should have stood there.

        Args:
            amount: what its writer believed to be owed; zero is not written.
            job: the writer.
            cause: why it saw less than there was; empty for a writer that saw everything.
            late: the entries that it answers, if not all.
        """
        if not amount:
            return
        answered = list(self.unanswered) if late is None else late
        owed = -sum(row.amount for row in answered)
        self.unanswered = [row for row in self.unanswered if row not in answered]
        row = self.post("counter", amount, job)
        if amount != owed:
            rule = "wrong_counter" if owed else "duplicate_counter"
            self.note(rule if cause else "compensating_counter", row, owed, cause or "unknown")

    def note(
        self, rule: str, row: LateRow, expected: int, cause: str, at: Place | None = None
    ) -> None:
        """Note a row as wrong; a late entry is if nothing of its amount was expected."""
        place = at or self.place
        is_unanswered = row.kind == "entry" and row.amount != expected
        effect = row.amount if is_unanswered else row.amount - expected
        self.planted.append(
            Planted(
                fault="",
                number=0,
                rule=rule,
                status="open",
                cause=cause,
                account_id=place.account_id,
                currency=place.currency,
                week_start=place.week_start,
                effective_date=row.effective_date,
                key=row.key,
                amount=row.amount,
                expected_amount=expected,
                effect=effect,
            )
        )
