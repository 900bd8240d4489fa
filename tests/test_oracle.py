"""The oracle itself: by hand, by a second and slower way, on planted faults."""

import csv
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import permutations
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ledgers import MONDAY, SETTLED, Ledger, random_ledgers, settings_for, write_export
from oracle import Week, expected_findings, explain
from oracle_compare import Found, compare
from oracle_records import Id, Row, Settings, Unit, surely_before, uncountered
from systems import simulated_ledgers


def late_rows(text: str) -> list[Row]:
    """Read rows `kind amount second [job [answers]]`; the n-th has id n."""
    rows = []
    for number, line in enumerate(text.strip().splitlines(), start=1):
        kind, amount, second, job, answers = (*line.split(), "-", "-")[:5]
        at = SETTLED + timedelta(seconds=float(second))
        named = None if answers == "-" else int(answers)
        word = {"e": "entry", "c": "counter"}[kind]
        rows.append(
            Row(number, 7, MONDAY, int(amount), word, at, None if job == "-" else job, named)
        )
    return rows


HAND_WORKED = {
    "one counter for two entries": ("sum", "e 50 1\n e 30 2\n c -80 60", []),
    "the counter stands first by the clock, but both are close": ("sum", "c -50 1\n e 50 2", []),
    "cached: the same again, of the same job": (
        "sum",
        "e 50 10 a\n e 30 11 a\n c -80 20 a\n c -80 21 a",
        [(4, "duplicate_counter", 0, -80, "stale_read", "open")],
    ),
    "race: the later id saw both entries, not the other counter": (
        "sum",
        "e 50 10 a\n e 30 10.1 b\n c -50 10.2 a\n c -80 10.3 b",
        [(4, "wrong_counter", -30, -50, "race", "open")],
    ),
    "a fresh read takes the surplus back": (
        "sum",
        "e 50 10 a\n c -50 20 a\n c -50 21 a\n e 20 90 b\n c 30 95 b",
        [
            (3, "duplicate_counter", 0, -50, "stale_read", "masked"),
            (5, "compensating_counter", -20, 50, "", "masked"),
        ],
    ),
    "nobody answers; the younger entry is pending": (
        "sum",
        "e 50 10\n e 30 5000",
        [
            (1, "uncountered_entry", 0, 50, "lost_job", "open"),
            (2, "uncountered_entry", 0, 30, "lost_job", "pending"),
        ],
    ),
    "entries that cancel out are owed nothing": (
        "sum",
        "e 50 10\n e 20 20\n e -50 30",
        [(2, "uncountered_entry", 0, 20, "lost_job", "open")],
    ),
    "out of nowhere": ("sum", "c 70 10", [(1, "orphan_counter", 0, 70, "unknown", "open")]),
    "delta: in any order": ("delta", "e 50 10\n e 30 11\n c -30 60\n c -50 70", []),
    "delta: the job ran again": (
        "delta",
        "e 50 10\n e 50 11\n c -50 20 a\n c -50 50 a\n c -50 60 b",
        [(4, "duplicate_counter", 0, -50, "repeated_job", "open")],
    ),
    "delta: answers the named entry with another amount": (
        "delta",
        "e 50 10\n c -40 20 a 1",
        [(2, "wrong_counter", -50, 10, "unknown", "open")],
    ),
    "delta: before what it would answer": (
        "delta",
        "c -50 10\n e 50 13",
        [
            (1, "orphan_counter", 0, -50, "unknown", "masked"),
            (2, "uncountered_entry", 0, 50, "lost_job", "masked"),
        ],
    ),
}


@pytest.mark.parametrize("case", HAND_WORKED)
def test_hand_worked(case: str) -> None:
    policy, text, expected = HAND_WORKED[case]
    chosen = settings_for("in_order")._replace(as_of=SETTLED + timedelta(seconds=5000))
    unit = explain(late_rows(text), chosen, policy)
    (story,) = unit.explanations
    told = []
    for j in sorted(story):
        cause = next(iter(j.causes)) if len(j.causes) == 1 else ""
        told.append((j.entry_id, j.rule, j.expected, j.effect, cause, j.status))
    assert told == expected


