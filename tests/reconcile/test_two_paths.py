"""Two paths agree: the SQL pipeline with its replay, and the oracle in plain Python."""

from ledgers import packed
from two_paths import WAYS, differences, drawn_alike, packs, told_how

# Each audited in four ways, all that are alike in one export. `make simulate` draws others.
DRAWN = 400


def test_on_very_many_random_ledgers() -> None:
    ledgers = drawn_alike("ledgers", "random_ledgers", DRAWN)
    assert len(ledgers) > DRAWN / 2
    found = [
        f"{policy}, {level}: {difference}"
        for pack in packs(ledgers)
        for policy, level in WAYS
        for difference in differences(told_how(packed(pack), policy, level))
    ]
    assert found == []


def test_on_systems_with_faults() -> None:
    ledgers = drawn_alike("systems", "simulated_ledgers", 30)
    assert len(ledgers) > 10
    assert [each for ledger in ledgers for each in differences(ledger)] == []
