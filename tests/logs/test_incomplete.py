"""A log that is not whole makes no finding worse than the ledger alone tells it."""

import json
import random
import re
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import pytest
import recorded_logs as logged
from recorded_logs import Lines, Score

from settle_core.audit.audit import Audit
from settle_core.logs.joined.view import View
from settle_core.logs.lines.model import Parsed, Place, Statement
from settle_core.logs.lines.runs import Run

ACCUSED = {"duplicate_counter", "wrong_counter", "orphan_counter", "uncountered_entry"}
Change = Callable[[Lines], Lines]


def audited(folder: Path, scenario: str, logs: dict[str, Iterable[str]]) -> Audit:
    paths = [logged.write(folder / name, log) for name, log in logs.items()]
    return logged.run(logged.export(folder / "export", scenario), paths)


def accused(result: Audit) -> set[str]:
    return {f.entry_id for f in result.findings if f.rule in ACCUSED}


def contradictions(result: Audit) -> list[str]:
    return [f.explanation for f in result.findings if f.rule == "log_contradiction"]


@cache
def alone(scenario: str) -> tuple[Score, set[str]]:
    """What an audit without logs says."""
    with TemporaryDirectory() as folder:
        result = audited(Path(folder), scenario, {})
        return logged.score(result, scenario), accused(result)


def sampled(log: Lines) -> Lines:
    chance = random.Random(0)  # noqa: S311
    return [x for x in log if chance.random() < 0.9]


def cut_off(log: Lines) -> Lines:
    """One of twenty lines goes on for 80 letters only."""
    return [x[:80] if random.Random(x).random() < 0.05 else x for x in log]  # noqa: S311


def without_transactions(log: Lines) -> Lines:
    return [x for x in log if "TRANSACTION" not in x]


