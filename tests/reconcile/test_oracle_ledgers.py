"""The oracle on random and on simulated ledgers, and the comparison with what a pipeline finds."""

import csv
from collections import Counter
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st
from ledgers import MONDAY, SETTLED, Ledger, random_ledgers, write_export
from oracle import Week, expected_findings
from oracle_compare import Found, compare
from oracle_records import Row, Settings, Settlement
from systems import simulated_ledgers


@given(random_ledgers())
@settings(deadline=None)
def test_effects_sum_to_the_residual(ledger: Ledger) -> None:
    for week in expected_findings(ledger.rows, ledger.settlements, ledger.settings):
        assert week.residual == week.mismatch + sum(week.day_residuals.values())
        for units in week.ties.values():
            for unit in units:
                residual = sum(r.amount for r in unit.rows)
                assert unit.explanations
                for story in unit.explanations:
                    assert sum(j.effect for j in story) == residual
                    amounts = {r.entry_id: r.amount for r in unit.rows}
                    assert all(j.effect == amounts[j.entry_id] - j.expected for j in story)


@given(simulated_ledgers(clean=True) | simulated_ledgers(clean=True, known=False))
@settings(deadline=None)
def test_a_clean_system_has_no_finding(ledger: Ledger) -> None:
    for week in expected_findings(ledger.rows, ledger.settlements, ledger.settings):
        for units in week.ties.values():
            assert [u.explanations for u in units] == [{frozenset()}] * len(units)


@given(simulated_ledgers())
@settings(deadline=None)
def test_planted_faults_are_found_as_planted(ledger: Ledger) -> None:
    told = []
    is_one_job = len({r.job_id for r in ledger.rows}) == 1  # which is then taken for none
    for week in expected_findings(ledger.rows, ledger.settlements, ledger.settings):
        for unit in week.units:
            (story,) = unit.explanations
            for j in story:
                row = next(r for r in unit.rows if r.entry_id == j.entry_id)
                told.append((j.rule, row.account_id, row.effective_date, row.amount, j.expected))
                assert is_one_job or any(
                    t.cause in j.causes for t in ledger.truth if t[:5] == told[-1]
                )
    assert Counter(told) == Counter(t[:5] for t in ledger.truth)


@given(simulated_ledgers(known=False))
@settings(deadline=None)
def test_a_week_with_a_planted_fault_is_found_without_knowing_the_system(ledger: Ledger) -> None:
    planted = {t.account_id for t in ledger.truth}  # an account has one week
    for week in expected_findings(ledger.rows, ledger.settlements, ledger.settings):
        for units in week.ties.values():
            found = any(frozenset() not in u.explanations for u in units)
            assert found == (week.settlement.account_id in planted)


def found_of(week: Week) -> list[Found]:
    """The findings that a pipeline would write for the first of the best explanations."""
    s = week.settlement
    place = (str(s.account_id), s.currency, s.week_start)
    found = [
        Found(rule, "open", "unknown", "undetermined", *place, None, "", effect, 0, effect)
        for rule, effect in (
            ("unbalanced_week", week.residual),
            ("settled_amount_mismatch", week.mismatch),
        )
        if effect
    ]
    for unit in week.units:
        rows = {r.entry_id: r for r in unit.rows}
        for j in min(unit.explanations, key=lambda story: sorted(map(str, story))):
            row = rows[j.entry_id]
            found.append(
                Found(
                    j.rule,
                    "pending" if j.status == "pending" else "open",
                    min(j.causes),
                    "undetermined",
                    *place,
                    row.effective_date,
                    str(j.entry_id),
                    row.amount,
                    j.expected,
                    j.effect,
                )
            )
    return found


@given(random_ledgers(), st.randoms())
@settings(deadline=None)
def test_compare_accepts_the_truth_and_nothing_else(ledger: Ledger, random: Random) -> None:
    weeks = expected_findings(ledger.rows, ledger.settlements, ledger.settings)
    found = [f for week in weeks for f in found_of(week)]
    assert compare(found, weeks, any_tie=False) == []
    assert compare(found, weeks) == []
    if found:
        one = random.randrange(len(found))
        rest = found[:one] + found[one + 1 :]
        assert compare(rest, weeks, any_tie=False)
        assert compare([*rest, found[one]._replace(effect=found[one].effect + 1)], weeks)
        assert compare([*found, found[one]], weeks)


def test_compare_refuses_a_finding_on_a_day_without_late_rows() -> None:
    at = SETTLED + timedelta(seconds=10)
    rows = [Row(1, 7, MONDAY, 50, "entry", at), Row(2, 7, MONDAY, -50, "counter", at)]
    weeks = expected_findings(rows, [Settlement(7, MONDAY, 0, SETTLED)], Settings())
    stray = Found("orphan_counter", "open", "unknown", "", "7", "EUR", MONDAY, MONDAY, "9", 5, 0, 5)
    assert compare([], weeks) == []
    assert len(compare([stray], weeks, details=False)) == 1
    assert len(compare([stray._replace(account_id="8")], weeks, details=False)) == 1


@given(random_ledgers())
@settings(deadline=None)
def test_an_export_holds_the_ledger(ledger: Ledger) -> None:
    with TemporaryDirectory() as folder:
        path = write_export(ledger, Path(folder))
        with (path / "entries.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
    assert [
        (r["entry_id"], int(Decimal(r["amount"]) * 100), datetime.fromisoformat(r["recorded_at"]))
        for r in rows
    ] == [(str(r.entry_id), r.amount, r.recorded_at) for r in ledger.rows]
    assert [r.get("currency", "EUR") for r in rows] == [r.currency for r in ledger.rows]
    assert all(len(r["amount"].split(".")[1]) == 2 for r in rows)
