"""Compares findings of the pipeline with those of the oracle."""

import csv
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import NamedTuple

from oracle import Week
from oracle_records import Judged, Row, Settings, Unit, answers_in_parts, whole_answers

COUNTER_RULES = {"wrong_counter", "duplicate_counter", "orphan_counter"}
ELSEWHERE = {"misplaced_counter", "early_counter"}
WEEK_RULES = ("unbalanced_week", "settled_amount_mismatch")


class Found(NamedTuple):
    """A finding as the pipeline gives it: ids as text, amounts in minor units."""

    rule: str
    status: str
    cause: str
    evidence: str
    account_id: str
    currency: str
    week_start: date
    effective_date: date | None
    entry_id: str
    amount: int
    expected: int
    effect: int


def read_found(path: Path, scale: int = 2) -> list[Found]:
    """Read a `findings.csv`."""

    def minor(text: str) -> int:
        return int(Decimal(text or 0).scaleb(scale))

    with path.open(newline="", encoding="utf-8") as file:
        return [
            Found(
                r["rule"],
                r["status"],
                r["cause"],
                r["evidence"],
                r["account_id"],
                r["currency"],
                date.fromisoformat(r["week_start"]),
                date.fromisoformat(r["effective_date"]) if r["effective_date"] else None,
                r["entry_id"],
                minor(r["amount"]),
                minor(r["expected_amount"]),
                minor(r["effect"]),
            )
            for r in csv.DictReader(file)
        ]


def compare(
    found: Iterable[Found],
    expected: Iterable[Week],
    *,
    details: bool = True,
    any_tie: bool = True,
) -> list[str]:
    """Tell where the pipeline names no best explanation; empty where both agree.

    Equal rows are interchangeable: what counts is (day, rule, amount, expected amount, count).

    Args:
        found: all findings of the run.
        expected: what `expected_findings` gave for the same rows.
        details: compare status and cause, too.
        any_tie: any way of balancing that costs least will do, not only the chosen one.
    """
    by_week = defaultdict(list)
    for f in found:
        by_week[f.account_id, f.currency, f.week_start].append(f)
    differences = []
    for week in expected:
        s = week.settlement
        here = by_week.pop((str(s.account_id), s.currency, s.week_start), [])
        where = f"account {s.account_id}, week {s.week_start}"
        differences += [f"{where}: {d}" for d in _week_rules(here, week)]
        if details:
            differences += [f"{where}: {d}" for d in _sums(here, week)]
        ways = week.others if any_tie else {week.chosen: week.others[week.chosen]}
        every = [units for each in ways.values() for units in each]
        ids = {str(r.entry_id) for units in every for unit in units for r in unit.rows}
        entry_level = _of_week([f for f in here if f.rule not in WEEK_RULES], ids)
        if not any(_is_told(entry_level, units, details=details) for units in every):
            differences.append(f"{where}: found {entry_level}, expected one of {_shown(week)}")
    differences += [f"not in a settled week: {f}" for left in by_week.values() for f in left]
    return differences


def _of_week(found: list[Found], ids: set[str]) -> list[Found]:
    """Without the rows of other places that are told here as the answer to some of its entries."""
    answered = [f.amount for f in found if f.rule == "answered_elsewhere"]
    left = list[Found]()
    strange = list[Found]()
    for f in found:
        (left if f.entry_id in ids or f.effect else strange).append(f)
    for f in [f for f in strange if f.rule == "misplaced_counter"]:
        sizes = range(1, len(answered) + 1)
        sets = (s for size in sizes for s in combinations(range(len(answered)), size))
        fits = next((s for s in sets if sum(answered[k] for k in s) == -f.amount), None)
        if fits:
            answered = [amount for k, amount in enumerate(answered) if k not in fits]
            strange.remove(f)
    return left + strange


def _week_rules(found: list[Found], week: Week) -> list[str]:
    differences = []
    for rule, effect in zip(WEEK_RULES, (week.residual, week.mismatch), strict=True):
        effects = [f.effect for f in found if f.rule == rule]
        if effects != [effect] * bool(effect):
            differences.append(f"{rule}: found {effects}, expected {effect}")
    return differences