def second_half(log: Lines) -> Lines:
    return log[len(log) // 2 :]


def without_a_read(log: Lines) -> Lines:
    """One job of hundreds has no read: the same amount was read by another before."""
    wrote = next(x for x in log[len(log) // 2 :] if "INSERT" in x and "-71.55" in x)
    job = re.findall(r"jid-\w+", wrote)[0]
    return [x for x in log if not (job in x and "SELECT SUM" in x)]


def within_seconds(log: Lines) -> Lines:
    """Lines of one second came in any order."""
    chance = random.Random(1)  # noqa: S311
    return sorted(log, key=lambda x: (x[:19], chance.random()))


def of_clocks(log: Lines) -> Lines:
    """Three hosts, whose clocks are 20 ms apart, write one log."""
    shift = [0.0, 0.02, -0.02]
    hosts = {
        job: shift[k % 3] for k, job in enumerate(sorted(set(re.findall(r"jid-\w+", str(log)))))
    }
    jobs = [re.search(r"jid-\w+", x) for x in log]
    return sorted(
        logged.later(x, hosts[j.group()] if j else 0) for x, j in zip(log, jobs, strict=True)
    )


@pytest.mark.parametrize(
    ("scenario", "name", "change"),
    [
        ("sidekiq_race", "rails.log", sampled),
        ("sidekiq_race", "postgres.jsonl", sampled),
        ("sidekiq_race", "rails.log", without_transactions),
        ("sidekiq_race", "rails.log", second_half),
        ("sidekiq_race", "rails.log", without_a_read),
        ("sidekiq_race", "rails.log", of_clocks),
        ("sidekiq_cached_interleaved", "rails.log", within_seconds),
        ("sidekiq_race_locked", "rails.log", cut_off),
    ],
)
def test_no_finding_is_worse(scenario: str, name: str, change: Change, tmp_path: Path) -> None:
    logs: dict[str, Iterable[str]] = {name: change(logged.lines(scenario, name))}
    if name == "rails.log":
        logs["sidekiq.log"] = logged.lines(scenario, "sidekiq.log")
    result = audited(tmp_path, scenario, logs)
    told = logged.score(result, scenario)
    ledger, blamed = alone(scenario)
    assert told.false_proved == 0
    assert told.false_causes <= ledger.false_causes
    assert told.right >= ledger.right
    assert told.missed <= ledger.missed
    assert len(accused(result) - blamed) <= ledger.missed + 1


def test_a_run_that_began_before_the_log_is_not_bounded_by_it() -> None:
    """Its read may be among the lines before: that none is there tells nothing."""
    sent = Statement(Place(0, 1, 0, 1), "Rails a|7", 20, 21, "", Parsed("insert", "ledgers"))
    run = Run("a", 1, 10, 30, "done", "w", ())
    view: Any = SimpleNamespace(run_of=lambda _: run, since_us={"Rails a": 10})
    assert View.is_bounded(view, sent)
    view.since_us["Rails a"] = 11
    assert not View.is_bounded(view, sent)


def test_repeated_lines_that_load_entries_accuse_nobody(tmp_path: Path) -> None:
    """Of two entries just alike, one's load is among what the log does not hold as it was."""
    text = [logged.plain_text(x) for x in logged.lines("sidekiq_retry", "postgres.jsonl")]
    log = logged.repeated(text, 0.1, 3)
    assert accused(audited(tmp_path, "sidekiq_retry", {"a.log": log})) == alone("sidekiq_retry")[1]


def test_a_job_that_ended_well_is_no_lost_one_where_reads_are_not_logged(tmp_path: Path) -> None:
    log = [x for x in logged.lines("sidekiq_race", "rails.log") if "SELECT" not in x]
    workers = logged.lines("sidekiq_race", "sidekiq.log")
    result = audited(tmp_path, "sidekiq_race", {"rails.log": log, "sidekiq.log": workers})
    (late,) = [f for f in result.findings if f.rule == "uncountered_entry"]
    assert (late.cause, late.evidence) == ("unknown", "undetermined")


def in_docker(line: str) -> str:
    return json.dumps({"log": f"{line}\n", "stream": "stdout", "time": f"{line[:26]}123Z"})


@pytest.mark.parametrize("form", [str, in_docker])
def test_one_log_in_two_places(form: Callable[[str], str], tmp_path: Path) -> None:
    """Two shippers took it, the second from a little later on."""
    log = logged.lines("sidekiq_retry", "rails.log")
    logs: dict[str, Iterable[str]] = {
        "a/rails.log": log,
        "b/rails.log": map(form, log[5:]),
        "sidekiq.log": logged.lines("sidekiq_retry", "sidekiq.log"),
    }
    result = audited(tmp_path, "sidekiq_retry", logs)
    told = logged.score(result, "sidekiq_retry")
    assert told.proved == told.faults
    assert not contradictions(result)


def test_one_log_in_two_places_whose_stamps_do_not_tell_it(tmp_path: Path) -> None:
    log = [logged.plain_text(x) for x in logged.lines("sidekiq_retry", "postgres.jsonl")]
    result = audited(tmp_path, "sidekiq_retry", {"a/p.log": log, "b/p.log": log[7:]})
    assert result.logs is not None
    assert "rows more often than the ledger has rows" in result.logs.doubts[0]
    assert not contradictions(result)
    assert logged.score(result, "sidekiq_retry").proved == 0


def test_jobs_that_were_not_sampled_are_told_once(tmp_path: Path) -> None:
    """One of ten jobs has no line: so few rows lack an INSERT that each might be a finding."""

    def is_kept(line: str) -> bool:
        job = re.search(r"jid-(\w+)", line)
        return job is None or random.Random(job[1]).random() < 0.9  # noqa: S311

    log = filter(is_kept, logged.lines("sidekiq_lost", "rails.log"))
    (told,) = contradictions(audited(tmp_path, "sidekiq_lost", {"rails.log": log}))
    assert "has no INSERT of 22 rows" in told


def test_of_several_stories_that_fit_a_log_that_is_not_whole_chooses_none(tmp_path: Path) -> None:
    scenario = "sidekiq_cached_interleaved"
    logs: dict[str, Iterable[str]] = {n: logged.lines(scenario, n) for n in logged.APP}
    logs["rails.log"] = sampled(logged.lines(scenario, "rails.log"))
    result = audited(tmp_path, scenario, logs)
    assert logged.score(result, scenario).false_causes == 0
