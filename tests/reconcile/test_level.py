"""Whether days or weeks are balanced is told by most weeks, not by a single one."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from settle_core.audit import audit

HEADS = {
    "entries": "entry_id,account_id,effective_date,amount,kind,recorded_at,job_id",
    "settlements": "account_id,week_start,settled_amount,settled_at",
}
FIRST = date(2026, 3, 2)
Late = tuple[int, int]  # day of the week, amount; below zero a counter-entry
OWN_DAYS: list[Late] = [(1, 40), (1, -40), (3, 25), (3, -25)]
# Three answers land on each other's days: none of these could do without just one of its rows.
ON_OTHER_DAYS: list[Late] = [(1, 70), (2, -70), (2, 30), (3, -30), (3, 12), (1, -12)]
ON_OTHER_DAYS += [(0, 50), (0, -50), (4, 15), (4, -15)]
# What came on two days is answered together, on the second one.
TOGETHER: list[Late] = [(1, 60), (3, 11), (3, -71)]
NEXT_DAY: list[Late] = [(1, 70), (2, -70)]


def audited(
    folder: Path,
    accounts: Sequence[Sequence[Sequence[Late]]],
    apart: timedelta = timedelta(minutes=1),
    entries: Sequence[int] = (),
) -> audit.Audit:
    """An export of weeks of accounts: late rows so far `apart`, each two of one job.

    `entries`: amounts below zero of late entries.
    """
    rows: dict[str, list[str]] = {name: [head] for name, head in HEADS.items()}
    for account, weeks in enumerate(accounts, start=1):
        for number, late in enumerate(weeks):
            week = FIRST + timedelta(weeks=number)
            settled = datetime.combine(week, time(3), UTC) + timedelta(days=7)
            rows["settlements"].append(f"{account},{week},0.00,{settled.isoformat()}")
            for place, (day, amount) in enumerate(late):
                at = settled + timedelta(days=1, seconds=account) + place * apart
                given = account, week + timedelta(days=day), f"{amount}.00"
                kind = "entry" if amount > 0 or amount in entries else "counter"
                job = place // 2
                told = *given, kind, f"{at.isoformat()}", f"j{account}-{number}-{job}"
                entry_id = len(rows["entries"])
                rows["entries"].append(",".join(map(str, (entry_id, *told))))
    for name, lines in rows.items():
        (folder / f"{name}.csv").write_text("\n".join(lines) + "\n", "utf-8")
    return audit.run(folder, "canonical")


def test_a_week_of_answers_on_other_days_does_not_silence_the_days_of_others(
    tmp_path: Path,
) -> None:
    run = audited(tmp_path, [[OWN_DAYS]] * 12 + [[ON_OTHER_DAYS]])
    told = sorted(str(f.amount) for f in run.findings if f.rule == "misplaced_counter")
    assert told == ["-12.00", "-30.00", "-70.00"]
    assert {f.account_id for f in run.findings} == {"13"}


def test_days_that_are_even_by_chance_do_not_accuse_what_is_balanced_by_the_week(
    tmp_path: Path,
) -> None:
    run = audited(tmp_path, [[OWN_DAYS, TOGETHER, OWN_DAYS, NEXT_DAY, OWN_DAYS]] * 6)
    assert run.verdict == "reconciled"


def test_late_entries_of_one_day_that_cancel_out_do_not_show_that_days_are_balanced(
    tmp_path: Path,
) -> None:
    one_day: list[Late] = [(1, 70), (1, -70)]
    accounts = [[one_day] * 3] * 4 + [[one_day, NEXT_DAY], [TOGETHER]]
    run = audited(tmp_path, accounts, entries=[-70])
    assert run.verdict == "reconciled"
    assert not run.inferred.level.total["day"]


def test_an_answer_to_two_entries_that_lands_on_another_day_is_not_passed_over(
    tmp_path: Path,
) -> None:
    both: list[Late] = [(1, 60), (1, 11), (1, -71), (3, 25), (3, -25)]
    astray: list[Late] = [(1, 60), (1, 12), (4, -72), (3, 25), (3, -25)]
    run = audited(tmp_path, [[both]] * 12 + [[astray]])
    assert run.verdict == "masked"
    assert sorted(str(f.amount) for f in run.findings) == ["-72.00", "12.00", "60.00"]
    assert {f.account_id for f in run.findings} == {"13"}


def test_answers_that_are_dated_on_one_day_of_the_week_are_not_misplaced(tmp_path: Path) -> None:
    sunday: list[Late] = [(6, 40), (6, -40), (6, 25), (6, -25)]
    # Most late entries are of Sundays as well; each answer is dated on the last day of its week.
    others: list[Late] = [(6, 40), (6, -40), (2, 25), (6, -25)]
    run = audited(tmp_path, [[sunday, sunday, sunday, others]] * 6)
    assert run.verdict == "reconciled"


def test_an_account_whose_answers_are_all_on_other_days_keeps_weeks(tmp_path: Path) -> None:
    days = [[OWN_DAYS] * 6] * 8
    run = audited(tmp_path, [*days, [NEXT_DAY, OWN_DAYS[:2], *[NEXT_DAY] * 4]])
    assert run.verdict == "reconciled"


LAST_DAY: list[Late] = [(1, 70), (6, -70)]


def test_accounts_that_keep_weeks_are_told_among_others_that_keep_days(tmp_path: Path) -> None:
    days = [[OWN_DAYS] * 4] * 8
    # Neither has more than two weeks that show it.
    weeks = [[NEXT_DAY, [(3, 50), (5, -50)]], [[(0, 35), (4, -35)], OWN_DAYS[:2], NEXT_DAY]]
    run = audited(tmp_path, [*days, *weeks])
    assert run.verdict == "reconciled"
    (said,) = run.inferred.says
    assert said.startswith("4 weeks with answers on another day than their late entry")


def test_an_answer_on_another_day_is_told_though_other_accounts_keep_weeks(tmp_path: Path) -> None:
    days = [[OWN_DAYS] * 4] * 7 + [[OWN_DAYS, OWN_DAYS, [(1, 40), (1, -40), (3, 25), (4, -25)]]]
    run = audited(tmp_path, [*days, [NEXT_DAY, [(3, 50), (5, -50)], [(0, 35), (4, -35)]]])
    told = [(f.account_id, f.amount) for f in run.findings if f.rule == "misplaced_counter"]
    assert [(account, str(amount)) for account, amount in told] == [("8", "-25.00")]


def test_answers_on_other_days_are_told_where_nearly_all_accounts_have_one(tmp_path: Path) -> None:
    astray: list[list[Late]] = [[(1, 40), (day, -40), (3, 25), (3, -25)] for day in (0, 4, 5, 2)]
    run = audited(tmp_path, [[OWN_DAYS, OWN_DAYS, each, OWN_DAYS] for each in astray])
    assert sum(f.rule == "misplaced_counter" for f in run.findings) == len(astray)


def test_weeks_that_were_kept_for_a_time_are_told_by_how_answers_are_dated(tmp_path: Path) -> None:
    run = audited(tmp_path, [[LAST_DAY, OWN_DAYS, OWN_DAYS, OWN_DAYS]] * 5)
    assert run.verdict == "reconciled"


def test_a_few_answers_that_are_all_dated_in_one_way_are_told_among_many(tmp_path: Path) -> None:
    # A bug may date each on the last day of its week; the own jobs name what they answer.
    run = audited(tmp_path, [[OWN_DAYS] * 6] * 6 + [[OWN_DAYS, LAST_DAY, OWN_DAYS]] * 3)
    told = [f.account_id for f in run.findings if f.rule == "misplaced_counter"]
    assert sorted(told) == ["7", "8", "9"]
    assert run.verdict == "masked"


# Net and tax by one job, within the moment that makes them one answer.
PARTS: list[Late] = [(1, 119), (3, 7), (1, -100), (1, -19), (3, -7)]


@pytest.mark.parametrize(("net", "tax"), [(5, 1), (5, 5), (5, 6)])
def test_parts_of_an_answer_on_other_days_are_told(tmp_path: Path, net: int, tax: int) -> None:
    astray = [(1, 119), (3, 7), (net, -100), (tax, -19), (3, -7)]
    accounts = [[PARTS] * 3] * 6 + [[PARTS, astray, PARTS]]
    run = audited(tmp_path, accounts, apart=timedelta(seconds=1))
    assert run.verdict == "masked"
    off: Counter[date | None] = Counter()
    for day, amount in ((1, 119), (net, -100), (tax, -19)):
        off[FIRST + timedelta(days=7 + day)] += amount
    told: Counter[date | None] = Counter()
    for f in run.findings:
        assert f.account_id == "7"
        told[f.effective_date] += int(f.effect or 0)
    assert told == off


def test_parts_that_are_dated_on_other_days_keep_weeks(tmp_path: Path) -> None:
    tax_first: list[Late] = [(1, 119), (3, 238), (6, -300), (0, -57)]
    accounts = [[tax_first] * 4] * 3 + [[PARTS] * 4] * 3
    assert audited(tmp_path, accounts, apart=timedelta(seconds=1)).verdict == "reconciled"


def test_an_answer_that_its_job_spreads_over_days_keeps_weeks(tmp_path: Path) -> None:
    # No answer of one day comes in parts; so those of the others are no sign of a day missed.
    spread: list[Late] = [(1, 40), (1, -40), (3, 60), (3, 8), (1, -34), (3, -34)]
    accounts = [[OWN_DAYS, spread, OWN_DAYS]] * 3 + [[OWN_DAYS]]
    assert audited(tmp_path, accounts, apart=timedelta(seconds=1)).verdict == "reconciled"
