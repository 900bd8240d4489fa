"""What takes what back in a week: its faults, corrections, and what it was off by before."""

from datetime import date, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settle_core.reconcile.reckoning import PostedCorrection, Week, WrongRow, reckon

MONDAY = date(2026, 3, 2)
SKEW_US = 2_000_000
HOUR_US = 3_600_000_000
FACTORS = (1, -7, 1234)


def fault(number: int, effect: int, role: str = "duplicate", **more: object) -> WrongRow:
    kind = "entry" if role == "uncountered" else "counter"
    given = {
        "day": MONDAY,
        "status": "open",
        "policy": "sum",
        "level": "day",
        "recorded_us": number * HOUR_US,
        "is_unexplained": role == "orphan",
        "pair": "",
        **more,
    }
    return WrongRow(entry_id=str(number), kind=kind, role=role, effect=effect, **given)  # type: ignore[arg-type]


def correction(number: int, amount: int, day: date = MONDAY) -> PostedCorrection:
    return PostedCorrection(str(number), day, amount, number * HOUR_US)


def reckoned(
    faults: list[WrongRow], corrections: list[PostedCorrection] | None = None, mismatch: int = 0
) -> Week:
    week = Week("7", "EUR", MONDAY, mismatch, faults=faults, corrections=corrections or [])
    reckon(week, SKEW_US)
    return week


def statuses(week: Week) -> list[str]:
    return [f.status for f in week.faults]


@pytest.mark.parametrize("factor", FACTORS)
def test_the_row_that_takes_back_is_masked_with_what_it_took_back(factor: int) -> None:
    week = reckoned([fault(1, -9 * factor, "wrong"), fault(2, 9 * factor, "wrong"), fault(3, 5)])
    assert statuses(week) == ["masked", "masked", "open"]
    assert "Taken back by counter-entry 2" in week.faults[0].note
    assert "takes back counter-entry 1" in week.faults[1].note


@pytest.mark.parametrize(("factor", "role"), list(product(FACTORS, ("orphan", "uncountered"))))
def test_what_offsets_a_changed_history_is_not_accused(factor: int, role: str) -> None:
    faults = [fault(1, -2 * factor, role), fault(2, 3 * factor, "uncountered")]
    week = reckoned(faults, mismatch=2 * factor)
    assert statuses(week) == ["masked", "open"]
    assert (week.status, faults[0].role) == ("masked", "compensating")


def test_a_repeated_answer_is_not_taken_for_an_offset_where_another_row_is() -> None:
    week = reckoned([fault(1, -2), fault(2, -2, "orphan"), fault(3, 9)], mismatch=2)
    assert statuses(week) == ["open", "masked", "open"]


def test_a_week_that_was_off_at_its_settlement_and_still_is() -> None:
    week = reckoned([fault(1, -5)], mismatch=2)
    assert (week.status, statuses(week)) == ("open", ["open"])


def test_days_that_even_out_in_the_week_leave_nothing_open() -> None:
    later = MONDAY + timedelta(days=2)
    week = reckoned([fault(1, 4, "uncountered"), fault(2, -4, "uncountered", day=later)])
    assert statuses(week) == ["masked", "masked"]


@pytest.mark.parametrize("factor", FACTORS)
def test_a_correction_is_known_whatever_else_is_pending(factor: int) -> None:
    faults = [
        fault(1, 4 * factor, "uncountered"),
        fault(2, 3 * factor, "uncountered", status="pending"),
    ]
    week = reckoned(faults, [correction(3, -4 * factor)])
    assert statuses(week) == ["accepted", "pending"]
    assert week.corrections[0].status == ""
    # Later the grace is over, and the same correction still answers the first one alone.
    again = [fault(1, 4 * factor, "uncountered"), fault(2, 3 * factor, "uncountered")]
    assert statuses(reckoned(again, [correction(3, -4 * factor)])) == ["accepted", "open"]


def test_a_correction_on_another_day_of_its_week_counts() -> None:
    week = reckoned([fault(1, -5)], [correction(2, 5, MONDAY + timedelta(days=3))])
    assert (statuses(week), week.corrections[0].status) == (["accepted"], "")


def test_a_correction_that_puts_nothing_right_is_open() -> None:
    week = reckoned([fault(1, -5)], [correction(2, 10)])
    assert (statuses(week), week.corrections[0].status) == (["open"], "open")


def test_a_correction_cannot_put_right_what_came_after_it() -> None:
    week = reckoned([fault(9, -75, "orphan")], [correction(2, 75)])
    assert (statuses(week), week.corrections[0].status) == (["masked"], "masked")
    assert week.faults[0].role == "compensating"


def test_corrections_that_cancel_out_are_no_break() -> None:
    week = reckoned([], [correction(1, 10), correction(2, -10)])
    assert [c.status for c in week.corrections] == ["", ""]


def test_the_mismatch_is_corrected_too() -> None:
    week = reckoned([fault(1, -5)], [correction(2, 5), correction(3, -2)], mismatch=2)
    assert (week.status, statuses(week)) == ("accepted", ["accepted"])


def test_halves_of_a_pair_are_masked_where_both_stand_in_one_week() -> None:
    later = MONDAY + timedelta(days=2)
    pair = [fault(1, 4, "uncountered", pair="here"), fault(2, -4, "orphan", day=later, pair="here")]
    assert statuses(reckoned([*pair, fault(3, 7)])) == ["masked", "masked", "open"]
    apart = fault(1, 4, "uncountered", pair="elsewhere", status="pending")
    assert statuses(reckoned([apart])) == ["open"]


ROLES = ("duplicate", "wrong", "orphan", "uncountered", "compensating")


@given(
    effects=st.lists(
        st.tuples(st.integers(-4, 4).filter(bool), st.sampled_from(ROLES), st.integers(0, 2)),
        max_size=7,
    ),
    amounts=st.lists(st.integers(-5, 5).filter(bool), max_size=3),
    mismatch=st.integers(-3, 3),
)
def test_masked_is_even_and_what_is_open_is_off(
    effects: list[tuple[int, str, int]], amounts: list[int], mismatch: int
) -> None:
    faults = [
        fault(k, effect, role, day=MONDAY + timedelta(days=day))
        for k, (effect, role, day) in enumerate(effects, start=1)
    ]
    corrections = [correction(20 + k, amount) for k, amount in enumerate(amounts)]
    week = reckoned(faults, corrections, mismatch)
    parts = [(f.status, f.effect) for f in faults]
    parts += [(c.status, c.amount) for c in corrections if c.status]
    parts += [(week.status, mismatch)] if mismatch else []
    residual = mismatch + sum(e for e, _, _ in effects) + sum(amounts)
    assert sum(effect for status, effect in parts if status == "masked") == 0
    assert sum(effect for status, effect in parts if status in {"open", "pending"}) == residual
    if residual == 0:
        assert not [part for part in parts if part[0] == "open"]
