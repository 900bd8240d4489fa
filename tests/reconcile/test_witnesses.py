"""What writers recorded of their reads decides what may be behind a wrong counter-entry."""

from pathlib import Path

import pytest

from settle_core import audit
from settle_core.contract import Finding

SETTLED = (
    "account_id,week_start,settled_amount,settled_at\n"
    "7,2026-01-05,10.00,2026-01-12T03:00:00Z\n8,2026-01-05,0.00,2026-01-12T03:00:00Z\n"
)
HEAD = "entry_id,account_id,effective_date,amount,kind,recorded_at,job_id,last_seen,run_id\n"
SETTLED_ROW = "1,7,2026-01-06,10.00,entry,2026-01-06T09:00:00Z,,,\n"
# The writer of 5 saw entries 2 and 4, but not 3.
MISSED = """2,7,2026-01-06,4.00,entry,2026-01-13T09:00:00.1Z,a,,
3,7,2026-01-06,-4.00,counter,2026-01-13T09:00:00.2Z,a,2,{run}
4,7,2026-01-06,6.00,entry,2026-01-13T09:00:00.3Z,{job},,
5,7,2026-01-06,-10.00,counter,2026-01-13T09:00:00.4Z,{job},{seen},{run}
"""
# The writer of 4 repeats what 3 answered.
REPEATED = """2,7,2026-01-06,4.00,entry,2026-01-13T09:00:00.1Z,a,,
3,7,2026-01-06,-4.00,counter,2026-01-13T09:00:00.2Z,a,2,
4,7,2026-01-06,-4.00,counter,2026-01-13T09:00:20.3Z,a,{seen},
5,7,2026-01-06,5.00,entry,2026-01-13T09:00:30Z,b,,
6,7,2026-01-06,-5.00,counter,2026-01-13T09:00:31Z,b,5,
"""
# Two weeks on, by the same run.
AGAIN = """8,8,2026-01-06,1.00,entry,2026-01-27T09:00:00Z,d,,
9,8,2026-01-06,-1.00,counter,2026-01-27T09:00:01Z,d,8,r
10,8,2026-01-06,-1.00,counter,2026-01-27T09:00:01.1Z,d,,r
"""


def told(rows: str, folder: Path, policy: str, entry_id: str) -> Finding:
    """What an audit says of a row."""
    (folder / "entries.csv").write_text(HEAD + SETTLED_ROW + rows, "utf-8")
    (folder / "settlements.csv").write_text(SETTLED, "utf-8")
    profile = folder / "profile.toml"
    profile.write_text(f'balancing.policy = "{policy}"\nbalancing.level = "day"\n', "utf-8")
    findings = audit.run(folder, profile=str(profile)).findings
    (found,) = [f for f in findings if f.entry_id == entry_id]
    return found


@pytest.mark.parametrize(
    ("job", "seen", "cause", "others"),
    [
        ("b", "", "race", ("stale_read", "repeated_job")),
        ("b", "4", "race", ("repeated_job",)),
        ("a", "", "stale_read", ("race", "repeated_job")),
        ("a", "4", "unknown", ("race", "repeated_job")),
    ],
)
def test_what_had_its_number_when_another_read_was_missed_by_no_old_read(
    job: str, seen: str, cause: str, others: tuple[str, ...], tmp_path: Path
) -> None:
    found = told(MISSED.format(job=job, seen=seen, run=""), tmp_path, "sum", "5")
    assert (found.cause, tuple(found.other_causes), found.unseen_entry_ids) == (
        cause,
        others,
        ("3",),
    )
    assert ("4 as the last row that it read" in found.explanation) == bool(seen)


@pytest.mark.parametrize(
    ("seen", "others"), [("2", ("stale_read", "race")), ("3", ()), ("", ("stale_read", "race"))]
)
def test_second_answer_by_who_had_the_first_before_it_is_a_repeat(
    seen: str, others: tuple[str, ...], tmp_path: Path
) -> None:
    found = told(REPEATED.format(seen=seen), tmp_path, "delta", "4")
    assert (found.cause, found.evidence) == ("repeated_job", "consistent")
    assert tuple(found.other_causes) == others