def orders(rows: tuple[Row, ...], skew: timedelta) -> Iterable[tuple[Row, ...]]:
    """All orders that the clocks allow."""
    for order in permutations(rows):
        if not any(surely_before(y, x, skew) for i, x in enumerate(order) for y in order[i + 1 :]):
            yield order


def walk(
    order: tuple[Row, ...], start: int, chosen: Settings
) -> tuple[list[int], set[tuple[Id, str, int]]]:
    """Judge one order row by row, with every list in plain sight."""
    cost, judged, unanswered = [0, 0, 0, 0], set[tuple[Id, str, int]](), list[Row]()
    for i, row in enumerate(order):
        before = order[:i]
        for x in before:
            turned = x.recorded_at > row.recorded_at
            if chosen.ids_are_sequence:
                turned = int(x.entry_id) > int(row.entry_id)
            if x.kind == row.kind == "counter" and turned:
                cost[0] += 1
                cost[2] += 1
            cost[3] += x.kind != row.kind and x.recorded_at > row.recorded_at
        if row.kind == "entry":
            unanswered.append(row)
            continue
        owed = -sum(r.amount for r in unanswered)
        residual = start + sum(r.amount for r in before)
        unanswered = []
        if row.amount == owed:
            continue
        if row.amount == -residual:
            judged.add((row.entry_id, "compensating", owed))
            continue
        sets = [[r for j, r in enumerate(before) if m >> j & 1] for m in range(1, 1 << i)]
        sets = [u for u in sets if sum(r.amount for r in u) == residual + row.amount]
        ranks = sorted((all(r.kind == "entry" for r in u), len(u)) for u in sets)
        cost[0] += 2 if not ranks or ranks[0][0] else 1
        cost[1] += ranks[0][1] if ranks else 99
        judged.add((row.entry_id, "wrong", owed))
    left = uncountered(unanswered)[0]
    cost[0] += len(left)
    return cost, judged | {(r.entry_id, "uncountered", 0) for r in left}


@given(random_ledgers(max_late=5))
@settings(max_examples=150)
def test_equals_the_walk_of_every_single_order(ledger: Ledger) -> None:
    chosen = ledger.settings._replace(policy="sum", level="week")
    for week in expected_findings(ledger.rows, ledger.settlements, chosen):
        for unit in week.units:
            walks = [walk(o, week.mismatch, chosen) for o in orders(unit.rows, chosen.skew)]
            least = min(cost for cost, _ in walks)
            assert list(unit.cost) == least
            best = {frozenset(judged) for cost, judged in walks if cost == least}
            assert best <= unit.told
            assert {by_amount(unit, t) for t in unit.told} == {by_amount(unit, t) for t in best}


def by_amount(
    unit: Unit, told: frozenset[tuple[Id, str, int]]
) -> frozenset[tuple[tuple[datetime, int, str, int], int]]:
    """A story without the ids of rows that are alike."""
    rows = {r.entry_id: r for r in unit.rows}
    parts = [(rows[i].recorded_at, rows[i].amount, role, due) for i, role, due in told]
    return frozenset(Counter(parts).items())


@given(random_ledgers())
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
def test_a_clean_system_has_no_finding(ledger: Ledger) -> None:
    for week in expected_findings(ledger.rows, ledger.settlements, ledger.settings):
        for units in week.ties.values():
            assert [u.explanations for u in units] == [{frozenset()}] * len(units)


@given(simulated_ledgers())
def test_planted_faults_are_found_as_planted(ledger: Ledger) -> None:
    told = []
    for week in expected_findings(ledger.rows, ledger.settlements, ledger.settings):
        for unit in week.units:
            (story,) = unit.explanations
            for j in story:
                row = next(r for r in unit.rows if r.entry_id == j.entry_id)
                told.append((j.rule, row.account_id, row.effective_date, row.amount, j.expected))
                assert any(t.cause in j.causes for t in ledger.truth if t[:5] == told[-1])
    assert Counter(told) == Counter(t[:5] for t in ledger.truth)


@given(simulated_ledgers(known=False))
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
        Found(rule, "open", "unknown", *place, None, "", effect, 0, effect)
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
                    j.status,
                    min(j.causes),
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


@given(random_ledgers())
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
