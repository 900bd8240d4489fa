"""Two paths agree: the SQL pipeline with its replay, and the oracle in plain Python."""

from datetime import timedelta

from ledgers import MONDAY, SETTLED, Ledger, packed, settings_for
from oracle_records import Row, Settlement
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


def test_equal_entry_is_left_to_the_job_that_answers_it_wrongly() -> None:
    """Under delta: which of two equal entries a row of no job answers, what is left decides."""
    for first, second in (("a", "b"), ("b", "a")):
        told = [
            ("entry", 100, 10, first),
            ("entry", 100, 10, second),
            ("counter", -100, 10, None),
            ("entry", 6, 10.1, "b"),
            ("counter", -106, 13, "a"),
        ]
        rows = [
            Row(number, 7, MONDAY, amount, kind, SETTLED + timedelta(seconds=at), job)
            for number, (kind, amount, at, job) in enumerate(told, start=1)
        ]
        settlements = [Settlement(7, MONDAY, 0, SETTLED)]
        ledger = Ledger(rows, settlements, settings_for("in_order"), [])
        for policy, level in WAYS[2:]:
            assert differences(told_how(ledger, policy, level)) == []
