"""Local times without a zone: the jobs and rows that logs share tell how far these are apart."""

import csv
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import recorded_logs as logged

from settle_core.audit.audit import Audit
from settle_core.logs.scanned import told

_RAILS = re.compile(r"(\S+)Z ([A-Z]) (.*)$")
Hours = Callable[[int], float]


def local(log: logged.Lines, hours: Hours) -> logged.Lines:
    """A Rails log as Ruby's own formatter prints it: of a place that it does not name."""
    made = []
    for number, line in enumerate(log):
        if found := _RAILS.match(line):
            at = datetime.fromisoformat(found[1]) + timedelta(hours=hours(number))
            head = f"{found[2]}, [{at.isoformat(timespec='microseconds')} #812] DEBUG -- : "
            made.append(head + found[3])
    return made


def run(tmp_path: Path, scenario: str, hours: Hours, runs: Hours | None = None) -> Audit:
    """An audit with a Rails log in local time; and a workers' log too, if `runs` are its hours."""
    folder = logged.export(tmp_path / "export", scenario)
    rails = local(logged.lines(scenario, "rails.log"), hours)
    sidekiq = logged.lines(scenario, "sidekiq.log")
    if runs is not None:
        moved = [logged.later(line, 3600 * runs(k)) for k, line in enumerate(sidekiq)]
        sidekiq = [line.replace("Z pid=", " pid=", 1) for line in moved]
    logs = {"rails.log": rails, "sidekiq.log": sidekiq}
    return logged.run(folder, [logged.write(tmp_path / n, log) for n, log in logs.items()])


@pytest.mark.parametrize(
    ("scenario", "hours"), [("sidekiq_lost", 9), ("sidekiq_retry", -5), ("sidekiq_lost", -3.5)]
)
def test_local_time_beside_utc_proves_as_much(scenario: str, hours: float, tmp_path: Path) -> None:
    result = run(tmp_path, scenario, lambda _: hours)
    score = logged.score(result, scenario)
    assert (score.proved, score.false_proved) == (score.faults, 0)
    assert result.logs is not None
    rails, sidekiq = told.says(result.logs.sources)
    assert f", its clock {hours:+g} h off the ledger's" in rails
    assert "off the ledger's" not in sidekiq


@pytest.mark.parametrize("hours", [0, -5, 9])
def test_a_job_at_work_when_logs_end_is_not_lost(hours: float, tmp_path: Path) -> None:
    """All three end at one moment: five hours behind, a workers' log seemed to go on."""
    scenario = "sidekiq_fixed"
    folder = logged.export(tmp_path / "export", scenario)
    with (folder / "ledgers.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    recorded = [r["created_at"] for r in rows if r["kind"] != "counter"]
    entries = sorted(at.replace(" ", "T")[:26] for at in recorded if at.startswith("2026-11-26"))
    cut = datetime.fromisoformat(entries[100]) + timedelta(milliseconds=3)
    text = cut.isoformat(timespec="microseconds")
    with (folder / "ledgers.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(r for r in rows if r["created_at"].replace(" ", "T")[:26] <= text)
    whole = logged.lines(scenario, "rails.log")
    rails = local([x for x in whole if x[:26] <= text], lambda _: hours)
    sidekiq = [x for x in logged.lines(scenario, "sidekiq.log") if x[:23] <= text[:23]]
    logs = {"rails.log": rails, "sidekiq.log": sidekiq}
    result = logged.run(folder, [logged.write(tmp_path / n, log) for n, log in logs.items()])
    assert result.logs is not None
    assert len(result.logs.verdicts) > 1
    assert not [v for v in result.logs.verdicts.values() if v.evidence == "proved"]


@pytest.mark.parametrize("which", ["statements", "runs"])
def test_a_clock_that_is_changed_proves_nothing_and_says_why(which: str, tmp_path: Path) -> None:
    """Daylight saving time in the midst of a log: the runs of half of the jobs are an hour off."""
    scenario = "sidekiq_retry"

    def changing(number: int) -> float:
        return -5 if number < 1_000 else -4

    if which == "statements":
        result = run(tmp_path, scenario, changing)
        why = "the clock of Rails is -5 h and -4 h off the ledger's (daylight saving time?"
    else:
        result = run(tmp_path, scenario, lambda _: 0, lambda k: changing(2 * k))
        why = "nothing tells how far the clocks of Rails and Sidekiq's log are apart"
    assert result.logs is not None
    assert any(doubt.startswith(why) for doubt in result.logs.doubts)
    assert logged.score(result, scenario).proved == 0
    assert logged.score(result, scenario).false_proved == 0
