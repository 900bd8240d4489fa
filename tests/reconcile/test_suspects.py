"""The pass and the steps that it goes before give what the steps give alone, row by row."""

import re
from datetime import timedelta
from itertools import product
from pathlib import Path

import duckdb
import numpy as np
import pytest
from eventful import Eventful, as_parquet
from two_ways import holds, with_threads

from settle_core import sql
from settle_core.audit import audit
from settle_core.exports.arrays import arrow, ascending_ids, whole_pass
from settle_core.exports.arrays.passed import Cells, Late, Passed
from settle_core.exports.arrays.whole_pass import Limits
from settle_core.exports.profiles import profile as profiles
from settle_core.exports.reading import ledger as ledgers
from settle_core.exports.reading import once
from settle_core.reconcile.walk import cutoff, jobs, plain_days, steps, suspects
from settle_core.reconcile.walk.step import STEPS
from settle_core.rules import rule

DATA = Path(__file__).parents[2] / "data"
# Tables of arrays where the pass went before, that stay.
STAYING = ("stray_day", "suspect_week", "owed_row")
RECORDED = ["rails/sidekiq_cached", "rails/sidekiq_race", "sample"]
PROFILE = """
[entries]
file = "entries.*"
[settlements]
file = "settlements.*"
agreement = "any"
[balancing]
level = "{level}"
policy = "{policy}"
[clock]
skew_seconds = {skew}
"""


