"""The audit against the truth of the recorded exports, and the README's table of it."""

import json
from collections import Counter
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from settle_core.audit import audit
from settle_core.contract import Finding

ROOT = Path(__file__).parents[2]
RAILS = ROOT / "data" / "rails"
EXPORTS = tuple(sorted(p.name for p in RAILS.iterdir()))
WRONG = {"duplicate_counter", "wrong_counter", "orphan_counter"}
CAUSES = {
    "query_cache_stale": "stale_read",
    "race_read_before_commit": "race",
    "job_retried_after_insert": "repeated_job",
}
CLEAN = {"console", "sidekiq_fixed"}


class Case(NamedTuple):
    result: audit.Audit
    truth: dict[str, Any]

    def found(self, rules: set[str]) -> list[Finding]:
        return [f for f in self.result.findings if f.rule in rules]


@pytest.fixture(scope="module", params=EXPORTS)
def case(request: pytest.FixtureRequest) -> Case:
    folder = RAILS / request.param
    truth = json.loads((folder / "truth.json").read_text("utf-8"))
    return Case(audit.run(folder, "rails"), truth)


def by_amount(findings: list[Finding]) -> Counter[tuple[str, str, str, str]]:
    return Counter(
        (f.account_id, str(f.effective_date), str(f.amount), str(f.expected_amount))
        for f in findings
    )


def true_by_amount(rows: list[dict[str, Any]]) -> Counter[tuple[str, str, str, str]]:
    return Counter((str(r["user_id"]), r["date"], r["amount"], r["correct_amount"]) for r in rows)


def test_names_each_wrong_counter_and_what_was_owed(case: Case) -> None:
    # Equal counters of one day are interchangeable, so ids are not compared.
    assert by_amount(case.found(WRONG)) == true_by_amount(case.truth["wrong_counters"])


def test_names_each_compensating_counter(case: Case) -> None:
    found = by_amount(case.found({"compensating_counter"}))
    assert found == true_by_amount(case.truth["compensating_counters"])


def test_finds_the_broken_days_and_no_other(case: Case) -> None:
    found = {(f.account_id, str(f.effective_date)) for f in case.found(WRONG)}
    assert found == {(str(r["user_id"]), r["date"]) for r in case.truth["wrong_counters"]}


def test_masked_are_those_whose_day_was_compensated_later(case: Case) -> None:
    found = Counter(f.status for f in case.found(WRONG))
    healed = Counter(
        "masked" if r["day_later_compensated"] else "open" for r in case.truth["wrong_counters"]
    )
    assert found == healed


def test_effects_add_up_to_the_residual_of_each_day(case: Case) -> None:
    effects: dict[tuple[str, str], Decimal] = {}
    for f in case.result.findings:
        if f.effective_date and f.effect is not None:
            key = (f.account_id, str(f.effective_date))
            effects[key] = effects.get(key, Decimal()) + f.effect
    off = {key: effect for key, effect in effects.items() if effect}
    true = {
        (str(r["user_id"]), r["date"]): Decimal(r["residual"]) for r in case.truth["day_residuals"]
    }
    assert off == true
    assert case.result.open_cents == ()


def test_causes_are_right_wherever_they_are_claimed(case: Case) -> None:
    wrong = case.truth["wrong_counters"]
    (true,) = {CAUSES[r["cause"]] for r in wrong} or {"none"}
    claimed = [f for f in case.found(WRONG) if f.evidence != "undetermined"]
    assert {f.cause for f in claimed} <= {true}
    # And they are claimed for nearly all: evidence that says nothing would pass the line above.
    assert len(claimed) >= len(wrong) * 0.95


def test_verdict(case: Case) -> None:
    is_clean = case.truth["scenario"] in CLEAN
    assert case.result.verdict == ("reconciled" if is_clean else "broken")
    assert bool(case.result.findings) != is_clean
    assert case.result.weeks_off == case.truth["counts"]["weeks_off"]


def test_corrections_put_each_broken_day_right_and_no_other(case: Case) -> None:
    proposed = {(c.account_id, str(c.effective_date)): -c.amount for c in case.result.corrections}
    true = {
        (str(r["user_id"]), r["date"]): Decimal(r["residual"]) for r in case.truth["day_residuals"]
    }
    assert proposed == true


def table_row(case: Case) -> str:
    wrong, compensating = case.truth["wrong_counters"], case.truth["compensating_counters"]
    found, true = by_amount(case.found(WRONG)), true_by_amount(wrong)
    right = (found & true).total()
    days = {k[:2] for k in found}
    true_days = {k[:2] for k in true}
    causes = sorted({f.cause.replace("_", " ") for f in case.found(WRONG)} - {"unknown"})
    masked = sum(f.status == "masked" for f in case.found(WRONG))
    return (
        f"| {case.truth['scenario']} | {case.result.verdict} | {len(true_days)} "
        f"| {len(days & true_days)} | {len(days - true_days)} | {len(wrong)} | {right} "
        f"| {found.total() - right} | {masked} | {len(compensating)} | {', '.join(causes) or '-'} |"
    )


def test_readme_shows_these_figures(case: Case) -> None:
    assert table_row(case) in (ROOT / "README.md").read_text("utf-8").splitlines()
