"""Exports of nine systems, each read by a written profile: as their truth says, and audited so."""

import csv
from pathlib import Path

import pytest

from settle_core.audit import audit
from settle_core.exports import profile as profiles
from settle_core.exports.ledger import Ledger

FORMATS = Path(__file__).parents[2] / "data" / "formats"
SYSTEMS = sorted(path.name for path in FORMATS.iterdir() if path.is_dir())
READ = {
    "entries": "SELECT entry_id, account_id, effective_date, amount, kind,"
    " strftime(recorded_at, '%Y-%m-%dT%H:%M:%SZ') FROM entry",
    "settlements": "SELECT account_id, week_start, settled_amount,"
    " strftime(settled_at, '%Y-%m-%dT%H:%M:%SZ') FROM settlement",
}


@pytest.mark.parametrize("system", SYSTEMS)
def test_export_is_read_as_its_truth(system: str) -> None:
    folder = FORMATS / system
    ledger = Ledger.read(folder / "raw", profiles.load(str(folder / "profile.toml")))
    for table, query in READ.items():
        with (folder / "truth" / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            _, *truth = csv.reader(file)
        rows = ledger.con.execute(query).fetchall()
        assert sorted([str(v) for v in row] for row in rows) == sorted(truth)
    assert len(ledger.rejected) == 0
    for given in ledger.inputs:
        assert given.rows_lost == 0
        assert sum(count for _, count in given.set_aside) == given.rows_set_aside


@pytest.mark.parametrize("system", SYSTEMS)
def test_findings_are_those_that_were_planted(system: str) -> None:
    """A counter-entry posted twice, and a late entry that was countered by none."""
    folder = FORMATS / system
    found = audit.run(folder / "raw", str(folder / "profile.toml"))
    told = {(f.rule, str(f.week_start), str(f.effect)) for f in found.findings}
    assert told == {
        ("duplicate_counter", "2026-09-14", "-25.00"),
        ("unbalanced_week", "2026-09-14", "-25.00"),
        ("uncountered_entry", "2026-09-21", "33.30"),
        ("unbalanced_week", "2026-09-21", "33.30"),
    }
    assert (found.verdict, found.weeks_off) == ("broken", 2)
    (mismatch,) = (run for run in found.rule_runs if run.rule == "settled_amount_mismatch")
    is_recorded = "as_recorded" in (folder / "profile.toml").read_text("utf-8")
    assert mismatch.status == ("not_applicable" if is_recorded else "passed")
    assert found.agreement.is_recorded == is_recorded