@pytest.mark.parametrize("export", RECORDED)
def test_a_recorded_export_gives_the_same_with_the_pass(
    export: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    holds(monkeypatch, {"export": str(DATA / export)})


@pytest.mark.parametrize(
    ("seed", "level", "policy", "skew", "scope"),
    [
        (1, "auto", "auto", 2.0, {}),
        (2, "auto", "auto", 0.0, {"as_of": "2026-01-25T12:00Z"}),
        (3, "day", "sum", 2.0, {"weeks": "2026-01-12:2026-01-19"}),
        (4, "week", "sum", 2.0, {}),
        (5, "auto", "delta", 2.0, {}),
        (6, "week", "delta", 2.0, {}),
    ],
)
def test_an_eventful_ledger_gives_the_same_with_the_pass(  # noqa: PLR0913, PLR0917
    seed: int,
    level: str,
    policy: str,
    skew: float,
    scope: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Eventful(seed, accounts=15).write(tmp_path / "export", has_answers=seed % 2 == 0)
    profile = tmp_path / "profile.toml"
    profile.write_text(PROFILE.format(level=level, policy=policy, skew=skew), "utf-8")
    given = {"export": str(tmp_path / "export"), "profile": str(profile)}
    holds(monkeypatch, given | scope)


@pytest.mark.parametrize(
    ("seed", "level", "policy", "means", "skew"),
    [
        (11, "auto", "auto", "job", 2.0),
        (12, "auto", "auto", "unknown", 0.0),
        (13, "day", "sum", "job", 2.0),
        (14, "week", "sum", "job", 2.0),
        (15, "auto", "delta", "job", 2.0),
    ],
)
def test_each_step_gives_of_the_tables_before_it_what_the_arrays_gave(  # noqa: PLR0913, PLR0917
    seed: int,
    level: str,
    policy: str,
    means: str,
    skew: float,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(whole_pass, "ROWS_MIN", 0)
    monkeypatch.setattr(cutoff, "moved", lambda _con, _scale: [])
    Eventful(seed, accounts=15).write(tmp_path / "export", has_answers=seed % 2 == 0)
    meaning = PROFILE.replace("[settlements]", f'job_id_means = "{means}"\n[settlements]')
    file = tmp_path / "profile.toml"
    file.write_text(meaning.format(level=level, policy=policy, skew=skew), "utf-8")
    ledger = ledgers.Ledger.read(tmp_path / "export", profiles.load(str(file)))
    limits = steps.scope(ledger)
    steps.run(ledger, limits)
    assert ledger.finished.walk is not None
    con, given = ledger.con, steps.parameters(ledger, limits)
    with suspects.only(ledger):
        for name in ("settled_week", "walk", "late_day", "late_week", *STAYING, "suspect_row"):
            made = con.table(name)
            query = f"steps/{name}" if name in STEPS else name
            used = {key: given[key] for key in sql.parameters(sql.text("reconcile/walk", query))}
            told = con.sql(sql.text("reconcile/walk", query), params=used or None)
            assert (made.columns, made.types) == (told.columns, told.types), name
            assert sorted(made.fetchall(), key=repr) == sorted(told.fetchall(), key=repr), name
            assert len(made) or (name, level) == ("owed_row", "week")


def test_jobs_are_told_apart_whatever_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["", "a", "ab", "a" * 8, "a" * 9, "a" * 8 + "b" * 9, "b", "zwölf", " NULL ", "a"]
    held = [name.encode() for name in (*names, *names)]
    lengths = np.array([len(name) for name in held], np.int32)
    of_names = lengths, np.frombuffer(b"".join(held), np.uint8)
    late = Late._make([*[np.zeros(len(held), np.int64)] * len(Late._fields[:-2]), *of_names])
    for length_max in (jobs.LENGTH_MAX, 4):
        monkeypatch.setattr(jobs, "LENGTH_MAX", length_max)
        found = jobs.of(duckdb.connect(), late, ("", "null"), 3600)
        numbers = dict(zip(held, found.raw.tolist(), strict=True))
        assert [numbers[name] for name in held] == found.raw.tolist()
        assert len(set(numbers.values())) == len(numbers)
        assert numbers[b""] == -1
        is_value = [name.strip() not in {"", "NULL"} for name in (*names, *names)]
        assert found.is_value.tolist() == is_value


def settled_again(ledger: Eventful) -> None:
    """Settle a third of the weeks again, in all ways that tell or do not tell which counts."""
    rng = ledger.rng
    for account, week, amount, at in ledger.settlements[:]:
        for _ in range(rng.choice([0, 0, 0, 0, 1, 2])):
            again = at + timedelta(seconds=rng.choice([-90_000, 0, 0, 1, 3_600, 200_000, 900_000]))
            then = sum(
                row["amount"]
                for row in ledger.entries
                if row["account_id"] == account
                and 0 <= (row["effective_date"] - week).days < 7
                and row["recorded_at"] <= again
            )
            settled = rng.choice([amount, then, then, amount + 100])
            ledger.settlements.append((account, week, settled, again))
    rng.shuffle(ledger.settlements)


@pytest.mark.parametrize(
    ("seed", "form", "scope"),
    [
        (7, "csv", {}),
        (8, "parquet", {}),
        (9, "parquet", {"as_of": "2026-01-25T12:00Z"}),
        (10, "csv", {"weeks": "2026-01-12:2026-01-19"}),
    ],
)
def test_weeks_settled_again_are_held_to_the_same_settlement_with_the_pass(
    seed: int, form: str, scope: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Eventful(seed, accounts=15)
    settled_again(ledger)
    ledger.write(tmp_path / "csv")
    as_parquet(tmp_path / "csv", tmp_path / "parquet")
    profile = tmp_path / "profile.toml"
    profile.write_text(PROFILE.format(level="auto", policy="auto", skew=2.0), "utf-8")
    given = {"export": str(tmp_path / form), "profile": str(profile)} | scope
    holds(monkeypatch, given, is_stored=form == "csv" or bool(scope))


def test_the_order_of_settlements_at_one_instant_tells_nothing(tmp_path: Path) -> None:
    ledger = Eventful(12, accounts=5)
    for account, week, amount, at in ledger.settlements[:8]:
        ledger.settlements.append((account, week, amount + 100, at))
    ledger.write(tmp_path / "export")
    ledger.settlements.reverse()
    ledger.write(tmp_path / "other")
    found = audit.run(tmp_path / "export", "canonical").findings
    assert sum(each.rule == "duplicate_settlement" for each in found) == 8
    assert audit.run(tmp_path / "other", "canonical").findings == found


def test_where_many_weeks_were_settled_again_the_steps_do_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger = Eventful(7, accounts=5)
    ledger.settlements += ledger.settlements[:2]
    ledger.write(tmp_path)
    monkeypatch.setattr(whole_pass, "AGAIN_SPARED", 0)
    given = {"export": str(tmp_path), "profile": "canonical"}
    holds(monkeypatch, given, is_passed=False)


@pytest.mark.parametrize("amount", ["amount", "CASE WHEN amount <> 5 THEN amount END"])
def test_entries_of_parquet_are_read_where_they_lie(
    amount: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Eventful(8, accounts=15).write(tmp_path / "csv")
    as_parquet(tmp_path / "csv", tmp_path / "parquet", amount)
    given = {"export": str(tmp_path / "parquet"), "profile": "canonical"}
    holds(monkeypatch, given, is_stored=False)


def test_jobs_by_the_numbers_of_their_rows_are_those_by_id(tmp_path: Path) -> None:
    path = tmp_path / "entries.parquet"
    # A few rows have a job, of many lengths, and over half of them are late.
    rows = """
        SELECT
            i * 3 AS entry_id, 1 AS account_id, DATE '2026-01-05' AS effective_date,
            CAST(i % 7 AS DECIMAL(18, 2)) AS amount, 'entry' AS kind,
            TIMESTAMP '2026-01-05 06:00:00' + TO_SECONDS(i) AS recorded_at,
            CASE WHEN i % 11 = 0 THEN REPEAT('Ü', i % 40) || i END AS job_id,
            CASE WHEN i % 5 = 0 THEN i END AS attempt,
            CASE i % 4 WHEN 0 THEN 'NULL' WHEN 1 THEN '' WHEN 2 THEN 'run ' || i END AS run_id
        FROM RANGE(300_000) AS r (i)
    """
    settled = """
        SELECT CAST(1 AS BIGINT) AS account_id, DATE '2026-01-05' AS week_start,
            CAST(3 AS DECIMAL(18, 2)) AS settled_amount,
            TIMESTAMP '2026-01-05 06:00:00' + TO_SECONDS(100_000) AS settled_at
    """
    with duckdb.connect() as con:
        con.sql(rows).write_parquet(str(path))
        con.sql(settled).write_parquet(str(tmp_path / "settlements.parquet"))
    ledger = once.unstored(tmp_path, profiles.load("canonical"))
    passed = ledger.passed
    assert passed is not None
    jobs = passed.late.job_length, passed.late.job_bytes
    asked = whole_pass.run(ledger.con, Limits(), 2)
    assert len(passed.late.entry_id) == 199_999
    assert np.array_equal(jobs[0], asked.late.job_length)
    assert np.array_equal(jobs[1], asked.late.job_bytes)
    told = ledger.con.execute("SELECT job_id FROM entry WHERE entry_id > 300000").fetchall()
    assert arrow.texts(*jobs, np.arange(199_999)) == [job or "" for (job,) in told]
    # What the walk looks up besides is by these numbers too.
    assert passed.late_rows is not None
    assert np.array_equal(passed.late_rows * 3, passed.late.entry_id)
    assert ledger.told is not None
    names = ("attempt", "answers", "run_id", "last_seen")
    numbered = ledger.told.order("row_number").select(*names)
    entries = ledger.con.table("entry").order("entry_id").select(*names)
    assert numbered.fetchall() == entries.fetchall()
    assert len(numbered.filter("run_id IS NOT NULL")) == 75_000


def test_csv_and_parquet_give_the_same_with_one_thread_and_with_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_threads = with_threads(monkeypatch)
    Eventful(9, accounts=15).write(tmp_path / "csv")
    as_parquet(tmp_path / "csv", tmp_path / "parquet")
    told = []
    for form, threads in product(("csv", "parquet"), (1, 2)):
        set_threads(threads)
        run = audit.run(tmp_path / form, "canonical")
        assert (run.ledger.unstored is None) == (form == "csv")
        told.append((run.findings, run.corrections))
    assert len(told[0][0]) > 50
    assert told[1:] == [told[0]] * 3


def test_a_rule_of_somebody_else_sees_the_finished_weeks_too(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = next(each.query for each in rule.catalogue() if each.name == "slow_counter")
    header = text[: text.index("-- /// example")].replace('-- plain_weeks = "hold"\n', "")
    query = """
    SELECT CAST(account_id AS VARCHAR) AS account_id, currency, week_start, '' AS explanation
    FROM late_entry
    """
    late = rule.parse("late", header.replace("-- [params]\n-- hours_max = 24\n", "") + query)
    monkeypatch.setattr(rule, "catalogue", lambda: (late,))
    monkeypatch.setattr(whole_pass, "ROWS_MIN", 0)
    run = audit.run(DATA / "rails" / "sidekiq_fixed")
    assert run.rule_runs[0].found == run.late_entries > 0


def test_no_sql_of_replay_takes_the_weeks_that_are_not_finished_for_all_weeks() -> None:
    # These read a step's table while it lacks the finished weeks, and need none of them, or read
    # what stands for them. One that reads another must be held against finished weeks first.
    known = {
        "cutoff_clear": {"late_row", "settled_week"},
        "cutoff_move": {"cutoff_row"},
        "cutoff_near": {"cutoff_row"},
        "day_parts": {"late_counter", "late_week"},
        "elsewhere": {"owed_row", "timely_counter", "walk"},
        "judged_row": {"owed_row"},
        "lost_job": {"owed_row"},
        "posted_correction": {"late_row"},
        "reckoned_correction": {"late_row"},
        "reckoned_week": {"late_row", "settled_week"},
        "replay": {"owed_row"},
        "stray_again": {"audited_week", "moved_row", "timely_counter"},
        "stray_counter": {"timely_counter"},
        "stray_member": {"walk"},
        "stray_spare": {"audited_week", "job_column", "timely_counter"},
        "suspect_row": {"settled_week", "suspect_week", "walk"},
        "vote": {"late_week", "plain_week", "suspect_week"},
    }
    room = DATA.parent / "settle_core" / "reconcile"
    found = {
        path.stem: set(re.findall(r"\b(?:FROM|JOIN)\s+(\w+)", path.read_text("utf-8"))) & {*STEPS}
        for path in room.rglob("sql/*.sql")
    }
    assert {name: tables for name, tables in found.items() if tables} == known


def test_a_plain_day_is_answered_before_slow_counter_tells_of_it() -> None:
    (slow,) = (each for each in rule.catalogue() if each.name == "slow_counter")
    assert slow.params["hours_max"] >= plain_days.HOURS_MAX


def test_gaps_that_were_too_many_for_an_early_batch_are_for_sql_to_count() -> None:
    passed = Passed(Cells(first_account=1, accounts=1, first_day=0, weeks=1))
    ascending_ids.gaps(passed, np.arange(0, 6000, 3))
    passed.rows, passed.first_id, passed.last_id = 10_000_000, 0, 10_000_000
    assert passed.gaps is None
