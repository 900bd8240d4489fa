"""Where clocks contradict ids, the run says by how much, and what would fit."""

from pathlib import Path

import pytest

from settle_core import audit

MINIMAL = Path(__file__).parents[1] / "data" / "minimal"


@pytest.mark.parametrize(
    ("name", "seconds", "fits"),
    [("flow_15_skew_ids_tell", 4.9, 5), ("flow_13_dst", 2507.265, 2508)],
)
def test_contradiction_is_told_with_the_skew_that_fits(
    name: str, seconds: float, fits: int
) -> None:
    result = audit.run(MINIMAL / name / "export", profile=str(MINIMAL / name / "profile.toml"))
    assert result.verdict == "reconciled"
    assert result.inferred.as_dict()["clock_off_seconds"] == seconds
    (said,) = result.inferred.says
    assert f"clock.skew_seconds = {fits} would fit" in said


def test_search_that_gave_up_is_told_and_names_no_cause() -> None:
    folder = MINIMAL / "flow_10_9_faults_1s"
    result = audit.run(folder / "export", profile=str(folder / "profile.toml"))
    assert result.inferred.units_exhausted == 1
    assert "gave up in 1 crowded place" in result.inferred.says[0]
    assert {f.cause for f in result.findings} == {"unknown"}


# Entry 3 was recorded by a clock that is five minutes slow: by it, counter-entry 4 left it out.
RECORDED = """entry_id,account_id,effective_date,amount,kind,recorded_at,committed_at
1,7,2026-01-06,10.00,entry,2026-01-06T09:00:00Z,2026-01-06T09:00:00Z
2,7,2026-01-06,4.00,entry,2026-01-13T09:00:00Z,2026-01-13T09:00:00Z
3,7,2026-01-06,6.00,entry,2026-01-13T08:55:01Z,{third}
4,7,2026-01-06,-4.00,counter,2026-01-13T09:00:00.5Z,2026-01-13T09:00:00.5Z
5,7,2026-01-06,-6.00,counter,2026-01-13T09:00:09Z,2026-01-13T09:00:09Z
"""
SETTLED = (
    "account_id,week_start,settled_amount,settled_at\n7,2026-01-05,10.00,2026-01-12T03:00:00Z\n"
)


@pytest.mark.parametrize(
    ("third", "verdict"), [("2026-01-13T09:00:05Z", "reconciled"), ("2026-01-13T08:55:01Z", "")]
)
def test_order_of_commits_goes_before_clocks(third: str, verdict: str, tmp_path: Path) -> None:
    (tmp_path / "entries.csv").write_text(RECORDED.format(third=third), "utf-8")
    (tmp_path / "settlements.csv").write_text(SETTLED, "utf-8")
    profile = tmp_path / "sums.toml"
    profile.write_text('balancing.policy = "sum"\nbalancing.level = "day"\n', "utf-8")
    result = audit.run(tmp_path, profile=str(profile))
    assert (result.verdict == "reconciled") == (verdict == "reconciled")


# By the clock the week is as near to even as the days are by ids, but nothing explains its rows.
STALE_READS = """entry_id,account_id,effective_date,amount,kind,recorded_at,job_id
1,7,2026-01-06,10.00,entry,2026-01-06T09:00:00Z,
121,7,2026-01-11,153.62,entry,2026-01-16T16:56:57.600Z,a
122,7,2026-01-11,52.22,entry,2026-01-16T16:56:57.621Z,a
123,7,2026-01-11,38.51,entry,2026-01-16T16:56:57.849Z,a
124,7,2026-01-11,-244.35,counter,2026-01-16T16:56:53.192Z,a
125,7,2026-01-11,-244.35,counter,2026-01-16T16:56:53.212Z,a
126,7,2026-01-11,-244.35,counter,2026-01-16T16:56:53.229Z,a
154,7,2026-01-09,6.30,entry,2026-01-20T11:27:09.089Z,b
155,7,2026-01-09,77.87,entry,2026-01-20T11:27:04.389Z,b
156,7,2026-01-09,-68.70,entry,2026-01-20T11:27:09.494Z,b
157,7,2026-01-09,-15.47,counter,2026-01-20T11:27:09.728Z,b
158,7,2026-01-09,-15.47,counter,2026-01-20T11:27:09.742Z,b
159,7,2026-01-09,-15.47,counter,2026-01-20T11:27:09.769Z,b
"""


def test_of_as_many_faults_those_count_that_a_read_explains(tmp_path: Path) -> None:
    (tmp_path / "entries.csv").write_text(STALE_READS, "utf-8")
    (tmp_path / "settlements.csv").write_text(SETTLED, "utf-8")
    result = audit.run(tmp_path)
    rules = {f.entry_id: f.rule for f in result.findings if f.entry_id}
    assert rules == dict.fromkeys(["125", "126", "158", "159"], "duplicate_counter")


@pytest.mark.parametrize("are_random", [False, True])
def test_ids_at_random_tell_no_order(*, are_random: bool, tmp_path: Path) -> None:
    """By their ids two rows of account 7 stand in another order than by the clock, and are even."""
    entries = ["entry_id,account_id,effective_date,amount,kind,recorded_at"]
    settlements = ["account_id,week_start,settled_amount,settled_at"]
    number = 1000
    for account in range(100, 115):
        settlements.append(f"{account},2026-01-05,0.00,2026-01-12T03:00:00Z")
        for hour in range(10):
            for amount, kind, second in (("5.00", "entry", 0), ("-5.00", "counter", 30)):
                number += 1
                shown = number * 7919 % 100_003 if are_random else number
                at = f"2026-01-14T{2 * hour:02}:00:{second:02}Z"
                entries.append(f"{shown},{account},2026-01-06,{amount},{kind},{at}")
    (tmp_path / "entries.csv").write_text(
        "\n".join(entries)
        + """
1,7,2026-01-06,4.00,entry,2026-01-13T09:00:00Z
2,7,2026-01-06,-4.00,counter,2026-01-13T09:00:05Z
3,7,2026-01-06,6.00,entry,2026-01-13T08:55:01Z
4,7,2026-01-06,-6.00,counter,2026-01-13T09:00:09Z
""",
        "utf-8",
    )
    settlements.append("7,2026-01-05,0.00,2026-01-12T03:00:00Z")
    (tmp_path / "settlements.csv").write_text("\n".join(settlements), "utf-8")
    profile = tmp_path / "sums.toml"
    profile.write_text('balancing.policy = "sum"\nbalancing.level = "day"\n', "utf-8")
    result = audit.run(tmp_path, profile=str(profile))
    assert result.inferred.weeks_by_ids == (0 if are_random else 1)
    assert bool([f for f in result.findings if f.entry_id]) == are_random
