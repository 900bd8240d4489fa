"""Worse logs: nothing false is proved, and what keeps a cause from being proved is named."""

import json
import random
import re
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import recorded_logs as logged
from recorded_logs import Lines

from settle_core.audit.audit import Audit
from settle_core.errors import Fault


def judge(folder: Path, scenario: str, logs: dict[str, Iterable[str]]) -> tuple[Audit, int]:
    """Audit with some logs; how many causes are proved, of which none may be false."""
    paths = [logged.write(folder / name, log) for name, log in logs.items()]
    result = logged.run(logged.export(folder / "export", scenario), paths)
    told = logged.score(result, scenario)
    assert told.false_proved == 0
    return result, told.proved


def doubts(result: Audit) -> str:
    return " ".join(each.explanation for each in result.findings)


@pytest.mark.parametrize(("seed", "scenario"), list(enumerate(logged.BROKEN)))
def test_lost_lines_of_workers(scenario: str, seed: int, tmp_path: Path) -> None:
    log = logged.without(logged.lines(scenario, "rails.log"), 0.02, seed)
    workers = logged.without(logged.lines(scenario, "sidekiq.log"), 0.02, seed)
    result, _ = judge(tmp_path, scenario, {"rails.log": log, "sidekiq.log": workers})
    assert result.logs is not None
    assert not [v for v in result.logs.verdicts.values() if v.evidence == "proved"]
    assert "rows that were recorded while it ran" in doubts(result)


@pytest.mark.parametrize("scenario", ["sidekiq_race", "sidekiq_cached_interleaved"])
def test_lost_lines_of_the_database(scenario: str, tmp_path: Path) -> None:
    log = logged.without(logged.lines(scenario, "postgres.jsonl"), 0.02, 3)
    _, proved = judge(tmp_path, scenario, {"postgres.json": log})
    # Its lines are numbered by session: where none is missing, the rest is as good as ever.
    assert proved > 0


