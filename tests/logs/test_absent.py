"""What a log does not hold: no sentence says more of it than that it is not there."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import recorded_logs as logged
from recorded_logs import Lines

from settle_core.contract import Finding

Told = dict[str, list[Finding]]
NONE = "or ran where this log has no line of it"


def of_lost(folder: Path, logs: dict[str, Lines]) -> Told:
    """The findings on jobs that were lost, by what had become of them."""
    paths = [logged.write(folder / name, log) for name, log in logs.items()]
    result = logged.run(logged.export(folder / "export", "sidekiq_lost"), paths)
    assert logged.score(result, "sidekiq_lost").false_proved == 0
    lost = logged.truth("sidekiq_lost")["uncountered_entries"]
    fate = {str(each["entry_id"]): each["cause"] for each in lost}
    told: Told = {cause: [] for cause in fate.values()}
    for finding in result.findings:
        if finding.entry_id in fate:
            told[fate[finding.entry_id]].append(finding)
    return told


@pytest.mark.parametrize("form", [json.dumps, logged.numbered], ids=["jsonlog", "%l"])
def test_a_session_of_which_no_line_is_there(
    form: Callable[[dict[str, str]], str], tmp_path: Path
) -> None:
    """It wrote nothing, and no number of a line tells of a session that is not there."""
    log = [json.loads(x) for x in logged.lines("sidekiq_lost", "postgres.jsonl")]
    wrote = {x["session_id"] for x in log if "INSERT" in x["message"]}
    left = [form(x) for x in log if x["session_id"] in wrote]
    assert len({x["session_id"] for x in log} - wrote) > 0
    told = of_lost(tmp_path, {"postgres.log": left})
    whole = of_lost(tmp_path / "whole", {"postgres.log": [form(x) for x in log]})
    gone = [f for each in told.values() for f in each if NONE in f.explanation]
    never = [f for each in whole.values() for f in each if NONE in f.explanation]
    assert len(gone) > len(never) == len(told["job_never_enqueued"])


def test_a_job_of_which_no_log_holds_a_line(tmp_path: Path) -> None:
    jobs = {
        re.findall(r'"jid":"(\w+)"', x)[0]
        for x in logged.lines("sidekiq_lost", "sidekiq.log")
        if '"discard":true' in x
    }
    assert len(jobs) == 22
    logs = {
        name: [x for x in logged.lines("sidekiq_lost", name) if not any(j in x for j in jobs)]
        for name in logged.APP
    }
    told = of_lost(tmp_path, logs)["job_discarded_retry_false"]
    assert len(told) == 22
    assert all(NONE in f.explanation for f in told)


def test_a_job_whose_connection_is_not_told(tmp_path: Path) -> None:
    """A tag names the job: of a connection, and where that went, it says nothing."""
    told = of_lost(tmp_path, {"rails.log": logged.lines("sidekiq_lost", "rails.log")})
    loaded = [f for each in told.values() for f in each if "its job loaded it" in f.explanation]
    assert len(loaded) == 47
    assert not [f for f in loaded if "connection" in f.explanation]


@pytest.mark.parametrize(("share", "least"), [(0.5, 20), (0.9, 10)])
def test_the_log_of_runs_ends_before_the_other(share: float, least: int, tmp_path: Path) -> None:
    """Jobs that wrote have no run in it, or entries came later than it goes."""
    log = logged.lines("sidekiq_lost", "sidekiq.log")
    logs = {
        "rails.log": logged.lines("sidekiq_lost", "rails.log"),
        "sidekiq.log": log[: int(len(log) * share)],
    }
    told = of_lost(tmp_path, logs)
    assert not [f for f in told["job_never_enqueued"] if f.evidence == "proved"]
    doubts = " ".join(f.explanation for f in told["job_never_enqueued"])
    assert ("has no run of" in doubts) == (share == 0.5)
    assert "may yet be at work" in doubts
    assert sum(f.evidence == "proved" for each in told.values() for f in each) > least


def test_a_run_without_an_end_is_said_to_have_none_in_the_log(tmp_path: Path) -> None:
    """Its process may be gone, or the line."""
    told = of_lost(tmp_path, {name: logged.lines("sidekiq_lost", name) for name in logged.APP})
    killed = told["process_killed_job_lost"]
    assert len(killed) == 25
    assert all("began, and no end of it is in the log" in f.explanation for f in killed)


def test_lines_that_were_delivered_again_are_no_later_work(tmp_path: Path) -> None:
    """Their stamps are too coarse to tell them apart, but none is later than the first."""
    lines = logged.repeated(logged.lines("sidekiq_lost", "postgres.jsonl"), 0.5, 11)
    told = of_lost(tmp_path, {"postgres.log": [logged.plain_text(x) for x in lines]})
    killed = [f for f in told["process_killed_job_lost"] if "its job loaded it" in f.explanation]
    assert len(killed) > 10
    assert not [f for f in killed if "went on to other work" in f.explanation]


def test_what_was_there_before_a_log_begins_was_not_lost_in_it(tmp_path: Path) -> None:
    """Its job may have run, and seen nothing owed, before the first line: a file is missing."""
    log = {name: logged.lines("sidekiq_lost", name) for name in logged.APP}
    log["rails.log"] = log["rails.log"][len(log["rails.log"]) // 3 :]
    told = of_lost(tmp_path, log)
    begun = datetime.fromisoformat(log["rails.log"][0][:26]) - timedelta(milliseconds=10)
    lost = [f for each in told.values() for f in each]
    early = [f for f in lost if f.recorded_at is not None and f.recorded_at < begun]
    assert 0 < len(early) < len(lost)
    assert "proved" not in {f.evidence for f in early}
    assert any("does not reach the moment of the late entry" in f.explanation for f in early)
