"""Rows recorded at the moment of a settlement are on the side where the settled amount has them."""

from datetime import timedelta
from pathlib import Path

import pytest
from ledgers import MONDAY, SETTLED, Ledger, settings_for, write_export
from oracle_records import Row, Settlement

from settle_core.audit import audit
from settle_core.audit.audit import Audit
from settle_core.report import account_week, narrative

ON_TIME = 10_000


def row(number: int, amount: int, seconds: float, kind: str = "entry", day: int = 0) -> Row:
    """A row recorded so many seconds after the settlement."""
    at = SETTLED + timedelta(seconds=seconds)
    return Row(number, 7, MONDAY + timedelta(days=day), amount, kind, at)


def audited(folder: Path, rows: list[Row], settled: int = ON_TIME) -> Audit:
    """An audit of one account's week, in which one entry of 100.00 is surely on time."""
    every = [row(1, ON_TIME, -86_400), *rows]
    ledger = Ledger(every, [Settlement(7, MONDAY, settled, SETTLED)], settings_for("in_order"), [])
    return audit.run(write_export(ledger, folder / "export"), "canonical")


def test_entry_that_committed_after_the_settlement_is_late(tmp_path: Path) -> None:
    result = audited(tmp_path, [row(2, 500, -0.4), row(3, -500, 0.9, "counter")])
    assert (result.verdict, result.findings) == ("reconciled", ())
    assert (result.late_entries, result.counters, result.inferred.rows_moved) == (1, 1, 1)


def test_one_that_nothing_answered_is_named(tmp_path: Path) -> None:
    result = audited(tmp_path, [row(2, 500, -0.4), row(3, 0, 90_000)])
    rules = {f.rule: f.entry_id for f in result.findings}
    assert rules == {"uncountered_entry": "2", "unbalanced_week": ""}


def test_entry_that_the_settlement_counted_is_on_time(tmp_path: Path) -> None:
    result = audited(tmp_path, [row(2, 500, 0.4)], settled=ON_TIME + 500)
    assert (result.verdict, result.findings) == ("reconciled", ())
    assert (result.late_entries, result.inferred.rows_moved) == (0, 1)


def test_what_was_on_time_is_shown_so(tmp_path: Path) -> None:
    result = audited(tmp_path, [row(2, 500, 0.4)], settled=ON_TIME + 500)
    week = account_week.take(result, "7", MONDAY)
    assert [r[4] for r in week.rows(week.sums[0])] == ["on time", "on time"]
    assert "1 row was recorded within 2.0\N{NO-BREAK SPACE}s of a settlement" in narrative.restores(
        result
    )


def test_clock_is_believed_where_it_meets_the_settled_amount(tmp_path: Path) -> None:
    result = audited(tmp_path, [row(2, 500, 0.4), row(3, -500, 0.8, "counter")])
    assert (result.verdict, result.late_entries, result.inferred.rows_moved) == ("reconciled", 1, 0)
    assert "of a settlement" not in narrative.restores(result)


def test_no_counter_is_moved_where_an_entry_may_be(tmp_path: Path) -> None:
    rows = [row(2, 500, -1.5), row(3, -500, 0.1, "counter")]
    result = audited(tmp_path, rows)
    assert (result.late_entries, result.counters) == (1, 1)


def test_as_few_as_possible_are_moved_and_the_nearest(tmp_path: Path) -> None:
    rows = [row(2, 300, -1.9), row(3, 200, -1.8), row(4, 500, -1.0), row(5, 500, -0.5)]
    result = audited(tmp_path, rows, settled=ON_TIME + 1000)
    (moved,) = result.ledger.con.table("moved_row").fetchall()
    assert moved == (5,)


@pytest.mark.parametrize("seconds", [-2.0, -90.0])
def test_outside_the_skew_the_settled_amount_is_wrong(seconds: float, tmp_path: Path) -> None:
    result = audited(tmp_path, [row(2, 500, seconds)])
    assert {"settled_amount_mismatch", "unbalanced_week"} == {f.rule for f in result.findings}


def test_a_week_that_no_row_explains_keeps_what_the_clock_says(tmp_path: Path) -> None:
    result = audited(tmp_path, [row(2, 500, -0.4)], settled=ON_TIME + 1)
    assert "settled_amount_mismatch" in {f.rule for f in result.findings}
    assert result.inferred.rows_moved == 0


def test_only_the_nearest_of_many_rows_are_moved(tmp_path: Path) -> None:
    """Where all is recorded at midnight, some set of rows would always fit."""
    rows = [row(2 + k, 3**k, -0.01 - k / 1000) for k in range(15)]
    late = sum(r.amount for r in rows)
    near = audited(tmp_path / "near", rows, settled=ON_TIME + late - 3**11)
    assert near.inferred.rows_moved == 1
    far = audited(tmp_path / "far", rows, settled=ON_TIME + late - 3**12)
    assert far.inferred.rows_moved == 0


def test_whole_seconds_cost_no_accusation(tmp_path: Path) -> None:
    """The settlement's second holds an entry that came before it and one that came after."""
    before, after = row(2, 700, 0.0), row(3, 400, 0.0)
    answer = row(4, -400, 1.0, "counter")
    assert before.recorded_at == after.recorded_at == SETTLED
    result = audited(tmp_path, [before, after, answer], settled=ON_TIME + 700)
    assert (result.verdict, result.findings) == ("reconciled", ())
    assert result.late_entries == 1


def test_counter_that_the_settlement_counted_answers_nothing_later(tmp_path: Path) -> None:
    rows = [
        row(2, -1000, 1.9, "counter"),
        row(3, 333, 5, "counter"),
        row(4, 667, 5, "counter"),
        row(5, 1000, 90_000),
    ]
    result = audited(tmp_path, rows, settled=ON_TIME - 1000)
    assert result.open_cents == ()
    assert result.verdict != "incomplete"