@pytest.mark.parametrize(
    ("seen", "more", "evidence"),
    [("", "", "proved"), ("4", "", "undetermined"), ("", AGAIN, "consistent")],
)
def test_run_that_contradicts_its_record_or_lasts_for_weeks_proves_nothing(
    seen: str, more: str, evidence: str, tmp_path: Path
) -> None:
    rows = MISSED.format(job="a", seen=seen, run="r") + more
    assert told(rows, tmp_path, "sum", "5").evidence == evidence


@pytest.mark.parametrize(
    ("run", "cause", "evidence"),
    [("r", "stale_read", "proved"), ("s", "repeated_job", "consistent")],
)
def test_read_of_one_run_is_not_what_another_run_of_the_job_went_by(
    run: str, cause: str, evidence: str, tmp_path: Path
) -> None:
    """Two late entries of one job, answered together, twice within a moment."""
    rows = f"""2,7,2026-01-06,4.00,entry,2026-01-13T09:00:00.1Z,a,,
3,7,2026-01-06,6.00,entry,2026-01-13T09:00:00.2Z,a,,
4,7,2026-01-06,-10.00,counter,2026-01-13T09:00:00.3Z,a,,r
5,7,2026-01-06,-10.00,counter,2026-01-13T09:00:00.4Z,a,,{run}
"""
    found = told(rows, tmp_path, "sum", "5")
    assert (found.cause, found.evidence) == (cause, evidence)
    assert ("stale_read" in found.other_causes) == (run == "s")


def test_read_that_missed_an_answer_of_its_own_run_as_well_is_an_old_one(tmp_path: Path) -> None:
    rows = """2,7,2026-01-06,4.00,entry,2026-01-13T09:00:00.05Z,a,,
3,7,2026-01-06,5.00,entry,2026-01-13T09:00:00.1Z,a,,
7,7,2026-01-06,1.00,entry,2026-01-13T09:00:00.2Z,a,,
4,7,2026-01-06,-10.00,counter,2026-01-13T09:00:00.3Z,a,,r
5,7,2026-01-06,-10.00,counter,2026-01-13T09:00:00.4Z,a,,s
6,7,2026-01-06,-10.00,counter,2026-01-13T09:00:00.5Z,a,,r
"""
    found = told(rows, tmp_path, "sum", "6")
    assert found.unseen_entry_ids == ("4", "5")
    assert (found.cause, found.evidence) == ("stale_read", "consistent")
    assert found.evidence != "proved"


@pytest.mark.parametrize("policy", ["delta", "sum", "auto"])
@pytest.mark.parametrize(
    ("job", "attempt", "answers", "evidence"),
    [("a", "2", "2", "proved"), ("a", "1", "2", "other"), ("b", "2", "2", "other")],
)
def test_two_attempts_that_name_one_entry_prove_a_repeated_job(  # noqa: PLR0913, PLR0917
    job: str, attempt: str, answers: str, evidence: str, policy: str, tmp_path: Path
) -> None:
    rows = f"""2,7,2026-01-06,4.00,entry,2026-01-13T09:00:00.1Z,a,,,
3,7,2026-01-06,-4.00,counter,2026-01-13T09:00:00.2Z,a,1,2,
4,7,2026-01-06,-4.00,counter,2026-01-13T09:00:20.3Z,{job},{attempt},{answers},
5,8,2026-01-06,5.00,entry,2026-01-13T09:00:30Z,c,,,
6,8,2026-01-06,-5.00,counter,2026-01-13T09:00:31Z,c,1,5,
"""
    head = HEAD.replace("last_seen,run_id", "attempt,answers,memo")
    (tmp_path / "entries.csv").write_text(head + SETTLED_ROW[:-1] + ",\n" + rows, "utf-8")
    (tmp_path / "settlements.csv").write_text(SETTLED, "utf-8")
    profile = tmp_path / "profile.toml"
    profile.write_text(f'balancing.policy = "{policy}"\nbalancing.level = "day"\n', "utf-8")
    findings = audit.run(tmp_path, profile=str(profile)).findings
    (found,) = [f for f in findings if f.entry_id == "4"]
    assert (found.evidence == "proved") == (evidence == "proved")
    assert found.cause == "repeated_job" or evidence != "proved"
