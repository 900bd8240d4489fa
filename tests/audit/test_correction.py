"""Corrections put the export right, and the plan of what is owed is what the audit misses."""

import csv
import shutil
from pathlib import Path

import pytest
from recorded import EXPORTS, RAILS

from settle_core.audit import audit, correction, owed
from settle_core.errors import Fault
from settle_core.exports.profiles import profile

RAILS_PROFILE = profile.load("rails")
# A column of ours and what the rails export calls it.
THEIRS = {
    "entry_id": "id",
    "account_id": "user_id",
    "effective_date": "date",
    "recorded_at": "created_at",
}


def with_rows(export: Path, more: Path, folder: Path) -> Path:
    """A copy of a rails export with rows in our columns appended."""
    shutil.copytree(export, folder)
    with (folder / "ledgers.csv").open(encoding="utf-8", newline="") as file:
        names = next(csv.reader(file))
    with more.open(encoding="utf-8", newline="") as file:
        rows = [{THEIRS.get(k, k): v for k, v in row.items()} for row in csv.DictReader(file)]
    with (folder / "ledgers.csv").open("a", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names, extrasaction="ignore", lineterminator="\n")
        writer.writerows(rows)
    return folder


def test_a_correction_of_another_amount_corrects_nothing(tmp_path: Path) -> None:
    before = audit.run(RAILS / "sidekiq_cached", "rails")
    before.write(tmp_path / "run")
    out = tmp_path / "corrections.csv"
    correction.importable(tmp_path / "run", out)
    first = before.corrections[0]
    text = out.read_text("utf-8").replace(f",{first.amount:f},", f",{first.amount * 2:f},", 1)
    out.write_text(text, "utf-8")
    after = audit.run(with_rows(RAILS / "sidekiq_cached", out, tmp_path / "export"), "rails")
    assert after.weeks_off == 1
    (proposed,) = after.corrections
    assert proposed.amount == -first.amount


def without_counters(folder: Path) -> Path:
    shutil.copytree(RAILS / "console", folder)
    ledgers = folder / "ledgers.csv"
    lines = ledgers.read_text("utf-8").splitlines(keepends=True)
    ledgers.write_text("".join(line for line in lines if ",counter," not in line), "utf-8")
    return folder


def test_plan_and_export_together_are_reconciled_and_owe_nothing(tmp_path: Path) -> None:
    export = without_counters(tmp_path / "bare")
    missing = audit.run(export, "rails")
    assert {f.rule for f in missing.findings} == {"uncountered_entry", "unbalanced_week"}
    planned = owed.plan(export, RAILS_PROFILE)
    owed.write(planned, tmp_path / "plan.csv")
    answered = planned.con.execute("SELECT answers FROM plan").fetchall()
    uncountered = {f.entry_id for f in missing.findings if f.entry_id}
    assert {entry_id for (entry_id,) in answered} == uncountered
    assert len(answered) == len(uncountered)
    both = with_rows(export, tmp_path / "plan.csv", tmp_path / "both")
    assert audit.run(both, "rails").verdict == "reconciled"
    assert owed.totals(owed.plan(both, RAILS_PROFILE)) == []


@pytest.mark.parametrize("name", EXPORTS)
def test_recorded_exports_owe_nothing(name: str) -> None:
    # Their wrong counter-entries are put right by corrections, not by more counter-entries.
    assert owed.totals(owed.plan(RAILS / name, RAILS_PROFILE)) == []


def test_plan_is_the_same_twice_and_never_overwrites(tmp_path: Path) -> None:
    export = without_counters(tmp_path / "bare")
    for name in ("a.csv", "b.csv"):
        owed.write(owed.plan(export, RAILS_PROFILE), tmp_path / name)
    assert (tmp_path / "a.csv").read_bytes() == (tmp_path / "b.csv").read_bytes()
    with pytest.raises(Fault, match="the file is there already"):
        owed.write(owed.plan(export, RAILS_PROFILE), tmp_path / "a.csv")


def test_nothing_is_planned_from_a_part_of_an_export(tmp_path: Path) -> None:
    export = without_counters(tmp_path / "bare")
    with (export / "ledgers.csv").open("a", encoding="utf-8") as file:
        file.write("x,1,2026-08-03,1.005,entry,,,2026-08-03T00:00:00Z\n")
    with pytest.raises(Fault, match=r"1 rows rejected in .*has more than 2 decimals"):
        owed.plan(export, RAILS_PROFILE)
