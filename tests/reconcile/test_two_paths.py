"""Two paths agree: the SQL pipeline with its replay, and the oracle in plain Python."""

from hypothesis import assume, given, settings
from hypothesis import strategies as st
from ledgers import Ledger, packed, random_ledgers
from systems import simulated_ledgers
from two_paths import WAYS, differences, drawn, packs, told_how

ways = {"policy": st.sampled_from(["sum", "delta"]), "level": st.sampled_from(["day", "week"])}


@given(ledger=random_ledgers(), **ways)
@settings(deadline=None, max_examples=10, derandomize=True)
def test_on_random_ledgers(ledger: Ledger, policy: str, level: str) -> None:
    assume(ledger.rows)
    assert differences(told_how(ledger, policy, level)) == []


# Each audited in four ways, all that are alike in one export. `make simulate` draws others.
DRAWN = 400


def test_on_very_many_random_ledgers() -> None:
    ledgers = drawn(DRAWN, anew=False)
    assert len(ledgers) > DRAWN / 2
    found = [
        f"{policy}, {level}: {difference}"
        for pack in packs(ledgers)
        for policy, level in WAYS
        for difference in differences(told_how(packed(pack), policy, level))
    ]
    assert found == []


@given(simulated_ledgers())
@settings(deadline=None, max_examples=20, derandomize=True)
def test_on_systems_with_faults(ledger: Ledger) -> None:
    assume(ledger.rows)
    assert differences(ledger) == []
