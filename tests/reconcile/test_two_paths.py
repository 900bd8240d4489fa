"""Two paths agree: the SQL pipeline with its replay, and the oracle in plain Python."""

from collections.abc import Sequence
from datetime import timedelta

import pytest
from ledgers import MONDAY, SETTLED, Ledger, packed, settings_for
from oracle_records import Row, Settlement
from two_paths import WAYS, differences, drawn_alike, packs, told_how

# Of a late row: its kind, amount, second after settlement and job.
Told = tuple[str, int, float, str | None]
# Each audited in four ways, all that are alike in one export. `make simulate` draws others.
DRAWN = 400


def told_otherwise(ledgers: Sequence[Ledger]) -> list[str]:
    return [
        f"{policy}, {level}: {difference}"
        for pack in packs(ledgers)
        for policy, level in WAYS
        for difference in differences(told_how(packed(pack), policy, level))
    ]


def test_on_very_many_random_ledgers() -> None:
    ledgers = drawn_alike("ledgers", "random_ledgers", DRAWN)
    assert len(ledgers) > DRAWN / 2
    assert told_otherwise(ledgers) == []


def test_on_answers_that_are_taken_back_and_posted_again() -> None:
    drawn = drawn_alike("ledgers", "random_ledgers", 40)
    ledgers = [with_repost(each, is_named=k % 2 > 0) for k, each in enumerate(drawn)]
    assert sum(any(row.job_id == "again" for row in each.rows) for each in ledgers) > 20
    assert told_otherwise(ledgers) == []


def with_repost(ledger: Ledger, *, is_named: bool) -> Ledger:
    """With its last counter-entry taken back by a job at the end, which posts it again."""
    rows = list(ledger.rows)
    answers = [row for row in rows if row.kind == "counter" and row.amount]
    if not answers or ledger.settings.as_of:
        return ledger
    last = max(row.recorded_at for row in rows) + timedelta(hours=1)
    for place in (0, 1):
        ids = [row.entry_id for row in rows]
        entry_id = (
            max(each for each in ids if isinstance(each, int)) + 1
            if all(isinstance(each, int) for each in ids)
            else f"zz{place}"
        )
        amount = answers[-1].amount * (1 if place else -1)
        at = last + timedelta(milliseconds=place)
        again = answers[-1]._replace(entry_id=entry_id, amount=amount, recorded_at=at)
        named = answers[-1].answers if is_named else None
        rows.append(again._replace(job_id="again", answers=named))
    return ledger._replace(rows=rows)


def test_on_systems_with_faults() -> None:
    ledgers = drawn_alike("systems", "simulated_ledgers", 30)
    assert len(ledgers) > 10
    assert [each for ledger in ledgers for each in differences(ledger)] == []


def test_equal_entry_is_left_to_the_job_that_answers_it_wrongly() -> None:
    """Under delta: which of two equal entries a row of no job answers, what is left decides."""
    for first, second in (("a", "b"), ("b", "a")):
        told: list[Told] = [
            ("entry", 100, 10, first),
            ("entry", 100, 10, second),
            ("counter", -100, 10, None),
            ("entry", 6, 10.1, "b"),
            ("counter", -106, 13, "a"),
        ]
        for policy, level in WAYS[2:]:
            assert differences(told_how(week(told), policy, level)) == []


def test_an_equal_entry_is_given_up_for_one_that_another_may_answer() -> None:
    """Under delta: of two equal entries one cancels out, and either may be the one."""
    told: list[Told] = [
        ("entry", -3916, 1, None),
        ("entry", -5000, 3, None),
        ("counter", 8916, 3, None),
        ("entry", 5000, 3.001, None),
        ("entry", -5000, 5.002, None),
        ("counter", 1000, 5.003, None),
    ]
    for policy, level in WAYS[2:]:
        assert differences(told_how(week(told), policy, level)) == []


def week(told: list[Told], off: int = 0) -> Ledger:
    """Late rows of an account's week, which was off by so much at its settlement."""
    rows = [
        Row(number, 7, MONDAY, amount, kind, SETTLED + timedelta(seconds=at), job)
        for number, (kind, amount, at, job) in enumerate(told, start=1)
    ]
    return Ledger(rows, [Settlement(7, MONDAY, -off, SETTLED)], settings_for("in_order"), [])


@pytest.mark.parametrize(("owed", "parts"), [(99999, (66000, 32999)), (79022, (52015, 26007))])
def test_a_row_leaves_its_own_job_s_entry_to_one_that_may_mean_no_other(
    owed: int, parts: tuple[int, int]
) -> None:
    """Under delta: of three wrong answers of a job one may mean the entry of no job as well."""
    rows: list[Told] = [
        ("counter", 2000, 2.1, "b"),
        ("entry", -owed, 2.2, None),
        ("entry", -1000, 2.3, "b"),
        *(("counter", part, 1202.3, "b") for part in parts),
    ]
    for policy, level in WAYS[2:]:
        assert differences(told_how(week(rows), policy, level)) == []


def test_a_row_offsets_history_where_that_leaves_fewer_faults_than_an_equal_entry() -> None:
    """Under delta: then the entry that it might have answered cancels out with others."""
    rows: list[Told] = [
        ("entry", 1000, 60.0, None),
        ("counter", -1000, 62.1, None),
        ("counter", 1000, 62.2, None),
        ("entry", 5000, 62.2, None),
        ("entry", -2000, 62.3, None),
        ("entry", 1000, 62.4, None),
    ]
    for policy, level in WAYS[2:]:
        assert differences(told_how(week(rows, off=1000), policy, level)) == []
