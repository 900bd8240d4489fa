"""One line of a log is lost, cut off or late: no claim becomes stronger than what is left."""

import csv
import gzip
import json
import random
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import recorded_logs as logged
from recorded_logs import LOGGED, Lines

from settle_core import audit
from settle_core.audit.audit import Audit
from settle_core.logs.scanned import files, scan

Change = Callable[[Lines], Lines]
WRONG = {"duplicate_counter", "wrong_counter"}


def run(folder: Path, scenario: str, log: str, change: Change) -> Audit:
    """Audit a run of the other stacks with one of its logs, changed."""
    export = folder / "export"
    export.mkdir()
    for path in (LOGGED / scenario).glob("*.csv.gz"):
        (export / path.stem).write_bytes(gzip.decompress(path.read_bytes()))
    lines = change(logged.lines(scenario, log))
    return audit.run(export, "canonical", log=logged.write(folder / log, lines))


def told(result: Audit) -> Counter[tuple[str, str]]:
    return Counter((f.cause, f.evidence) for f in result.findings if f.rule in WRONG)


def without(number: int) -> Change:
    return lambda log: log[: number - 1] + log[number:]


@pytest.mark.parametrize("number", [650, 658])
def test_the_read_of_a_pinned_snapshot(number: int, tmp_path: Path) -> None:
    """What is left is an earlier read of the same day: by it alone it would be a race."""
    assert "SELECT SUM" in logged.lines("mariadb_pinned", "general.log")[number - 1]
    result = run(tmp_path, "mariadb_pinned", "general.log", without(number))
    assert told(result)["race", "proved"] == 0
    assert told(result)["stale_read", "proved"] > 10
    doubt = "hardly another counter-entry came so after its read"
    assert doubt in " ".join(f.explanation for f in result.findings)


def test_reads_of_pinned_snapshots(tmp_path: Path) -> None:
    """Of many transactions the read is gone that their snapshot is of, and a later one is left."""
    chance = random.Random(0)  # noqa: S311

    def change(log: Lines) -> Lines:
        return [x for x in log if not ("SELECT SUM" in x and chance.random() < 0.3)]

    result = run(tmp_path, "mariadb_pinned", "general.log", change)
    assert told(result)["race", "proved"] == 0
    assert told(result)["stale_read", "proved"] > 3
    doubt = "others read more before: one that kept a snapshot may have lost its line"
    assert doubt in " ".join(f.explanation for f in result.findings)


def test_a_numbered_line_between_the_last_sum_and_the_counter_entry(tmp_path: Path) -> None:
    """That no sum was read again is what proves the bug: the missing line may have been one."""
    log = logged.lines("sidekiq_cached", "postgres.jsonl")
    session = [json.loads(line)["session_id"] for line in log]
    written = "-175.0,'counter','auto counter','3cddd6c3e71cc243940b03a0'"
    first, again = (k for k, line in enumerate(log) if written in line)
    number = next(k for k in range(first + 1, again) if session[k] == session[again])
    path = logged.write(tmp_path / "postgres.json", log[:number] + log[number + 1 :])
    result = logged.run(logged.export(tmp_path / "export", "sidekiq_cached"), [path])
    assert told(result)["stale_read", "proved"] > 100
    (open_one,) = [f for f in result.findings if f.rule in WRONG and f.evidence != "proved"]
    assert (open_one.cause, open_one.evidence) == ("stale_read", "consistent")
    assert "lines are missing between its read and its insert" in open_one.explanation


def test_a_late_entry_whose_insert_is_one_of_two_alike(tmp_path: Path) -> None:
    """The other's is lost: which of them was there is open, and with it a counter-entry is right.

    Its run read no sum after its last counter-entry, so the late entry is in none that is logged.
    """
    log = logged.lines("sidekiq_cached_interleaved", "postgres.jsonl")
    alike = "(56,'2026-10-06',19.99,'entry'"
    first, _ = (k for k, line in enumerate(log) if "INSERT" in line and alike in line)
    path = logged.write(tmp_path / "postgres.json", log[:first] + log[first + 1 :])
    export = logged.export(tmp_path / "export", "sidekiq_cached_interleaved")
    result = logged.run(export, [path])
    score = logged.score(result, "sidekiq_cached_interleaved")
    assert (score.proved, score.false_proved) == (125, 0)
    (right,) = [f for f in result.findings if f.entry_id == "7992"]
    assert (right.cause, right.evidence) == ("stale_read", "consistent")
    assert "which late entries were there is open" in right.explanation


