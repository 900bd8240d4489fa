"""An audit pauses Python's garbage collector, and leaves it as it was, come what may."""

import gc
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
