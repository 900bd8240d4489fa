"""What was written late, and what was planted with it: the records that a truth is told in."""

from collections.abc import Iterable
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
