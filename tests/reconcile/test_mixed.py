"""Several ways of balancing in one export, and systems that are right in spite of appearances."""

from datetime import timedelta
from pathlib import Path
from random import Random
from time import monotonic

import pytest
from ledgers import MONDAY, SETTLED
from mixture import Mixture, Way, build, found, minor, week_of
from oracle_records import Row, Settlement

from settle_core.audit import audit

WAYS = [Way(policy, level) for policy in ("sum", "delta") for level in ("day", "week")]
SECONDS_MAX = 60
RECALL_MIN = 0.97


def agrees(mixture: Mixture, folder: Path) -> None:
    result = mixture.audited(folder)
    told, true = found(result), mixture.faults
    assert result.open_cents == ()
    assert {week_of(key) for key in told} == {week_of(key) for key in true}
    assert len(told & true) >= RECALL_MIN * len(true)
    assert len(told - true) <= (1 - RECALL_MIN) * len(told)
    causes = {(str(t.account_id), str(t.effective_date), t.amount): t.cause for t in mixture.truth}
    proved = [f for f in result.findings if f.evidence == "proved" and f.entry_id]
    wrongly = [
        f
        for f in proved
        if causes.get((f.account_id, str(f.effective_date), minor(f.amount))) != f.cause
    ]
    assert wrongly == []


@pytest.mark.parametrize("seed", range(3))
def test_accounts_of_every_way_in_one_export(seed: int, tmp_path: Path) -> None:
    agrees(build(seed, [[way] for way in WAYS * 6], faulty=0.15), tmp_path)


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_clean_accounts_have_no_finding(way: Way, tmp_path: Path) -> None:
    result = build(7, [[way]] * 12, faulty=0).audited(tmp_path)
    assert result.verdict == "reconciled"


def test_clean_mixture_has_no_finding(tmp_path: Path) -> None:
    assert build(8, [[way] for way in WAYS * 6], faulty=0).audited(tmp_path).findings == ()


@pytest.mark.parametrize("first", WAYS, ids="-".join)
@pytest.mark.parametrize("then", WAYS, ids="-".join)
def test_system_that_was_changed(first: Way, then: Way, tmp_path: Path) -> None:
    clean = build(9, [[first, then]] * 8, faulty=0)
    assert clean.audited(tmp_path / "clean").findings == ()
    agrees(build(10, [[first, then]] * 8, faulty=0.15), tmp_path / "faulty")


def one_week(rows: list[Row], settled_amount: int = 0) -> Mixture:
    return Mixture(rows, [Settlement(1, MONDAY, settled_amount, SETTLED)], [])


def hot_day(rows_max: int, policy: str, late_ms: int, seed: int = 1) -> list[Row]:
    """One day of a correctly locked system, its rows recorded some time before they commit."""
    lots = Random(seed)  # noqa: S311  lots, not secrets
    at = SETTLED + timedelta(hours=1)
    waiting: list[int] = []
    written: list[tuple[str, int]] = []
    while len(written) < rows_max or waiting:
        if not waiting or (lots.random() < 0.6 and len(written) < rows_max):
            waiting.append(lots.choice((lots.randint(-9000, 90000), 1500, 4990, -1500)))
            written.append(("entry", waiting[-1]))
        elif policy == "delta":
            written.append(("counter", -waiting.pop(lots.randrange(len(waiting)))))
        else:
            if sum(waiting):
                written.append(("counter", -sum(waiting)))
            waiting.clear()
    rows: list[Row] = []
    for kind, amount in written:
        at += timedelta(milliseconds=lots.randint(1, 10))
        recorded = at - timedelta(milliseconds=lots.randint(0, late_ms))
        rows.append(Row(0, 1, MONDAY, amount, kind, recorded, f"job-{len(rows)}"))
    order = sorted(
        rows, key=lambda r: r.recorded_at + timedelta(milliseconds=lots.randint(0, late_ms))
    )
    return [r._replace(entry_id=i) for i, r in enumerate(order, start=1)]


@pytest.mark.parametrize("policy", ["sum", "delta"])
@pytest.mark.parametrize(("rows", "late_ms"), [(10, 50), (40, 5), (40, 500), (400, 5), (400, 40)])
def test_locked_runs_out_of_order_are_clean(
    rows: int, late_ms: int, policy: str, tmp_path: Path
) -> None:
    began = monotonic()
    result = one_week(hot_day(rows, policy, late_ms)).audited(tmp_path)
    assert result.findings == ()
    # Found at once: not in the minutes that all orders would take.
    assert monotonic() - began < SECONDS_MAX


@pytest.mark.parametrize("late_ms", [0, 5, 40])
def test_fault_on_a_hot_day_is_found_alone(late_ms: int, tmp_path: Path) -> None:
    rows = hot_day(150, "sum", late_ms, seed=3)
    last = max((r for r in rows if r.kind == "counter"), key=lambda r: r.recorded_at)
    again = max(r.recorded_at for r in rows) + timedelta(milliseconds=7)
    rows.append(last._replace(entry_id=len(rows) + 1, recorded_at=again))
    mixture = one_week(rows)
    assert found(mixture.audited(tmp_path)) == {("1", str(MONDAY), last.amount)}


def row(number: int, amount: int, kind: str, seconds: float, job: str | None = None) -> Row:
    at = SETTLED + timedelta(seconds=seconds)
    return Row(number, 1, MONDAY, amount, kind, at, job)