def test_a_commit_and_the_next_begin_of_a_session(tmp_path: Path) -> None:
    """What is left looks like one long transaction: its row is taken for committed at its end."""
    log = [json.loads(line) for line in logged.lines("sidekiq_race", "postgres.jsonl")]
    assert "INSERT" in log[2436]["message"]
    session = log[2436]["session_id"]
    after = [k for k in range(2437, len(log)) if log[k]["session_id"] == session]
    commit, begin = (
        next(k for k in after if log[k]["message"] == f"statement: {each}")
        for each in ("COMMIT", "BEGIN")
    )
    left = [x for k, x in enumerate(log) if not (k in after and commit <= k <= begin)]
    path = logged.write(tmp_path / "postgres.json", map(json.dumps, left))
    result = logged.run(logged.export(tmp_path / "export", "sidekiq_race"), [path])
    score = logged.score(result, "sidekiq_race")
    assert (score.proved, score.false_proved) == (106, 0)


def test_the_beginning_of_a_transaction_that_had_read(tmp_path: Path) -> None:
    assert "BEGIN" in logged.lines("celery_race", "worker.log")[269]
    result = run(tmp_path, "celery_race", "worker.log", without(270))
    (raced,) = [f for f in result.findings if f.entry_id == "220"]
    assert (raced.cause, raced.evidence) == ("race", "consistent")


def test_the_end_of_a_task_whose_lines_go_to_the_next_one(tmp_path: Path) -> None:
    number = next(
        k
        for k, line in enumerate(logged.lines("celery_retry", "worker.log"), start=1)
        if "[f5ed6807-fd06-4d70-b248-59706a6c0f01] retry" in line
    )
    result = run(tmp_path, "celery_retry", "worker.log", without(number))
    assert told(result)["repeated_job", "proved"] == 0
    assert "run 2 and run 2" not in " ".join(f.explanation for f in result.findings)
    assert result.logs is not None
    assert "under another job than they name" in str(result.logs.as_dict()["doubts"])


