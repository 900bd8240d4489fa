"""Exports of nine systems, each read by a written profile: as their truth says, and audited so."""

import pytest
from foreign import FORMATS, SYSTEMS, demand_planted, demand_truth

from settle_core.audit import audit
from settle_core.exports import profile as profiles
from settle_core.exports.ledger import Ledger


@pytest.mark.parametrize("system", SYSTEMS)
def test_export_is_read_as_its_truth(system: str) -> None:
    folder = FORMATS / system
    ledger = Ledger.read(folder / "raw", profiles.load(str(folder / "profile.toml")))
    demand_truth(ledger, folder / "truth")


@pytest.mark.parametrize("system", SYSTEMS)
def test_findings_are_those_that_were_planted(system: str) -> None:
    folder = FORMATS / system
    found = audit.run(folder / "raw", str(folder / "profile.toml"))
    demand_planted(found)
    (mismatch,) = (run for run in found.rule_runs if run.rule == "settled_amount_mismatch")
    is_recorded = "as_recorded" in (folder / "profile.toml").read_text("utf-8")
    assert mismatch.status == ("not_applicable" if is_recorded else "passed")
    assert found.agreement.is_recorded == is_recorded
