"""Worse logs: nothing false is proved, and what keeps a cause from being proved is named."""

from collections.abc import Iterable
from pathlib import Path

import pytest
import recorded_logs as logged
from recorded_logs import Lines

from settle_core.audit.audit import Audit


def judge(folder: Path, scenario: str, logs: dict[str, Iterable[str]]) -> tuple[Audit, int]:
    """Audit with some logs; how many causes are proved, of which none may be false."""
    paths = [logged.write(folder / name, log) for name, log in logs.items()]
    result = logged.run(logged.export(folder / "export", scenario), paths)
    told = logged.score(result, scenario)
    assert told.false_proved == 0
    return result, told.proved


def doubts(result: Audit) -> str:
    return " ".join(each.explanation for each in result.findings)


@pytest.mark.parametrize("scenario", logged.BROKEN)
@pytest.mark.parametrize("seed", [1, 2])
def test_lost_lines_of_workers(scenario: str, seed: int, tmp_path: Path) -> None:
    log = logged.without(logged.lines(scenario, "rails.log"), 0.02, seed)
    workers = logged.without(logged.lines(scenario, "sidekiq.log"), 0.02, seed)
    result, _ = judge(tmp_path, scenario, {"rails.log": log, "sidekiq.log": workers})
    assert result.logs is not None
    assert not [v for v in result.logs.verdicts.values() if v.evidence == "proved"]
    assert "rows that were recorded while it ran" in doubts(result)


@pytest.mark.parametrize("scenario", logged.BROKEN)
def test_lost_lines_of_the_database(scenario: str, tmp_path: Path) -> None:
    log = logged.without(logged.lines(scenario, "postgres.jsonl"), 0.02, 3)
    _, proved = judge(tmp_path, scenario, {"postgres.json": log})
    # Its lines are numbered by session: where none is missing, the rest is as good as ever.
    assert proved > 0


@pytest.mark.parametrize("scenario", ["sidekiq_race", "sidekiq_lost", "sidekiq_cached"])
@pytest.mark.parametrize("share", [0.1, 1.0])
def test_lost_tags(scenario: str, share: float, tmp_path: Path) -> None:
    log = logged.untagged(logged.lines(scenario, "rails.log"), share, 4)
    workers = logged.lines(scenario, "sidekiq.log")
    result, _ = judge(tmp_path, scenario, {"rails.log": log, "sidekiq.log": workers})
    if scenario != "sidekiq_lost":
        assert "have no tag" in doubts(result) or "one half is missing" in doubts(result)


@pytest.mark.parametrize("scenario", ["sidekiq_race", "sidekiq_lost"])
@pytest.mark.parametrize("gone", [0, 1, 2])
def test_a_rotated_file_is_missing(scenario: str, gone: int, tmp_path: Path) -> None:
    parts = logged.thirds(logged.lines(scenario, "rails.log"))
    names = ("production.log.2", "production.log.1", "production.log")
    kept: dict[str, Iterable[str]] = {
        name: part for k, (name, part) in enumerate(zip(names, parts, strict=True)) if k != gone
    }
    kept["sidekiq.log"] = logged.lines(scenario, "sidekiq.log")
    _, proved = judge(tmp_path, scenario, kept)
    faults = len(logged.truth(scenario)["wrong_counters"]) or 59
    assert proved < faults


def of_two_hosts(log: Lines) -> tuple[Lines, Lines]:
    first = [line for line in log if logged.of_host(line) == 0]
    return first, [logged.later(line, 5) for line in log if logged.of_host(line) == 1]


def test_clocks_of_two_hosts_are_compared_by_ids(tmp_path: Path) -> None:
    first, second = of_two_hosts(logged.lines("sidekiq_race", "rails.log"))
    logs: dict[str, Iterable[str]] = {"a/rails.log": first, "b/rails.log": second}
    _, proved = judge(tmp_path, "sidekiq_race", logs)
    assert proved > 100


@pytest.mark.parametrize("order", ["time", "arrival"])
def test_clocks_of_two_hosts_in_one_file(order: str, tmp_path: Path) -> None:
    log = logged.lines("sidekiq_race", "rails.log")
    if order == "time":
        first, second = of_two_hosts(log)
        log = sorted(first + second)
    else:
        log = [logged.later(x, 5) if logged.of_host(x) == 1 else x for x in log]
    result, _ = judge(tmp_path, "sidekiq_race", {"rails.log": log})
    assert "clocks in the log are 5" in doubts(result)


@pytest.mark.parametrize(
    ("name", "kept", "doubt"),
    [
        ("rails.log", lambda line: " D " not in line[:40], "no known format|holds no SQL"),
        ("postgres.jsonl", lambda line: "SELECT" not in line, "holds no SELECT"),
    ],
    ids=["level info", "log_statement = mod"],
)
def test_a_log_that_cannot_show_reads(name: str, kept: object, doubt: str, tmp_path: Path) -> None:
    assert callable(kept)
    log = [line for line in logged.lines("sidekiq_lost", name) if kept(line)]
    workers = logged.lines("sidekiq_lost", "sidekiq.log")
    result, proved = judge(tmp_path, "sidekiq_lost", {name: log, "sidekiq.log": workers})
    assert proved == 0
    assert result.logs is not None
    told = result.logs.as_dict()["doubts"]
    assert any(part in str(told) for part in doubt.split("|"))
