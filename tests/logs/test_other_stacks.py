"""Celery with SQLAlchemy, and MariaDB: the same joins hold for logs of other stacks."""

import gzip
from collections import Counter
from pathlib import Path

import pytest
from recorded_logs import LOGGED

from settle_core import audit
from settle_core.audit.audit import Audit

Told = Counter[tuple[str, str]]


def run(folder: Path, scenario: str, log: str) -> tuple[Audit, Told]:
    """Audit a recorded run with one of its logs: causes and evidence of what is wrong."""
    for path in (LOGGED / scenario).iterdir():
        (folder / path.stem).write_bytes(gzip.decompress(path.read_bytes()))
    result = audit.run(folder, "canonical", log=str(folder / log))
    kinds = {"duplicate_counter", "wrong_counter"}
    return result, Counter((f.cause, f.evidence) for f in result.findings if f.rule in kinds)


def test_a_sum_that_a_worker_kept_is_proved_from_its_log(tmp_path: Path) -> None:
    _, told = run(tmp_path, "celery_cached", "worker.log")
    assert told == {("stale_read", "proved"): 13}


def test_the_healthy_run_is_clean(tmp_path: Path) -> None:
    result, _ = run(tmp_path, "celery_locked", "worker.log")
    assert result.verdict == "reconciled"


def test_a_task_that_failed_after_its_commit_and_was_retried(tmp_path: Path) -> None:
    result, told = run(tmp_path, "celery_retry", "worker.log")
    assert told == {("repeated_job", "proved"): 29}
    told_by = [f.explanation for f in result.findings if f.entry_id]
    assert all("had written its counter-entry and then failed" in text for text in told_by)


def test_a_race_is_called_nothing_else(tmp_path: Path) -> None:
    _, told = run(tmp_path, "celery_race", "worker.log")
    assert {cause for cause, _ in told} == {"race"}
    assert told["race", "proved"] > told["race", "consistent"]


@pytest.mark.parametrize("log", ["worker.log", "general.log"])
def test_a_pinned_snapshot_is_never_proved_to_be_a_race(log: str, tmp_path: Path) -> None:
    _, told = run(tmp_path, "mariadb_pinned", log)
    assert told["race", "proved"] == 0
    if log == "general.log":
        assert told["stale_read", "proved"] == 19
        assert {cause for cause, _ in told} == {"stale_read"}
