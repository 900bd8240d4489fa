"""The oracle names every wrong counter of the recorded runs, its cause too, and no other row."""

import csv
import json
from collections import Counter
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from oracle import expected_findings
from oracle_records import ANY_CAUSE, Row, Settings, Settlement

RAILS = Path(__file__).parents[2] / "data" / "rails"
EXPORTS = [
    "console",
    "sidekiq_cached",
    "sidekiq_fixed",
    "sidekiq_race",
    "sidekiq_retry",
    "sidekiq_retry whose memo tells the answered entry",
]


def read_rails(name: str, *, answers: bool) -> tuple[list[Row], list[Settlement]]:
    with (RAILS / name / "ledgers.csv").open(newline="") as file:
        rows = [
            Row(
                int(r["id"]),
                int(r["user_id"]),
                date.fromisoformat(r["date"]),
                cents(r["amount"]),
                r["kind"],
                datetime.fromisoformat(r["created_at"]),
                r["job_id"] or None,
                int(r["memo"].split()[-1]) if answers and " of ledger " in r["memo"] else None,
            )
            for r in csv.DictReader(file)
        ]
    with (RAILS / name / "settlements.csv").open(newline="") as file:
        settlements = [
            Settlement(
                int(r["user_id"]),
                date.fromisoformat(r["week_start"]),
                cents(r["amount"]),
                datetime.fromisoformat(r["settled_at"]),
            )
            for r in csv.DictReader(file)
        ]
    return rows, settlements


def cents(text: str) -> int:
    return int(Decimal(text) * 100)


@pytest.mark.parametrize("run", EXPORTS)
def test_names_every_wrong_counter_of_a_real_run(run: str) -> None:
    name, _, told = run.partition(" ")
    truth = json.loads((RAILS / name / "truth.json").read_text())
    causes = {
        "query_cache_stale": "stale_read",
        "race_read_before_commit": "race",
        "job_retried_after_insert": "repeated_job",
    }
    planted = Counter(
        (role, w["user_id"], w["date"], cents(w["amount"]), cents(w["correct_amount"]), cause)
        for role, key in (("wrong", "wrong_counters"), ("compensating", "compensating_counters"))
        for w in truth[key]
        for cause in [frozenset({causes[w["cause"]]}) if role == "wrong" else ANY_CAUSE]
    )
    weeks = expected_findings(*read_rails(name, answers=bool(told)), Settings())
    residuals = {(r["user_id"], r["date"]): cents(r["residual"]) for r in truth["day_residuals"]}
    assert residuals == {
        (w.settlement.account_id, str(day)): r
        for w in weeks
        for day, r in w.day_residuals.items()
        if r
    }
    for week in weeks:
        for unit in week.units:
            rows = {r.entry_id: r for r in unit.rows}
            ways = {
                frozenset(
                    Counter(
                        (
                            j.role,
                            rows[j.entry_id].account_id,
                            str(rows[j.entry_id].effective_date),
                            rows[j.entry_id].amount,
                            j.expected,
                            j.causes,
                        )
                        for j in story
                    ).items()
                )
                for story in unit.explanations
            }
            assert len(ways) == 1, "real runs leave one best explanation"
            planted.subtract(dict(ways.pop()))
    assert not +planted
    assert not -planted
