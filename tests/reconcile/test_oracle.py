"""The oracle itself: units worked by hand, and a second, slower way to the same answer."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import chain, combinations, permutations

import pytest
from hypothesis import given, settings
from ledgers import MONDAY, SETTLED, Ledger, random_ledgers, settings_for
from oracle import expected_findings, explain
from oracle_elsewhere import unit_apart
from oracle_records import (
    Id,
    Row,
    Settings,
    Settlement,
    Unit,
    clock_order,
    surely_before,
    told_of,
    uncountered,
    whole_answers,
)


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
    "one answer in two rows of one job": ("sum", "e 50 10 a\n c -30 20 b\n c -20 20.1 b", []),
    "its second row comes too late to be of one moment": (
        "sum",
        "e 50 10 a\n c -30 20 b\n c -20 29 b",
        [
            (2, "wrong_counter", -50, 20, "unknown", "masked"),
            (3, "compensating_counter", 0, -20, "", "masked"),
        ],
    ),
    "two rows take back what an earlier one left": (
        "sum",
        "e 50 10 a\n c -30 20 b\n e 7 90\n c -20 95 c\n c -7 95 c",
        [
            (2, "wrong_counter", -50, 20, "unknown", "masked"),
            (4, "compensating_counter", 0, -20, "", "masked"),
        ],
    ),
    "delta: net and tax": ("delta", "e 119 10 a\n c -100 20 b\n c -19 20 b", []),
    "delta: partial credits, hours apart": (
        "delta",
        "e 100 10\n c -60 20 a 1\n c -40 8000 b 1\n c -40 9000 c 1",
        [(4, "duplicate_counter", 0, -40, "repeated_job", "open")],
    ),
    "delta: parts that are not all there": (
        "delta",
        "e 100 10\n c -60 20 a 1\n c -30 8000 b 1",
        [(3, "wrong_counter", -40, 10, "unknown", "open")],
    ),
    "delta: a job answers its own entry, not an equal one of another job": (
        "delta",
        "e 50 10 a\n e 50 10.2 b\n c -50 11 b\n c -50 30 b",
        [
            (1, "uncountered_entry", 0, 50, "lost_job", "masked"),
            (4, "duplicate_counter", 0, -50, "repeated_job", "masked"),
        ],
    ),
    "out of nowhere": ("sum", "c 70 10", [(1, "orphan_counter", 0, 70, "unknown", "open")]),
    "an unseen counter is likelier than an unseen entry": (
        "sum",
        "e 50 10 a\n c -50 20 a\n e 100 30 b\n e 30 40 b\n c -80 50 b",
        [(5, "wrong_counter", -130, 50, "race", "open")],
    ),
    "a pair that cancels out, missed or not, makes no right answer a wrong one": (
        "sum",
        "e 40 10 a\n c -40 20 a\n e 50 100 b\n c -50 100.1 b\n e 30 100.3 c\n e 25 100.5 d",
        [
            (5, "uncountered_entry", 0, 30, "lost_job", "open"),
            (6, "uncountered_entry", 0, 25, "lost_job", "open"),
        ],
    ),
    "what healed stays masked, what broke later is open": (
        "sum",
        "e 50 10 a\n c -50 20 a\n c -50 21 a\n e 20 90 b\n c 30 95 b\n e 7 200",
        [
            (3, "duplicate_counter", 0, -50, "stale_read", "masked"),
            (5, "compensating_counter", -20, 50, "", "masked"),
            (6, "uncountered_entry", 0, 7, "lost_job", "open"),
        ],
    ),
    "of equal entries the latest is the uncountered one": (
        "sum",
        "e 50 10\n e 50 20\n e -50 30",
        [(2, "uncountered_entry", 0, 50, "lost_job", "open")],
    ),
    "the clocks decide from the skew on": (
        "sum",
        "c -50 10\n e 50 12",
        [
            (1, "orphan_counter", 0, -50, "unknown", "masked"),
            (2, "uncountered_entry", 0, 50, "lost_job", "masked"),
        ],
    ),
    "delta: two strays that cancel out mask the first": (
        "delta",
        "c 50 10\n c -50 20\n e 7 200",
        [
            (1, "orphan_counter", 0, 50, "unknown", "masked"),
            (2, "orphan_counter", 0, -50, "unknown", "open"),
            (3, "uncountered_entry", 0, 7, "lost_job", "open"),
        ],
    ),
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
    order: Iterable[Row], start: int, chosen: Settings
) -> tuple[list[int], dict[Id, tuple[str, int]]]:
    """Judge one order row by row, with every list in plain sight."""
    cost, judged, unanswered = [0, 0, 0, 0], dict[Id, tuple[str, int]](), list[Row]()
    before: list[Row] = []
    off = start
    for row in order:
        for x in before:
            turned = x.recorded_at > row.recorded_at
            if chosen.ids_are_sequence:
                turned = int(x.entry_id) > int(row.entry_id)
            if x.kind == row.kind == "counter" and turned:
                cost[0] += 1
                cost[2] += 1
            cost[3] += x.kind != row.kind and x.recorded_at > row.recorded_at
        earlier = list(before)
        before.append(row)
        if row.kind == "entry":
            unanswered.append(row)
            continue
        owed = -sum(r.amount for r in unanswered)
        residual = start + sum(r.amount for r in earlier)
        unanswered = []
        if row.amount == owed:
            continue
        offsets, is_all = row.amount - owed == -off, row.amount == -residual
        off = 0 if offsets else off
        if is_all or offsets:
            judged[row.entry_id] = "compensating", owed
            continue
        sets = [
            [r for j, r in enumerate(earlier) if m >> j & 1] for m in range(1, 1 << len(earlier))
        ]
        sets = [u for u in sets if sum(r.amount for r in u) == residual + row.amount]
        plain = min((len(u) for u in sets if all(r.kind == "entry" for r in u)), default=99)
        mixed = min((len(u) for u in sets if any(r.kind == "counter" for r in u)), default=99)
        # A counter-entry and what it answers cancel out: to have missed these too tells nothing.
        is_told = mixed < min(plain + 2, 99)
        cost[0] += 1 if is_told else 2
        cost[1] += mixed if is_told else plain
        judged[row.entry_id] = "wrong", owed
    left = uncountered(unanswered)[0]
    cost[0] += len(left)
    return cost, judged | {r.entry_id: ("uncountered", 0) for r in left}


def together(parts: tuple[Row, ...]) -> Row:
    """An answer in several rows as one, where its last one stands."""
    return max(parts, key=clock_order)._replace(amount=sum(r.amount for r in parts))


def told(
    judged: dict[Id, tuple[str, int]], whole: dict[Id, tuple[Row, ...]]
) -> frozenset[tuple[Id, str, int]]:
    """The judgements, those of several rows told of one; of all if nothing was owed."""
    found = set[tuple[Id, str, int]]()
    for name, (role, owed) in judged.items():
        parts = whole.get(name, ())
        off = sum(r.amount for r in parts) - owed
        if parts and owed:
            row = told_of(parts, off)
            found.add((row.entry_id, role, row.amount - off))
        else:
            found |= {(r.entry_id, role, 0) for r in parts} or {(name, role, owed)}
    return frozenset(found)


@given(random_ledgers(max_late=5))
@settings(deadline=None, max_examples=300)
def test_equals_the_walk_of_every_single_order(ledger: Ledger) -> None:
    chosen = ledger.settings._replace(policy="sum", level="week")
    for week in expected_findings(ledger.rows, ledger.settlements, chosen):
        for unit in week.units:
            apart = unit_apart(unit.rows, chosen._replace(as_of=SETTLED))
            if (unit.cost, unit.told) == (apart.cost, apart.told):
                continue  # rows of another week's or account's have no order here
            walks = []
            answers = whole_answers(unit.rows, chosen)
            for some in chain.from_iterable(
                combinations(answers, n) for n in range(len(answers) + 1)
            ):
                one = [together(parts) for parts in some]
                whole = {row.entry_id: parts for row, parts in zip(one, some, strict=True)}
                rows = [r for r in unit.rows if all(r not in parts for parts in some)]
                for order in orders(tuple(sorted([*rows, *one], key=clock_order)), chosen.skew):
                    cost, judged = walk(order, week.mismatch, chosen)
                    walks.append((cost, told(judged, whole)))
            least = min(cost for cost, _ in walks)
            assert list(unit.cost) == least
            best = {judged for cost, judged in walks if cost == least}
            assert best <= unit.told
            assert {by_amount(unit, t) for t in unit.told} == {by_amount(unit, t) for t in best}


def by_amount(
    unit: Unit, told: frozenset[tuple[Id, str, int]]
) -> frozenset[tuple[tuple[datetime, int, str, int], int]]:
    """A story without the ids of rows that are alike."""
    rows = {r.entry_id: r for r in unit.rows}
    parts = [(rows[i].recorded_at, rows[i].amount, role, due) for i, role, due in told]
    return frozenset(Counter(parts).items())


def test_ties_go_by_the_account_then_by_all() -> None:
    one_for_two, one_by_one = "e 50 10\n e 30 11\n c -80 20", "e 5 9\n e 3 9\n c -5 20\n c -3 30"
    either, rows, settlements = "e 50 10\n c -50 20", [], []
    # Accounts 1 (sum) and 2 (delta) show their policy in one week each; 3 and all else is delta.
    weeks = [(1, one_for_two), (1, either), (2, one_by_one), (2, either), (3, either)]
    for number, (account, text) in enumerate([*weeks, (4, one_by_one)]):
        start = MONDAY + timedelta(weeks=number)
        settlements.append(Settlement(account, start, 0, SETTLED))
        rows += [
            r._replace(account_id=account, effective_date=start, entry_id=100 * number + i)
            for i, r in enumerate(late_rows(text))
        ]
    told = expected_findings(rows, settlements, Settings())
    assert [w.chosen[0] for w in told] == ["sum", "sum", "delta", "delta", "delta", "delta"]
    assert {w.chosen[1] for w in told} == {"day"}