@pytest.mark.parametrize("names", [logged.APP, logged.APP[:1]], ids=["workers", "alone"])
@pytest.mark.parametrize("is_half", [False, True])
def test_lines_that_load_entries(names: tuple[str, ...], *, is_half: bool, tmp_path: Path) -> None:
    """A job that was killed ran for it, or half of the log is not given though its workers' is."""
    logs: dict[str, Iterable[str]] = {n: logged.lines("sidekiq_lost", n) for n in names}
    log = logged.lines("sidekiq_lost", "rails.log")
    load = next(k for k, x in enumerate(log) if "Ledger Load" in x and '[["id", 7768]' in x)
    logs["rails.log"] = log[: len(log) // 2] if is_half else log[:load] + log[load + 1 :]
    result, _ = judge(tmp_path, "sidekiq_lost", logs)
    told = [f for f in result.findings if f.rule == "uncountered_entry"]
    assert {f.entry_id for f in told if f.evidence != "proved"} >= {"7768"}
    never = [f for f in told if "the log has no job that loaded it" in f.explanation]
    assert never
    assert not [f for f in never if f.evidence == "proved"]


def without_sums(log: Lines) -> Lines:
    """A log that has lost three of ten reads, and nothing else."""
    chance = random.Random("00.3")  # noqa: S311
    return [x for x in log if not ("SELECT SUM" in x and chance.random() < 0.3)]


@pytest.mark.parametrize("name", ["rails.log", "postgres.log"])
def test_lost_reads(name: str, tmp_path: Path) -> None:
    """So many runs have no read that the log looks as one of jobs that keep their sums."""
    reads = logged.lines("sidekiq_race", "rails.log")
    if name == "postgres.log":
        reads = [logged.plain_text(x) for x in logged.lines("sidekiq_race", "postgres.jsonl")]
    logs: dict[str, Iterable[str]] = {name: without_sums(reads)}
    if name == "rails.log":
        logs["sidekiq.log"] = logged.lines("sidekiq_race", "sidekiq.log")
    _, proved = judge(tmp_path, "sidekiq_race", logs)
    assert proved > 40


@pytest.mark.parametrize(
    ("scenario", "share"), [("sidekiq_race", 0.1), ("sidekiq_lost", 0.1), ("sidekiq_cached", 1.0)]
)
def test_lost_tags(scenario: str, share: float, tmp_path: Path) -> None:
    log = logged.untagged(logged.lines(scenario, "rails.log"), share, 4)
    workers = logged.lines(scenario, "sidekiq.log")
    result, proved = judge(tmp_path, scenario, {"rails.log": log, "sidekiq.log": workers})
    if scenario == "sidekiq_cached":
        assert proved == 0
    if scenario != "sidekiq_lost":
        assert "have no tag" in doubts(result) or "one half is missing" in doubts(result)


@pytest.mark.parametrize(
    ("scenario", "gone"), [("sidekiq_race", 0), ("sidekiq_lost", 1), ("sidekiq_race", 2)]
)
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


@pytest.mark.parametrize(("scenario", "most"), [("sidekiq_race", 91), ("sidekiq_retry", 15)])
def test_a_hole_within_a_file(scenario: str, most: int, tmp_path: Path) -> None:
    """What was written just after it, or first just before it, may hang on lines that are gone."""
    log = logged.lines(scenario, "rails.log")
    half = len(log) // 2
    logs: dict[str, Iterable[str]] = {"rails.log": log[:half] + log[half + 150 :]}
    logs["sidekiq.log"] = logged.lines(scenario, "sidekiq.log")
    result, proved = judge(tmp_path, scenario, logs)
    assert proved == most
    assert "Not proved: the log has a hole there." in doubts(result)


def of_two_hosts(log: Lines) -> tuple[Lines, Lines]:
    first = [line for line in log if logged.of_host(line) == 0]
    return first, [logged.later(line, 5) for line in log if logged.of_host(line) == 1]


def test_clocks_of_two_hosts_are_compared_by_ids(tmp_path: Path) -> None:
    first, second = of_two_hosts(logged.lines("sidekiq_race", "rails.log"))
    logs: dict[str, Iterable[str]] = {"a/rails.log": first, "b/rails.log": second}
    _, proved = judge(tmp_path, "sidekiq_race", logs)
    assert proved > 100


@pytest.mark.parametrize("seconds", [-0.05, -0.01, 0.01, 0.05])
def test_clocks_of_two_hosts_that_are_nearly_one(seconds: float, tmp_path: Path) -> None:
    """Put in order by time, their lines never step back: ids alone tell the clocks apart."""
    log = logged.lines("sidekiq_race", "rails.log")
    log = sorted(logged.later(x, seconds) if logged.of_host(x) else x for x in log)
    _, proved = judge(tmp_path, "sidekiq_race", {"rails.log": log})
    assert proved > 70


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


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("rails.log", lambda log: logged.repeated(log, 0.05, 5)),
        ("rails.log", lambda log: [logged.over_lines(x) for x in log]),
        ("rails.log", lambda log: [logged.unzoned(x, 2) for x in log]),
        ("rails.log", lambda log: [logged.as_json(x) for x in log]),
        ("postgres.jsonl", lambda log: logged.repeated(log, 0.05, 6)),
        ("postgres.jsonl", lambda log: [logged.plain_text(x) for x in log]),
    ],
    ids=[
        *("repeated", "over lines", "another zone", "JSON with names of its own"),
        *("numbered and repeated", "plain text"),
    ],
)
def test_what_is_whole_in_another_form_proves_as_much(
    name: str, change: Callable[[Lines], Lines], tmp_path: Path
) -> None:
    _, proved = judge(tmp_path, "sidekiq_race", {name: change(logged.lines("sidekiq_race", name))})
    assert proved == 106


@pytest.mark.parametrize(
    ("name", "change", "doubt"),
    [
        ("rails.log", lambda log: logged.shuffled(log, 20, 8), "one half is missing"),
        ("rails.log", lambda log: [x[:150] for x in log], "no INSERT"),
        (
            "rails.log",
            lambda log: [re.sub(r"\[jid-\w+\]", "[worker]", x) for x in log],
            "have no tag of one job",
        ),
        ("rails.log", lambda log: [logged.later(x, 86_400) for x in log], "is 24 h off"),
    ],
    ids=["shuffled", "cut", "one tag for all", "of another day"],
)
def test_what_a_log_cannot_prove(
    name: str, change: Callable[[Lines], Lines], doubt: str, tmp_path: Path
) -> None:
    log = change(logged.lines("sidekiq_race", name))
    result, proved = judge(tmp_path, "sidekiq_race", {name: log})
    assert proved == 0
    assert doubt in doubts(result)


def test_numbered_lines_are_put_in_order(tmp_path: Path) -> None:
    log = logged.shuffled(logged.lines("sidekiq_race", "postgres.jsonl"), 20, 7)
    _, proved = judge(tmp_path, "sidekiq_race", {"postgres.json": log})
    assert proved > 100


def test_stamps_of_whole_seconds_hide_no_fault(tmp_path: Path) -> None:
    log = [logged.of_seconds(x) for x in logged.lines("sidekiq_race", "rails.log")]
    judge(tmp_path, "sidekiq_race", {"rails.log": log})


