"""Jobs that load an entry by its id: what else they read or write decides what they owed."""

import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import recorded_logs as logged
from recorded_logs import Lines

from settle_core.audit.audit import Audit

NAMES = {"workers": logged.APP, "alone": logged.APP[:1], "database": logged.SERVER}


def with_sum(line: str) -> Lines:
    """A line that loads an entry, and after it one that asks a function what is owed."""
    if "Ledger Load" in line and '"id" = $1' in line:
        head = line[: line.index("Ledger Load")]
        return [line, f"{head}  (0.0ms)  SELECT owed(7, '2026-10-01')"]
    return [line]


def run(folder: Path, scenario: str, change: Callable[[str], Lines], names: str) -> Audit:
    logs = [
        logged.write(folder / n, [y for x in logged.lines(scenario, n) for y in change(x)])
        for n in NAMES[names]
    ]
    return logged.run(logged.export(folder / "export", scenario), logs)


def with_locks(line: str) -> Lines:
    """A line that loads an entry, and around it the lock that job queues of PostgreSQL take."""
    if "Ledger Load" in line and '"id" = $1' in line:
        head = line[: line.index("Ledger Load")]
        key = "('x' || substr(md5('jobs-1'), 1, 16))::bit(64)::bigint"
        lock, free = (
            f"SELECT pg_{word}({key})" for word in ("try_advisory_lock", "advisory_unlock")
        )
        return [line, f"{head}  (0.0ms)  {lock}", f"{head}  (0.0ms)  {free}"]
    return [line]


def test_a_lock_of_a_job_queue_is_no_sum(tmp_path: Path) -> None:
    told = logged.score(run(tmp_path, "sidekiq_lost", with_locks, "workers"), "sidekiq_lost")
    assert (told.proved, told.false_proved) == (59, 0)


@pytest.mark.parametrize(
    ("scenario", "doubt"),
    [
        ("sidekiq_retry", "its job read more than the entry that it loaded"),
        ("sidekiq_lost", "its job may have read a sum in which nothing seemed owed"),
    ],
)
def test_a_job_that_may_have_read_what_is_owed(scenario: str, doubt: str, tmp_path: Path) -> None:
    """A second run may have answered an entry just alike, and nothing may have been owed."""
    result = run(tmp_path, scenario, with_sum, "alone")
    told = [f for f in result.findings if f.cause in {"repeated_job", "lost_job"} and f.entry_id]
    of_loads = [f for f in told if "loaded" in f.explanation]
    assert of_loads
    assert not [f for f in told if f.cause == "repeated_job" and f.evidence == "proved"]
    assert [f for f in of_loads if doubt in f.explanation]
    ended = [f for f in of_loads if "loaded it and wrote nothing" in f.explanation]
    assert not [f for f in ended if f.evidence == "proved"]


def test_a_job_that_failed_is_lost_whatever_it_read(tmp_path: Path) -> None:
    result = run(tmp_path, "sidekiq_lost", with_sum, "workers")
    score = logged.score(result, "sidekiq_lost")
    assert score.false_proved == 0
    failed = [f for f in result.findings if "it is not tried again" in f.explanation]
    assert failed
    assert {f.evidence for f in failed} == {"proved"}


@pytest.mark.parametrize("names", ["workers", "database"])
def test_jobs_that_answer_another_amount_than_they_loaded(names: str, tmp_path: Path) -> None:
    """No line tells of a sum; a counter-entry of two entries at once does."""
    first = next(
        x for x in logged.lines("sidekiq_retry", "rails.log") if '"counter"' in x and "INSERT" in x
    )
    job = re.search(r"jid-(\w+)", first)
    assert job is not None
    (amount,) = re.findall(r'\["amount", "(-?[\d.]+)"\]', first)

    def change(line: str) -> Lines:
        is_mine = job[1] in line and "counter" in line
        return [
            line.replace(f'"{amount}"', '"7.77"').replace(f"'{amount}'", "'7.77'")
            if is_mine
            else line
        ]

    def row(record: dict[str, str]) -> dict[str, str]:
        is_mine = record["job_id"] == job[1] and record["kind"] == "counter"
        return record | {"amount": "7.77"} if is_mine else record

    logs = [
        logged.write(tmp_path / n, [y for x in logged.lines("sidekiq_retry", n) for y in change(x)])
        for n in NAMES[names]
    ]
    result = logged.run(logged.export(tmp_path / "export", "sidekiq_retry", row), logs)
    repeated = [
        f for f in result.findings if f.cause == "repeated_job" and "loaded" in f.explanation
    ]
    assert len(repeated) > 50
    assert not [f for f in repeated if f.evidence == "proved"]
    doubt = "jobs of this log answer more than the entry that they loaded"
    assert [f for f in repeated if doubt in f.explanation]


def test_runs_of_which_one_half_is_missing_prove_no_repeated_job(tmp_path: Path) -> None:
    """Whose run it was that ended, another line that is lost may tell otherwise."""
    workers = logged.lines("sidekiq_retry", "sidekiq.log")
    start = next(k for k, x in enumerate(workers) if k > 300 and x.endswith("INFO: start"))
    logs = [
        logged.write(tmp_path / "rails.log", logged.lines("sidekiq_retry", "rails.log")),
        logged.write(tmp_path / "sidekiq.log", workers[:start] + workers[start + 1 :]),
    ]
    result = logged.run(logged.export(tmp_path / "export", "sidekiq_retry"), logs)
    repeated = [f for f in result.findings if f.cause == "repeated_job"]
    assert repeated
    assert not [f for f in repeated if f.evidence == "proved"]


def test_a_session_that_is_not_logged_and_jobs_that_ask_more(tmp_path: Path) -> None:
    """Who loaded it, and then saw that nothing was owed, may have been of a session that is lost.

    Its numbers are gone with it. All jobs whose lines are there ask whether there is an answer.
    """
    numbers: Counter[str] = Counter()
    log: Lines = []
    asks = "statement: SELECT id FROM ledgers WHERE user_id = 7 AND kind = 'counter'"
    for told in map(json.loads, logged.lines("sidekiq_lost", "postgres.jsonl")):
        is_load = told["message"].startswith('execute a1: SELECT "ledgers"')
        for message in (told, {**told, "message": asks})[: 1 + is_load]:
            numbers[told["session_id"]] += 1
            log.append(json.dumps({**message, "line_num": numbers[told["session_id"]]}))
    path = logged.write(tmp_path / "a.json", log)
    result = logged.run(logged.export(tmp_path / "export", "sidekiq_lost"), [path])
    never = [f for f in result.findings if "has no job that loaded it" in f.explanation]
    assert never
    assert not [f for f in never if f.evidence == "proved"]
