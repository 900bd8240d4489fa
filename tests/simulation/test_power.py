"""The trial of the audit on a copy of an analyst's export."""

import hashlib
from pathlib import Path

import duckdb
import pytest
from source import ROOT

from settle_core.audit import audit
from settle_core.errors import Fault
from settle_core.exports.reading.ledger import Ledger
from settle_core.rules import rule
from settle_core.simulation import inject
from settle_core.simulation.inject import Transplant
from settle_core.simulation.power import Power, plantable, power
from settle_core.simulation.scenario import Planted
from settle_core.simulation.simulate import simulate

CACHED = ROOT / "data" / "rails" / "sidekiq_cached"
MONEY = "DECIMAL(18, 2)"
# A counter-entry out of nowhere may by chance have the amount of another one's late entry.
CERTAIN = {
    "compensating_counter",
    "duplicate_counter",
    "settled_amount_mismatch",
    "unbalanced_week",
    "wrong_counter",
}


def hashes(folder: Path) -> dict[str, str]:
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in folder.iterdir()}


def transplanted(export: Path, profile: str = "", seed: int = 2) -> tuple[Transplant, audit.Audit]:
    audited = audit.run(export, profile)
    return Transplant(audited, plantable(), 3, seed), audited


@pytest.fixture(scope="module")
def cached() -> Power:
    return power(CACHED, "rails", count=6)


def test_planted_is_found_among_the_breaks_that_the_export_has_of_its_own(cached: Power) -> None:
    assert cached.findings_before > 200
    shares = {r.rule: (r.recall, r.precision) for r in cached.rules if r.rule in CERTAIN}
    assert shares == dict.fromkeys(CERTAIN, (1.0, 1.0))
    assert cached.vanished == ()


def test_each_fault_is_planted_as_often_as_asked(cached: Power) -> None:
    assert {f.fault: f.planted for f in cached.faults} == dict.fromkeys(plantable(), 6)
    assert cached.skipped == {}


def test_the_same_seed_plants_the_same_and_the_export_stays_as_it_is(tmp_path: Path) -> None:
    before = hashes(CACHED)
    one, two, other = (transplanted(CACHED, "rails", seed)[0] for seed in (2, 2, 3))
    assert one.office.rows == two.office.rows != other.office.rows
    assert one.planted == two.planted
    inject.write(one, tmp_path / "copy")
    assert hashes(CACHED) == before


def test_what_no_rule_finds_is_missed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    keep = rule.keep
    blind = "orphan_counter"

    def half_blind(ledger: Ledger, tried: rule.Rule, counted: dict[str, int]) -> object:
        ran = keep(ledger, tried, counted)
        ledger.con.execute("DELETE FROM ruled.break_row WHERE of_rule = $blind", {"blind": blind})
        return ran

    monkeypatch.setattr(rule, "keep", half_blind)
    tried = power(simulate(tmp_path / "export", accounts=20, late_share=0.02), count=3)
    by_rule = {r.rule: r for r in tried.rules}
    assert by_rule[blind].recall == 0
    assert by_rule["duplicate_counter"].recall == 1
    assert {(m.fault, m.rule) for m in tried.missed} >= {("orphan", blind)}
    assert {f.fault: f.found for f in tried.faults}["orphan"] == 0