@pytest.mark.parametrize("scenario", ["sidekiq_race", "sidekiq_cached"])
@pytest.mark.parametrize(
    ("gone", "is_told"), [("BEGIN COMMIT", True), ("BEGIN COMMIT SELECT 1", False)]
)
def test_where_one_job_ends_in_a_session(
    scenario: str, gone: str, *, is_told: bool, tmp_path: Path
) -> None:
    """A pool that asks nothing of a connection it lends, and writers without transactions."""
    texts = {f"statement: {each}" for each in re.findall(r"SELECT 1|\w+", gone)}
    log, numbers = [], Counter[str]()
    for line in map(json.loads, logged.lines(scenario, "postgres.jsonl")):
        if line["message"] not in texts:
            numbers[line["session_id"]] += 1
            log.append(json.dumps({**line, "line_num": numbers[line["session_id"]]}))
    result, proved = judge(tmp_path, scenario, {"postgres.json": log})
    assert proved > 90 if is_told else proved == 0
    assert ("does not tell that one job read and wrote" in doubts(result)) is not is_told


@pytest.mark.parametrize("share", [0.02, 0.2])
def test_statements_of_which_only_some_are_logged(share: float, tmp_path: Path) -> None:
    """Their lines have numbers without a gap; halves of transactions tell that some are missing."""
    chance = random.Random(7)  # noqa: S311
    log, numbers = [], Counter[str]()
    for line in map(json.loads, logged.lines("sidekiq_race", "postgres.jsonl")):
        is_end = line["message"] in {"statement: BEGIN", "statement: COMMIT"}
        if not (is_end and chance.random() < share):
            numbers[line["session_id"]] += 1
            log.append(json.dumps({**line, "line_num": numbers[line["session_id"]]}))
    result, proved = judge(tmp_path, "sidekiq_race", {"postgres.json": log})
    assert proved == 0
    assert "transactions of which one half is missing, and by their numbers no" in doubts(result)


def test_a_log_that_is_given_twice_is_refused(tmp_path: Path) -> None:
    log = logged.lines("sidekiq_race", "rails.log")
    with pytest.raises(Fault, match="given twice"):
        judge(tmp_path, "sidekiq_race", {"a/rails.log": log, "b/rails.log": log})


def test_reads_that_took_so_long_that_two_rows_may_have_come_in_them(tmp_path: Path) -> None:
    """Each alone makes the sum that was read: which of them it missed is open."""
    log = [
        re.sub(r"\(\d\.\dms\)", "(60.0ms)", x) if "SELECT SUM(amount)" in x else x
        for x in logged.lines("sidekiq_race", "rails.log")
    ]
    result, proved = judge(tmp_path, "sidekiq_race", {"rails.log": log})
    doubt = "more than one set of rows adds up to what was read"
    left = {f.entry_id: f.evidence for f in result.findings if doubt in f.explanation}
    assert left == {"8022": "consistent", "8099": "consistent"}
    assert proved == 104


@pytest.mark.parametrize("scenario", ["sidekiq_retry", "sidekiq_lost"])
def test_the_end_of_another_jobs_run_is_missing(scenario: str, tmp_path: Path) -> None:
    """So may any of the workers' own lines be: how often a job ran, or whether, is not proved."""
    workers = logged.lines(scenario, "sidekiq.log")
    ends = [k for k, x in enumerate(workers) if "done" in x and "jid" in x]
    at = ends[len(ends) // 2]
    logs: dict[str, Iterable[str]] = {
        "rails.log": logged.lines(scenario, "rails.log"),
        "sidekiq.log": workers[:at] + workers[at + 1 :],
    }
    result, _ = judge(tmp_path, scenario, logs)
    told = [f for f in result.findings if "run" in f.explanation and f.cause and f.entry_id]
    of_runs = [f for f in told if f.cause in {"repeated_job", "lost_job"}]
    assert of_runs
    assert not [
        f for f in of_runs if f.evidence == "proved" and "its job loaded" not in f.explanation
    ]
    assert "Sidekiq's log has 1 runs of which one half is missing" in doubts(result)


def test_a_log_that_ends_while_the_ledger_goes_on(tmp_path: Path) -> None:
    """What is not countered by then may be later: in a run that this log does not hold."""
    log = logged.lines("sidekiq_lost", "rails.log")
    stamps = [x[:19] for x in log if x[:4] == "2026"]
    given = {"rails.log": logged.until(log, stamps[len(stamps) // 2])}
    result, _ = judge(tmp_path, "sidekiq_lost", {**given})
    late = [f for f in result.findings if f.rule == "uncountered_entry"]
    assert not [f for f in late if f.evidence == "proved"]
    assert "the log ends before the ledger does" in doubts(result)