@pytest.mark.parametrize("scenario", ["celery_retry", "mariadb_pinned"])
def test_an_insert_that_is_cut_off_is_no_row_by_another_program(
    scenario: str, tmp_path: Path
) -> None:
    log = "general.log" if scenario == "mariadb_pinned" else "worker.log"

    def cut(lines: Lines) -> Lines:
        places = [k for k, x in enumerate(lines) if "INSERT INTO entries" in x and "counter" in x]
        places = places or [
            k for k, x in enumerate(lines) if "ForkPool" in x and "'kind': 'counter'" in x
        ]
        at = places[len(places) // 2]
        return [*lines[:at], lines[at][:60], *lines[at + 1 :]]

    result = run(tmp_path, scenario, log, cut)
    assert not [f for f in result.findings if f.rule == "log_contradiction"]
    assert not [f for f in result.findings if f.evidence == "proved"]


def test_values_whose_insert_is_missing(tmp_path: Path) -> None:
    assert "INSERT INTO entries" in logged.lines("celery_race", "worker.log")[1619]
    result = run(tmp_path, "celery_race", "worker.log", without(1620))
    assert not [f for f in result.findings if f.rule == "log_contradiction"]


def test_what_shows_no_gap_may_have_one_where_lines_have_no_numbers(tmp_path: Path) -> None:
    lines = (LOGGED / "story" / "rails.log").read_text("utf-8").splitlines()
    assert "INSERT INTO ledgers(" in lines[246]
    log = logged.write(tmp_path / "rails.log", [*lines[:246], *lines[247:]])
    result = audit.run(LOGGED / "story", "rails", log=log)
    (odd,) = [f for f in result.findings if f.rule == "log_contradiction"]
    assert odd.explanation.endswith("or a line of the log was lost.")


def test_a_cached_read_that_is_not_there_answers_nothing(tmp_path: Path) -> None:
    lines = (LOGGED / "story" / "rails.log").read_text("utf-8").splitlines()
    assert "CACHE" in lines[28]
    log = logged.write(tmp_path / "rails.log", [*lines[:28], *lines[29:]])
    result = audit.run(LOGGED / "story", "rails", log=log)
    (third,) = [f for f in result.findings if f.entry_id == "7538"]
    assert "no sum was read between 7530 and it" in third.explanation
    assert result.logs is not None
    labels = {each["label"] for each in result.logs.kept if each["entry_id"] == "7538"}
    assert "answered by the cache, not by the database" in labels


@pytest.mark.parametrize("names", [logged.APP, logged.SERVER], ids=["workers", "database"])
@pytest.mark.parametrize("second", ["04.3", "05.5"])
def test_a_job_that_is_at_work_when_log_and_export_end(
    names: tuple[str, ...], second: str, tmp_path: Path
) -> None:
    end = f"2026-11-26T07:13:{second}"
    logs = [
        logged.write(tmp_path / name, logged.until(logged.lines("sidekiq_cached", name), end))
        for name in names
    ]
    export = logged.export(tmp_path / "export", "sidekiq_cached")
    rows = list(csv.DictReader((export / "ledgers.csv").read_text("utf-8").splitlines()))
    with (export / "ledgers.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(row for row in rows if row["created_at"] < end)
    late = [f for f in logged.run(export, logs).findings if f.rule == "uncountered_entry"]
    assert late
    assert not [f for f in late if f.evidence == "proved"]


def test_whether_a_job_is_tried_again(tmp_path: Path) -> None:
    """Its failure is logged, and the line that says it was discarded is lost."""
    workers = logged.lines("sidekiq_lost", "sidekiq.log")
    (job,) = {re.findall(r'"jid":"(\w+)"', x)[0] for x in workers if '"b40f51d8505c7f73' in x}
    given = {
        "rails.log": logged.lines("sidekiq_lost", "rails.log"),
        "sidekiq.log": [x for x in workers if f'"jid":"{job}"' not in x],
    }
    logs = [logged.write(tmp_path / name, log) for name, log in given.items()]
    result = logged.run(logged.export(tmp_path / "export", "sidekiq_lost"), logs)
    evidence = {f.evidence: f for f in result.findings if job in f.explanation}
    assert list(evidence) == ["consistent"]
    assert "does not say that its job is not tried again" in evidence["consistent"].explanation
    assert logged.score(result, "sidekiq_lost").proved == 58


@pytest.mark.parametrize("form", [json.dumps, logged.numbered], ids=["jsonlog", "%l"])
@pytest.mark.parametrize(("entry", "is_all"), [("7749", False), ("7807", False), ("7749", True)])
def test_a_numbered_line_that_loads_a_late_entry(
    entry: str, form: Callable[[dict[str, str]], str], *, is_all: bool, tmp_path: Path
) -> None:
    """Nothing else is missing, or all lines of its session up to then."""
    log = [json.loads(line) for line in logged.lines("sidekiq_lost", "postgres.jsonl")]
    (at,) = (
        k
        for k, x in enumerate(log)
        if x["message"].startswith("execute") and f"$1 = '{entry}', $2" in x.get("detail", "")
    )
    session = log[at]["session_id"]
    first = 0 if is_all else at
    left = [x for k, x in enumerate(log) if not (first <= k <= at and x["session_id"] == session)]
    path = logged.write(tmp_path / "postgres.log", map(form, left))
    result = logged.run(logged.export(tmp_path / "export", "sidekiq_lost"), [path])
    (late,) = [f for f in result.findings if f.entry_id == entry]
    assert late.evidence == "consistent"
    assert "numbered lines are missing, and one of them may have loaded it" in late.explanation
    assert logged.score(result, "sidekiq_lost").proved > 0


def test_a_gap_beside_the_load_of_a_late_entry(tmp_path: Path) -> None:
    """Lines are gone after it; or they may be its load, though the session parses that again."""
    log = [json.loads(line) for line in logged.lines("sidekiq_lost", "postgres.jsonl")]
    loads = [
        k
        for k, x in enumerate(log)
        if x["message"].startswith("execute a1") and "$1 = '7749', $2" in x.get("detail", "")
    ]
    at, text = loads[0], log[loads[0]]["message"].partition(": ")[2]
    own = [k for k in range(at, len(log)) if log[k]["session_id"] == log[at]["session_id"]]
    ping = next(k for k in own if log[k]["message"] == "statement: SELECT 1")
    after = own[own.index(ping) + 1]
    again = {**log[after], "message": f"duration: 0.1 ms  parse a1: {text}"}
    told_by = []
    for gone, change in ((ping, {}), (at, {after: again})):
        kept = [change.get(k, x) for k, x in enumerate(log) if k != gone]
        path = logged.write(tmp_path / f"{gone}.json", map(json.dumps, kept))
        result = logged.run(logged.export(tmp_path / "export", "sidekiq_lost"), [path])
        (late,) = [f for f in result.findings if f.entry_id == "7749"]
        assert late.evidence == "consistent"
        told_by.append(late.explanation)
    assert "lines are missing after it was loaded" in told_by[0]
    assert "numbered lines are missing, and one of them may have loaded it" in told_by[1]


def test_one_of_several_writers_has_a_clock_of_its_own(tmp_path: Path) -> None:
    def late(lines: Lines) -> Lines:
        return [
            re.sub(r":(\d\d),(\d)(\d\d)", lambda m: f":{m[1]},{(int(m[2]) + 1) % 10}{m[3]}", x)
            if "ForkPoolWorker-1" in x
            else x
            for x in lines
        ]

    result = run(tmp_path, "celery_cached", "worker.log", late)
    assert told(result)["race", "proved"] == 0


def test_a_clock_that_is_set_back_leaves_the_lines_of_a_job_in_their_order(tmp_path: Path) -> None:
    """Two equal rows of one job are told apart by nothing else."""
    log = logged.lines("sidekiq_cached", "rails.log")
    _, again = (k for k, line in enumerate(log) if "INSERT" in line and "60.93,'counter'" in line)
    late = [logged.later(line, -0.012) for line in log[again:]]
    paths = [
        logged.write(tmp_path / "rails.log", log[:again] + late),
        logged.write(tmp_path / "sidekiq.log", logged.lines("sidekiq_cached", "sidekiq.log")),
    ]
    result = logged.run(logged.export(tmp_path / "export", "sidekiq_cached"), paths)
    assert told(result) == {("stale_read", "proved"): 135}


def test_a_rotated_general_log_goes_on(tmp_path: Path) -> None:
    """Its files begin without a time, and their statements hold others."""
    lines = logged.lines("mariadb_pinned", "general.log")
    names = ("general.log.2", "general.log.1", "general.log")
    export = tmp_path / "export"
    export.mkdir()
    for path in (LOGGED / "mariadb_pinned").glob("*.csv.gz"):
        (export / path.stem).write_bytes(gzip.decompress(path.read_bytes()))
    parts = zip(names, logged.thirds(lines), strict=True)
    paths = [logged.write(tmp_path / name, part) for name, part in parts]
    result = audit.run(export, "canonical", log="\n".join(paths))
    assert told(result)["stale_read", "proved"] == 19
    late = tmp_path / "late.log"
    late.write_text("".join(f"{x}\n" for x in lines[900:]), "utf-8")
    ((found,), _) = scan.read(files.recognise([str(late)], files.readers()), ALWAYS, "UTC")
    assert found.first_us > 1_700_000_000_000_000
    assert found.unread


ALWAYS = [(-(1 << 62), 1 << 62)]


def test_lines_passed_over_are_of_no_other_clock(tmp_path: Path) -> None:
    """Stamps without a zone may be of any; those of one log are of the same."""
    line = "[2026-11-26 {:02}:00:00,002: INFO/ForkPoolWorker-1] SELECT 1 FROM entries " + "x" * 200
    path = tmp_path / "worker.log"
    hours = [line.format(hour) for hour in range(24) for _ in range(2000)]
    path.write_text("\n".join(hours), "utf-8")
    near = scan.windows([1_795_680_000_000_000], 1)
    ((found,), (told_of,)) = scan.read(files.recognise([str(path)], files.readers()), near, "UTC")
    assert found.backwards_us == 0
    assert told_of["lines_of_other_times"]


def test_numbered_lines_passed_over_are_not_lost(tmp_path: Path) -> None:
    """Which numbers they had is not known: the session counts as torn, and none as missing."""
    line = '{{"timestamp":"2026-11-26 {:02}:00:00.002 UTC","session_id":"a","line_num":{}'
    line += ',"error_severity":"LOG","message":"statement: SELECT 1","x":"' + "x" * 200 + '"}}'
    path = tmp_path / "postgres.json"
    path.write_text("\n".join(line.format(k // 500, k + 1) for k in range(12_000)), "utf-8")
    near = scan.windows([1_795_680_000_000_000, 1_795_700_000_000_000], 1)
    ((found,), (told_of,)) = scan.read(files.recognise([str(path)], files.readers()), near, "UTC")
    assert 0 < len(found.statements) == 12_000 - told_of["lines_of_other_times"]  # type: ignore[operator]
    assert found.lost == 0
    assert found.gaps
    assert any(each.gap for each in found.statements)
