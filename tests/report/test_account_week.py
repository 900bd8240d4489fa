"""One account's week in depth: the numbers of the audit, and one line for what is not there."""

import re
from pathlib import Path

import pytest

from settle_core import formats
from settle_core.errors import Fault
from settle_core.report import account_week, settled_weeks
from settle_core.report.account_week import AccountWeek

CACHED = str(Path(__file__).parents[2] / "data" / "rails" / "sidekiq_cached")


def words(html: str) -> str:
    text = re.sub(r"<[^>]*>", " ", re.sub(r"<style.*?</style>", "", html))
    return " ".join(text.replace(formats.MINUS, "-").split())


@pytest.fixture(scope="module")
def masked() -> AccountWeek:
    return account_week.of(CACHED, "rails", "35", "2026-08-31")


def test_masked_week_is_told_though_its_sum_is_right(masked: AccountWeek) -> None:
    assert masked.verdict == "masked"
    assert masked.sums[0].residual == 0
    assert "later counter-entry took a wrong one back" in words(account_week.headline(masked).text)
    assert "did not see counter-entry 7745" in words(account_week.told(masked).text)
    assert "No correction is proposed" in words(account_week.put_right(masked).text)


def test_any_day_of_the_week_and_the_finding_lead_to_the_same_place(masked: AccountWeek) -> None:
    by_day = account_week.of(CACHED, "rails", "35", "2026-09-06")
    first = masked.findings[0].finding_id[:10]
    by_finding = account_week.of(CACHED, "rails", "", "", finding_id=first)
    assert by_day.sums == by_finding.sums == masked.sums


def test_every_row_stands_on_its_side_of_the_settlement(masked: AccountWeek) -> None:
    (sums,) = masked.sums
    rows = masked.rows(sums)
    on_time = [row for row in rows if row[2] <= sums.settled_at]
    assert [row[4] for row in rows].count("on time") == len(on_time)
    assert on_time[-1][6] == sums.settled_sum
    assert rows[-1][6] == sums.current_sum
    assert len(rows) - len(on_time) == sums.late_entries + sums.counters


def test_each_counter_is_judged_and_what_its_writer_saw_is_said(masked: AccountWeek) -> None:
    text = words(account_week.seen(masked).text)
    assert re.search(r"7745 \S+ right -541.41 -541.41 A residual of \+541.41", text)
    assert re.search(r"7751 \S+ wrong -541.41 0.00 -541.41 Its writer saw", text)
    assert re.search(r"8342 \S+ compensating 864.67 323.26 541.41", text)


def test_walks_end_at_the_residual_in_every_kind_of_week(masked: AccountWeek) -> None:
    by_account = masked.run.ledger.con.execute(
        "SELECT CAST(account_id AS VARCHAR), week_start FROM late_week ORDER BY ALL LIMIT 20"
    ).fetchall()
    verdicts = set()
    for account, week in by_account:
        found = account_week.take(masked.run, account, week)
        assert sum(walk.final for walk in found.walks) == found.sums[0].residual
        assert settled_weeks.walks(found.run, found.walks).text.count("<svg") == len(found.walks)
        verdicts.add(found.verdict)
    assert verdicts == {"broken", "masked", "reconciled"}


def test_correction_brings_an_open_week_back(masked: AccountWeek) -> None:
    finding = next(f for f in masked.run.findings if f.rule == "unbalanced_week")
    found = account_week.take(masked.run, finding.account_id, finding.week_start)
    assert found.verdict == "broken"
    assert "With them the week is off by 0.00" in words(account_week.put_right(found).text)


@pytest.mark.parametrize(
    ("given", "line"),
    [
        ({"account": "99"}, r"no such account in .*: expected one of its 60 accounts .*'99'"),
        ({"week": "2027-01-04"}, r"the week is not settled in account 35 .*found 2027-01-04"),
        ({"week": "last"}, r"not a date in parameter week: .*found 'last'"),
        ({"account": 35}, r"wrong type in parameter account: expected text, found 35 \(int\)"),
        ({"export": None}, r"wrong type in parameter export"),
        ({"export": "nowhere"}, r"nowhere"),
        ({"finding_id": "zz"}, r"no such finding in .*found 'zz'"),
    ],
)
def test_what_is_not_there_is_one_line(given: dict[str, str], line: str) -> None:
    parameters = {"export": CACHED, "profile": "rails", "account": "35", "week": "2026-08-31"}
    with pytest.raises(Fault, match=line) as fault:
        account_week.of(**(parameters | given))
    assert "\n" not in str(fault.value)
