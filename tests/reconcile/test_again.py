"""Counter-entries in open weeks of what is answered at home as well."""

import random
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from ledgers import MONDAY, Ledger, packed
from oracle_again import second_answers
from two_paths import differences, drawn_alike, packs, told_how

from settle_core.audit import audit
from settle_core.audit.audit import Audit
from settle_core.exports.arrays import whole_pass

HEAD = "entry_id,account_id,effective_date,amount,kind,recorded_at,job_id,answers\n"
LATE = "11,7,2026-01-06,4.00,entry,2026-01-13T09:00:00.000Z,j1,"
NEXT = "14,7,2026-01-06,1.00,entry,2026-01-14T09:00:00.000Z,j2,"
WHOLE = "15,7,2026-01-06,-5.00,counter,2026-01-14T09:00:00.010Z,j2,"
HOME = "12,7,2026-01-06,-4.00,counter,2026-01-13T09:00:00.010Z,{job},{answers}"
OPEN = "13,7,2026-01-13,-4.00,counter,2026-01-13T09:00:00.020Z,{job},{answers}"
OWN = "10,7,2026-01-13,4.00,entry,2026-01-13T08:59:59.000Z,j1,"
BACK = "16,7,2026-01-20,4.00,{kind},2026-01-20T09:00:00.000Z,j9,"
FIRST = "7,2026-01-05,10.00,2026-01-12T03:00:00Z"
SECOND = "7,2026-01-12,-4.00,2026-01-19T03:00:00Z"


def audited(folder: Path, *rows: str, settled: tuple[str, ...] = (FIRST,)) -> Audit:
    first = "1,7,2026-01-06,10.00,entry,2026-01-06T09:00:00Z,j0,"
    (folder / "entries.csv").write_text(HEAD + "".join(f"{k}\n" for k in (first, *rows)), "utf-8")
    head = "account_id,week_start,settled_amount,settled_at"
    (folder / "settlements.csv").write_text("\n".join((head, *settled, "")), "utf-8")
    return audit.run(folder, "canonical")


def given(row: str, job: str = "", answers: str = "", kind: str = "counter") -> str:
    return row.format(job=job, answers=answers, kind=kind)


@pytest.fixture(params=[0, 10**12], autouse=True)
def _ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole_pass, "ROWS_MIN", request.param)


@pytest.mark.parametrize(
    "rows",
    [
        (LATE, given(OPEN, job="j1"), NEXT, WHOLE),
        (LATE, given(OPEN, answers="11"), NEXT, WHOLE),
        (LATE, given(HOME, answers="11"), given(OPEN, answers="11")),
        (LATE, given(HOME, job="j3"), given(OPEN, job="j3"), NEXT.replace("j2", "j4")),
        # An entry that it could have been written for stands in its week, but it names another.
        (OWN, LATE, given(HOME, answers="11"), given(OPEN, answers="11")),
    ],
)
def test_a_second_answer_in_an_open_week_is_no_green(rows: tuple[str, ...], tmp_path: Path) -> None:
    run = audited(tmp_path, *rows)
    (found,) = (each for each in run.findings if each.entry_id == "13")
    assert (found.rule, found.status) == ("misplaced_counter", "masked")
    assert found.effect == Decimal(0)
    assert "in a week that is open" in found.explanation
    assert "13" not in str(run.corrections)
    assert run.violations == ()
    assert run.verdict != "reconciled"


def test_nor_is_one_in_a_week_that_was_settled_with_it(tmp_path: Path) -> None:
    rows = (LATE, given(HOME, job="j3"), given(OPEN, job="j3"))
    run = audited(tmp_path, *rows, settled=(FIRST, SECOND))
    assert [(each.entry_id, each.status) for each in run.findings] == [("13", "masked")]
    assert "that was settled with it" in run.findings[0].explanation


@pytest.mark.parametrize(
    "rows",
    [
        # Nothing tells whose it is.
        (LATE, given(HOME), given(OPEN)),
        (LATE, given(HOME, job="j3"), given(OPEN, job="j5")),
        # It has an entry of its own, in its week.
        (OWN, LATE, given(HOME, job="j3"), given(OPEN, job="j3")),
        (OWN, LATE, given(HOME, answers="11"), given(OPEN, answers="10")),
        # It was taken back.
        (LATE, given(HOME, job="j3"), given(OPEN, job="j3"), given(BACK)),
        (LATE, given(HOME, job="j3"), given(OPEN, job="j3"), given(BACK, kind="correction")),
    ],
)
def test_what_may_be_right_in_an_open_week_stays_green(
    rows: tuple[str, ...], tmp_path: Path
) -> None:
    assert audited(tmp_path, *rows).verdict == "reconciled"


def with_second_answers(ledger: Ledger, lots: random.Random) -> Ledger:
    """With counter-entries in an open week, most of them of what a settled one has."""
    rows = list(ledger.rows)
    day = MONDAY + timedelta(weeks=3)
    for number in range(lots.randint(1, 3)):
        known = lots.choice(rows)
        amount = known.amount if known.kind == "counter" else -known.amount
        at = known.recorded_at + timedelta(seconds=lots.choice([-3, -1, 0, 0.5, 1, 3, 600, 2000]))
        named = known.entry_id if known.kind == "entry" or lots.random() < 0.2 else known.answers
        row = known._replace(
            entry_id=f"open{number}" if isinstance(known.entry_id, str) else 10_000 + number,
            effective_date=day + timedelta(days=lots.randrange(3)),
            amount=amount if lots.random() < 0.9 else amount + 1,
            kind="counter",
            recorded_at=at,
            job_id=lots.choice([known.job_id, known.job_id, None, "other"]),
            answers=named if lots.random() < 0.4 else None,
        )
        rows.append(row)
        again = row._replace(entry_id=f"{row.entry_id}b" if isinstance(row.entry_id, str) else 0)
        if again.entry_id == 0:
            again = again._replace(entry_id=20_000 + number)
        if lots.random() < 0.2:  # it has an entry of its own
            rows.append(again._replace(amount=-amount, kind="entry", job_id=None, answers=None))
        elif lots.random() < 0.2:  # it was taken back
            at += timedelta(hours=1)
            rows.append(again._replace(amount=-row.amount, recorded_at=at, answers=None))
    return ledger._replace(rows=rows)


def test_the_oracle_tells_the_same_second_answers() -> None:
    lots = random.Random(5)  # noqa: S311 - no secret
    drawn = drawn_alike("ledgers", "random_ledgers", 120)
    ledgers = [with_second_answers(each, lots) for each in drawn]
    whole = [packed(pack) for pack in packs(ledgers)]
    known = [second_answers(*each[:3], (), ()) for each in whole]
    assert sum(map(len, known)) > len(ledgers) / 4
    told = [
        difference
        for policy, level in (("sum", "week"), ("delta", "day"))
        for each in whole
        for difference in differences(told_how(each, policy, level))
    ]
    assert [each for each in told if "second answer" in each] == []