def test_what_a_rule_finds_at_random_is_a_false_alarm(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    keep = rule.keep
    runs: list[str] = []
    again = """
        INSERT INTO ruled.break_row
        SELECT * REPLACE (week_start AS effective_date, '' AS entry_id) FROM ruled.break_row
        WHERE of_rule = 'orphan_counter'
    """

    def jumpy(ledger: Ledger, tried: rule.Rule, counted: dict[str, int]) -> object:
        ran = keep(ledger, tried, counted)
        runs.append(tried.name)
        if tried.name == "orphan_counter" and runs.count(tried.name) > 1:
            ledger.con.execute(again)
        return ran

    monkeypatch.setattr(rule, "keep", jumpy)
    tried = power(simulate(tmp_path / "export", accounts=20, late_share=0.02), count=3)
    orphans = next(r for r in tried.rules if r.rule == "orphan_counter")
    assert (orphans.found, orphans.false_alarms, orphans.precision) == (3, 3, 0.5)
    assert [f.rule for f in tried.false_alarms].count("orphan_counter") == 3


def test_amounts_and_clocks_are_the_exports_own() -> None:
    transplant, audited = transplanted(CACHED, "rails")
    con = audited.ledger.con
    own = con.sql("SELECT CAST(amount * 100 AS BIGINT) FROM late_entry").fetchall()
    entries = [r for r in transplant.office.rows if r.kind == "entry"]
    drawn = {e.amount for e in entries}
    assert len(drawn) > 10
    assert drawn <= {amount for (amount,) in own}
    last = inject.last_us(audited)
    assert max(r.recorded_us for r in transplant.office.rows) < last
    weeks = {(p.account_id, p.week_start) for p in transplant.planted}
    quiet = con.sql(
        "SELECT CAST(account_id AS VARCHAR), week_start FROM settled_week "
        "WHERE late_entries = 0 AND counters = 0 AND residual = 0"
    ).fetchall()
    assert weeks <= set(quiet)


@pytest.mark.parametrize("policy", ["sum", "delta"])
def test_faults_are_those_of_the_exports_own_policy(policy: str, tmp_path: Path) -> None:
    export = simulate(tmp_path / "export", accounts=20, policy=policy, job_ids=False)
    transplant, _ = transplanted(export)
    rules = {p.rule for p in transplant.planted}
    assert ("wrong_counter" in rules) == (policy == "sum")
    assert ("masked" in transplant.skipped) == (policy == "delta")
    assert {r.job_id for r in transplant.office.rows} == {None}


def test_copy_keeps_text_ids_seconds_and_cents(tmp_path: Path) -> None:
    export, other = simulate(tmp_path / "export", accounts=20), tmp_path / "text"
    other.mkdir()
    with duckdb.connect() as con:
        con.read_csv(str(export / "entries.csv"), dtype={"amount": MONEY}).project(
            "* REPLACE ('id-' || entry_id AS entry_id, 'a' || account_id AS account_id, "
            "DATE_TRUNC('second', recorded_at) AS recorded_at)"
        ).write_parquet(str(other / "entries.parquet"))
        con.read_csv(str(export / "settlements.csv"), dtype={"settled_amount": MONEY}).project(
            "* REPLACE ('a' || account_id AS account_id)"
        ).write_parquet(str(other / "settlements.parquet"))
    transplant, audited = transplanted(other)
    assert transplant.habits.grain_us == 1_000_000
    assert {r.recorded_us % 1_000_000 for r in transplant.office.rows} == {0}
    profile = inject.write(transplant, tmp_path / "copy")
    copy = audit.run(tmp_path / "copy", str(profile))
    rows = copy.inputs[0].rows_accepted
    removed = sum(p.rule == "missing_history" for p in transplant.planted)
    assert rows == audited.inputs[0].rows_accepted + len(transplant.office.rows) - removed
    assert copy.rejected == ()
    orphans = [p for p in transplant.planted if p.rule == "orphan_counter"]
    found = [f for f in copy.findings if f.rule == "orphan_counter"]
    assert {place(p) for p in orphans} == {(f.account_id, f.effective_date) for f in found}


def place(planted: Planted) -> tuple[str, object]:
    return planted.account_id, planted.effective_date


def test_lines_hold_each_rule_and_fault(cached: Power) -> None:
    text = "\n".join(cached.lines())
    assert all(f"\n{name.ljust(24)} " in text for name in (r.rule for r in cached.rules))
    assert all(f"\n{name.ljust(24)} " in text for name in plantable())


def test_there_must_be_something_to_plant(tmp_path: Path) -> None:
    with pytest.raises(Fault, match=r"bad value in count: expected >= 1, found 0"):
        power(CACHED, "rails", count=0)
    export = simulate(tmp_path / "export", accounts=1, weeks=2, late_share=0)
    with (export / "entries.csv").open("a", encoding="utf-8") as file:
        file.write("999,1,2026-01-05,1.00,entry,2026-01-18T00:00:00.000000Z,,\n")
    with pytest.raises(Fault, match=r"nothing to plant in .*settled weeks in which nothing"):
        power(export)