def _sums(found: list[Found], week: Week) -> list[str]:
    """What is open and pending is what is off; what is masked is paired."""
    effects = Counter[str]()
    for f in found:
        if f.rule != "unbalanced_week":
            effects["masked" if f.status == "masked" else "open"] += f.effect
    told = []
    if effects["open"] != week.residual:
        told.append(f"open and pending {effects['open']}, off by {week.residual}")
    if effects["masked"]:
        told.append(f"masked {effects['masked']}")
    if any(f.evidence == "proved" and f.cause != "unknown" for f in found):
        told.append("proved, without any witness")
    return told


def _is_told(found: list[Found], units: Iterable[Unit], *, details: bool) -> bool:
    left = list(found)
    for unit in units:
        ids = {str(r.entry_id): (r.effective_date, r.amount) for r in unit.rows}
        here = [f for f in left if ids.get(f.entry_id) == (f.effective_date, f.amount)]
        left = [f for f in left if f not in here]
        if not _is_one_of(here, unit, details=details):
            return False
    return not left


def _is_one_of(found: list[Found], unit: Unit, *, details: bool) -> bool:
    rows = {r.entry_id: r for r in unit.rows}
    alone = Settings()
    in_parts = bool(whole_answers(unit.rows, alone) or answers_in_parts(unit.rows, alone))
    for story in unit.explanations:
        told_alone, left = _without_early(sorted(story), found)
        causes = {
            (rows[j.entry_id].effective_date, rows[j.entry_id].amount, cause)
            for j in story
            for cause in j.causes
        }
        for j in told_alone:
            row = rows[j.entry_id]
            same = [f for f in left if _is_same(f, j, row, details=details, in_parts=in_parts)]
            if not same:
                break
            left.remove(min(same, key=lambda f: f.entry_id != str(row.entry_id)))
        else:
            # "unknown" claims nothing; what took something back needs no cause.
            claims = [f for f in found if f.cause != "unknown" and f.status != "masked"]
            told = {(f.effective_date, f.amount, f.cause) for f in claims}
            if not left and (not details or told <= causes):
                return True
    return False


def _without_early(story: list[Judged], found: list[Found]) -> tuple[list[Judged], list[Found]]:
    """Without pairs of a counter-entry and what it answered too early: one finding tells both."""
    left = [f for f in found if f.rule != "early_counter" or f.effect]
    ids = {f.entry_id for f in left}
    for early in [f for f in found if f not in left]:
        one = [j for j in story if str(j.entry_id) == early.entry_id]
        equal = [j for j in story if j.role == "uncountered" and j.effect == -early.amount]
        # Of several the one that is told no more.
        other = sorted(equal, key=lambda j: str(j.entry_id) in ids)
        for half in [*one, *other[:1]] if one and other else []:
            story = [j for j in story if j != half]
    return story, left


def _is_same(found: Found, judged: Judged, row: Row, *, details: bool, in_parts: bool) -> bool:
    """Whether a finding says what the oracle does.

    A fault that is paired with another may be told as what took the other back, and a row without
    a partner as one whose partner stands elsewhere. Where several rows are one answer, one of them
    stands for all.
    """
    if (found.effective_date, found.amount) != (row.effective_date, row.amount):
        return False
    if (found.expected, found.effect) != (judged.expected, judged.effect):
        return False
    if judged.rule == "uncountered_entry" and found.rule == "answered_elsewhere":
        return True  # its answer was posted: none is waited for
    waits = {found.status, judged.status} - {"masked"}
    if details and "pending" in waits and len(waits) > 1:
        return False
    if found.rule == judged.rule or found.status == "masked":
        return True
    return found.rule in ELSEWHERE or (in_parts and found.rule in COUNTER_RULES)


def _shown(week: Week) -> str:
    return "; ".join(
        f"{policy}/{level} " + str([sorted(map(sorted, u.told)) for u in units if any(u.told)])
        for (policy, level), units in week.ties.items()
    )
