"""A run over a few weeks says of them what the run over the whole export says of them."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from eventful import Eventful

from settle_core.audit import audit, verify
from settle_core.audit.audit import Audit
from settle_core.exports.arrays import whole_pass

HEAD = "entry_id,account_id,effective_date,amount,kind,recorded_at,job_id\n"
SETTLED = "account_id,week_start,settled_amount,settled_at\n"
SETTLED_WEEKS = "SELECT week_start, settled_weeks FROM week_total"
PROFILE = """
[entries]
file = "entries.*"
[settlements]
file = "settlements.*"
agreement = "any"
"""


def of_weeks(run: Audit, first: date, last: date) -> tuple[list[object], list[object]]:
    """All that a run says of the weeks from one to another, and proposes for them."""
    day = last + timedelta(6)
    return (
        [each for each in run.findings if first <= each.week_start <= last],
        [each for each in run.corrections if first <= each.effective_date <= day],
    )


@pytest.mark.parametrize(("seed", "rows_min"), [(10, 0), (11, 10**12)])
def test_a_few_weeks_are_told_as_in_the_whole(
    seed: int, rows_min: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_pass, "ROWS_MIN", rows_min)
    Eventful(seed, accounts=7).write(tmp_path / "export")
    profile = tmp_path / "profile.toml"
    profile.write_text(PROFILE, "utf-8")
    given = {"export": str(tmp_path / "export"), "profile": str(profile)}
    whole = audit.run(**given)
    weeks, settled = whole.weeks, dict(whole.ledger.con.execute(SETTLED_WEEKS).fetchall())
    for first, last in ((weeks[1], weeks[1]), (weeks[-1], weeks[-1]), (weeks[1], weeks[2])):
        run = audit.run(**given, weeks=f"{first}:{last}")
        assert of_weeks(run, first, last) == of_weeks(whole, first, last)
        beside = [each for each in run.findings if not first <= each.week_start <= last]
        assert all(each in whole.findings and each.week_start not in weeks for each in beside)
        assert run.weeks == tuple(k for k in weeks if first <= k <= last)
        assert sum(each.found for each in run.rule_runs) == len(run.findings)
        assert run.settled_weeks == sum(settled[k] for k in run.weeks)
    assert verify.run(run.write(tmp_path / "run")).differences == ()


def misplaced(folder: Path, other: str) -> dict[str, str]:
    """Three weeks, and an answer to the first one's late entry on another day."""
    folder.mkdir()
    rows = [(k, 7, f"2026-01-{4 + 7 * k:02}", "10.00", "entry") for k in (1, 2, 3)]
    lines = [f"{k},{a},{day},{x},{kind},{day}T09:00:00Z,\n" for k, a, day, x, kind in rows]
    lines += [
        "11,7,2026-01-06,4.00,entry,2026-01-27T09:00:00.000Z,j1\n",
        f"12,7,{other},-4.00,counter,2026-01-27T09:00:00.010Z,j1\n",
    ]
    (folder / "entries.csv").write_text(HEAD + "".join(lines), "utf-8")
    closed = [
        f"7,2026-01-{5 + 7 * k:02},10.00,2026-01-{12 + 7 * k:02}T03:00:00Z\n" for k in (0, 1, 2)
    ]
    (folder / "settlements.csv").write_text(SETTLED + "".join(closed), "utf-8")
    return {"export": str(folder)}


def told(run: Audit) -> list[tuple[str, str]]:
    return [(each.rule, each.entry_id) for each in run.findings if each.entry_id]


@pytest.mark.parametrize("rows_min", [0, 10**12])
def test_an_answer_in_a_week_that_is_not_asked_for_is_known(
    rows_min: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_pass, "ROWS_MIN", rows_min)
    given = misplaced(tmp_path / "export", "2026-01-20")
    home = audit.run(**given, weeks="2026-01-05:2026-01-05")
    assert told(home) == [("answered_elsewhere", "11")]
    away = audit.run(**given, weeks="2026-01-19:2026-01-19")
    assert told(away) == [("misplaced_counter", "12")]
    assert (home.verdict, away.verdict) == ("broken", "broken")
    proposed = (*home.corrections, *away.corrections)
    assert [f"{c.effective_date} {c.amount}" for c in proposed] == [
        "2026-01-06 -4.00",
        "2026-01-20 4.00",
    ]
    between = audit.run(**given, weeks="2026-01-12:2026-01-12")
    assert (between.verdict, len(between.findings), between.settled_weeks) == ("reconciled", 0, 1)
    assert (between.rows_in_settled_weeks, between.late_entries, between.accounts) == (1, 0, 1)


@pytest.mark.parametrize("rows_min", [0, 10**12])
def test_the_half_in_an_open_week_goes_with_its_other_half(
    rows_min: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whole_pass, "ROWS_MIN", rows_min)
    given = misplaced(tmp_path / "export", "2026-01-27")
    whole = audit.run(**given)
    home = audit.run(**given, weeks="2026-01-05:2026-01-05")
    assert home.findings == whole.findings
    assert home.corrections == whole.corrections
    assert audit.run(**given, weeks="2026-01-12:2026-01-12").verdict == "reconciled"
