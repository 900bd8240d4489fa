"""A trial of the audit is told as it went: what was missed, what was no fault, how sure that is."""

import re
from datetime import date
from pathlib import Path

from settle_core.audit import audit
from settle_core.report import power
from settle_core.report.html import Html
from settle_core.simulation.power import FaultPower, Power, RulePower
from settle_core.simulation.scenario import Planted

SAMPLE = Path(__file__).parents[2] / "data" / "sample"
MONDAY = date(2026, 9, 7)
MISSED = Planted(
    *("race", 0, "wrong_counter", "open", "race", "1002", "EUR", MONDAY, MONDAY),
    *(None, -500, 0, -500),
)


def words(piece: Html) -> list[str]:
    return re.sub(r"<style.*?</style>|<[^>]*>", "|", piece.text, flags=re.DOTALL).split("|")


def trial(*, is_perfect: bool) -> Power:
    found = audit.run(SAMPLE).findings
    return Power(
        export="ours",
        seed=3,
        findings_before=2,
        faults=(FaultPower("orphan", 20, 20), FaultPower("race", 4, 4 if is_perfect else 3)),
        rules=(RulePower("wrong_counter", 4, 4, 0) if is_perfect else RulePower("w", 4, 3, 1),),
        missed=() if is_perfect else (MISSED,),
        false_alarms=() if is_perfect else (found[0],),
        vanished=(),
        wrongly_proved=(),
        skipped={"masked": "0 of 4: no room"},
    )


def test_whole_success_is_passed_and_says_how_sure_it_is() -> None:
    perfect = trial(is_perfect=True)
    assert "passed" in words(power.headline(perfect))
    rows = words(power.by_fault(perfect))
    # The twentieth and the fourth root of 5 %.
    assert {"86 %", "47 %", "Not planted: masked, 0 of 4: no room."} <= set(rows)
    assert "Nothing is amiss." in words(power.amiss(perfect))


def test_what_was_missed_and_what_was_no_fault_are_listed() -> None:
    flawed = trial(is_perfect=False)
    assert "differs" in words(power.headline(flawed))
    assert "47 %" not in words(power.by_fault(flawed))
    assert {"75.0 %"} <= set(words(power.by_rule(flawed)))
    amiss = words(power.amiss(flawed))
    assert {"missed", "wrong counter", "1002", "false alarm"} <= set(amiss)
