"""An audit pauses Python's garbage collector, and leaves it as it was, come what may."""

import gc
from decimal import Decimal
from pathlib import Path

import pytest

from settle_core.audit import audit
from settle_core.errors import Fault
from settle_core.rules import rule

SAMPLE = Path(__file__).parents[2] / "data" / "sample"


def test_collector_is_paused_for_the_rules(monkeypatch: pytest.MonkeyPatch) -> None:
    at_work = []
    run_all = rule.run_all

    def watched(*given: object) -> object:
        at_work.append(gc.isenabled())
        return run_all(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(rule, "run_all", watched)
    audit.run(SAMPLE)
    assert at_work == [False]
    assert gc.isenabled()


def test_collector_is_at_work_after_a_fault() -> None:
    with pytest.raises(Fault):
        audit.run("nowhere")
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with audit.paused():
            pass
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_every_table_is_a_frame_whose_amounts_are_exact_or_can_be_drawn() -> None:
    run = audit.run("data/rails/sidekiq_retry", "rails")
    for name, wanted in (("finding", len(run.findings)), ("correction", len(run.corrections))):
        frame = run.frame(name)
        assert len(frame) == wanted > 0
        column = "effect" if name == "finding" else "amount"
        assert isinstance(frame[column].iloc[0], Decimal)
        assert run.frame(name, approximate=True)[column].dtype == "float64"
    total = sum((c.amount for c in run.corrections), Decimal())
    assert run.frame("correction")["amount"].sum() == total
    assert len(run.frame("settled_week")) == run.settled_weeks
    with pytest.raises(Fault, match="no such table"):
        run.frame("nothing")
