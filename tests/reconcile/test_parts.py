"""Answers in parts that no job holds together: usual in an export, or the trace of two faults."""

from collections.abc import Sequence
from pathlib import Path

from settle_core.audit import audit

HEADS = {
    "entries": "entry_id,account_id,effective_date,amount,kind,recorded_at",
    "settlements": "account_id,week_start,settled_amount,settled_at",
}


def audited(folder: Path, weeks: Sequence[Sequence[int]], *, apart: bool = False) -> audit.Audit:
    """An export without jobs: of each week a row in time, then late rows 5 ms apart, one day each.

    Above zero an entry, below it a counter-entry. Apart: those are dated on another day.
    """
    entries, settlements = [], []
    for account, late in enumerate(weeks, start=1):
        settlements.append(f"{account},2026-03-02,10.00,2026-03-09T03:00:00Z")
        entries.append(f"{account},2026-03-04,10.00,entry,2026-03-04T09:00:00Z")
        for place, amount in enumerate(late):
            at = f"2026-03-1{account % 9}T09:00:{account % 60:02d}.{5 * place:03d}Z"
            kind = "entry" if amount > 0 else "counter"
            day = "2026-03-05" if apart and amount < 0 else "2026-03-03"
            entries.append(f"{account},{day},{amount}.00,{kind},{at}")
    rows = {"entries": [f"{n},{row}" for n, row in enumerate(entries, start=1)]}
    for name, lines in (rows | {"settlements": settlements}).items():
        (folder / f"{name}.csv").write_text("\n".join([HEADS[name], *lines]) + "\n", "utf-8")
    return audit.run(folder, "canonical")


IN_PARTS = [119, -100, -19]
PLAIN = [70, -70]


def test_where_parts_are_usual_they_are_judged_by_their_sum(tmp_path: Path) -> None:
    run = audited(tmp_path, [IN_PARTS] * 4 + [PLAIN] * 3)
    assert run.verdict == "reconciled"
    assert "come in parts" in " ".join(run.inferred.says)


def test_a_part_posted_twice_is_found_there(tmp_path: Path) -> None:
    run = audited(tmp_path, [IN_PARTS] * 4 + [[119, -100, -19, -19]])
    (told,) = [each for each in run.findings if each.entry_id]
    assert (told.rule, told.entry_id, str(told.effect)) == ("duplicate_counter", "21", "-19.00")


def test_elsewhere_they_are_two_faults(tmp_path: Path) -> None:
    run = audited(tmp_path, [IN_PARTS] * 3 + [PLAIN] * 3)
    assert run.verdict == "masked"
    assert {each.account_id for each in run.findings} == {"1", "2", "3"}
    assert not run.inferred.is_in_parts


def test_weeks_that_are_even_as_a_whole_speak_against_parts(tmp_path: Path) -> None:
    run = audited(tmp_path, [IN_PARTS] * 3 + [PLAIN] * 4, apart=True)
    assert run.verdict == "masked"
    assert {each.account_id for each in run.findings} == {"1", "2", "3"}


def test_answers_of_one_entry_each_are_no_parts(tmp_path: Path) -> None:
    run = audited(tmp_path, [[50, 30, -50, -30]] * 5)
    assert run.verdict == "reconciled"
    assert not run.inferred.is_in_parts