def test_masked_and_open_breaks_of_one_day_are_told_apart(tmp_path: Path) -> None:
    rows = [
        row(1, 700, "entry", 100),
        row(2, -700, "counter", 101, "a"),
        row(3, -700, "counter", 102, "a"),
        row(4, 900, "entry", 1000),
        row(5, -200, "counter", 1001, "b"),
        row(6, 333, "entry", 2000),
        row(7, -333, "counter", 2001, "c"),
        row(8, -333, "counter", 2001.5, "c"),
    ]
    result = one_week(rows).audited(tmp_path)
    status = {f.entry_id: (f.rule, f.status) for f in result.findings if f.entry_id}
    assert status == {
        "3": ("duplicate_counter", "masked"),
        "5": ("compensating_counter", "masked"),
        "8": ("duplicate_counter", "open"),
    }


@pytest.mark.parametrize("times", [2, 3, 4, 6])
def test_every_repeat_is_found(times: int, tmp_path: Path) -> None:
    rows = [row(1, 300, "entry", 100), row(2, 400, "entry", 100.1)]
    rows += [row(3 + i, -700, "counter", 101 + i / 10, "a") for i in range(times)]
    result = one_week(rows).audited(tmp_path)
    assert [f.entry_id for f in result.findings if f.rule == "duplicate_counter"] == [
        str(i) for i in range(4, 3 + times)
    ]
    assert {(f.cause, f.status) for f in result.findings} == {("stale_read", "open")}


def test_one_counter_on_a_wrong_day_does_not_make_weeks_the_level(tmp_path: Path) -> None:
    mixture = build(11, [[Way("sum", "day")]] * 12, faulty=0)
    day = MONDAY + timedelta(weeks=6)
    moved = [
        Row(9001, 1, day, 4321, "entry", SETTLED + timedelta(days=20), "x"),
        Row(9002, 1, day + timedelta(days=2), -4321, "counter", SETTLED + timedelta(days=20), "x"),
    ]
    settled = Settlement(1, day, 0, SETTLED)
    result = Mixture(mixture.rows + moved, [*mixture.settlements, settled], []).audited(tmp_path)
    assert {"9002"} <= {f.entry_id for f in result.findings} <= {"9001", "9002"}
    assert result.inferred.level.majority() == "day"


def test_entries_that_may_yet_be_answered_decide_nothing(tmp_path: Path) -> None:
    """Of four late entries one is answered at the export's last instant: as delta would."""
    amounts = (75, 888, 100, 100)
    rows = [row(1 + k, amount, "entry", 10.0 * k, "a") for k, amount in enumerate(amounts)]
    rows.append(row(5, -888, "counter", 60, "b"))
    result = one_week(rows).audited(tmp_path)
    assert result.verdict == "pending"
    pending = [f.entry_id for f in result.findings if f.rule == "uncountered_entry"]
    assert pending == ["1", "3", "4"]


@pytest.mark.parametrize("seconds", [0.02, 40])
def test_one_job_is_no_proof_of_a_stale_read(seconds: float, tmp_path: Path) -> None:
    """A job that is delivered twice at one moment leaves the same rows."""
    rows = [row(1, 300, "entry", 100, "a"), row(2, 400, "entry", 100.1, "a")]
    rows += [row(3 + k, -700, "counter", 101 + k * seconds, "a") for k in range(2)]
    # Where all rows have one job it is none.
    rows += [row(5, 111, "entry", 5000, "b"), row(6, -111, "counter", 5001, "b")]
    (found_one,) = [f for f in one_week(rows).audited(tmp_path).findings if f.entry_id]
    assert (found_one.cause, found_one.evidence) == ("stale_read", "consistent")
    assert found_one.other_causes == ("race", "repeated_job")


ROUNDED = """\
entry_id,account_id,effective_date,amount,kind,recorded_at,job_id
1,5,2026-03-11,-74.37,entry,2026-03-19T09:17:35.003Z,a
2,5,2026-03-11,74.00,counter,2026-03-19T09:17:35.058Z,a
3,5,2026-03-11,73.65,entry,2026-03-19T09:17:35.283Z,b
4,5,2026-03-11,-74.00,counter,2026-03-19T09:17:35.343Z,b
{other}99,5,2026-03-18,1.00,entry,2026-03-20T10:00:00Z,z
"""
OTHER_DAY = """\
5,5,2026-03-09,58.96,entry,2026-03-19T17:24:02.610Z,c
6,5,2026-03-09,-59.00,counter,2026-03-19T17:24:02.639Z,c
"""


@pytest.mark.parametrize(("other", "wrong"), [("", ["2", "4"]), (OTHER_DAY, ["2", "4", "6"])])
def test_jobs_tell_whom_rounded_answers_are_for_where_no_read_explains_them(
    other: str, wrong: list[str], tmp_path: Path
) -> None:
    # A week of one day is told by its pattern, one of several by itself.
    (tmp_path / "entries.csv").write_text(ROUNDED.format(other=other), "utf-8")
    settled = "account_id,week_start,settled_amount,settled_at\n"
    settled += "5,2026-03-09,0.00,2026-03-16T03:00:00Z\n"
    (tmp_path / "settlements.csv").write_text(settled, "utf-8")
    (tmp_path / "any.toml").write_text('settlements.agreement = "any"\n', "utf-8")
    result = audit.run(tmp_path, str(tmp_path / "any.toml"))
    found = {f.entry_id: f.rule for f in result.findings if f.entry_id}
    assert found == dict.fromkeys(wrong, "wrong_counter")
