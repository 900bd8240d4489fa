"""What a log says beside the ledger is let go while it is read, and nothing is told otherwise."""

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
import recorded_logs as logged

from settle_core.audit.audit import Audit
from settle_core.logs.lines.model import Event, Place
from settle_core.logs.scanned import scan, thinning
from settle_core.logs.scanned.event_thinning import EventThinning
from settle_core.logs.systems.sidekiq import Sidekiq

OTHERS: Final = (
    'SELECT "orders".* FROM "orders" WHERE "orders"."id" = 70000001',
    "UPDATE orders SET state = 'paid' WHERE id = 70000001",
    "INSERT INTO items (order_id, price) VALUES (7, 12.5)",
    "SELECT SUM(price) FROM items WHERE user_id = 7",
    "SELECT nextval('s')",
    "SELECT 1",
)


def busy_rails(log: logged.Lines) -> logged.Lines:
    """A log of workers that do other things as well: other jobs, and more in each job."""
    chance = random.Random(3)  # noqa: S311  a test's own chance
    told = []
    for line in log:
        told.append(line)
        head = re.match(r"(\S+Z D )\[jid-\w+\] ", line)
        for _ in range(chance.randrange(6) if head else 0):
            whole = chance.random() < 0.5
            tag = head[0] if head and not whole else f"{head[1] if head else ''}[jid-{'%024x'}] "
            tag = tag % chance.randrange(500) if whole else tag
            text = chance.choice(OTHERS)
            told.append(f"{tag}  TRANSACTION (0.0ms)  BEGIN") if whole else None
            told.append(f"{tag}   (0.0ms)  {text}")
            told += [f"{tag}  CACHE  (0.0ms)  {text}"] if " FROM " in text else []
            told.append(f"{tag}  TRANSACTION (0.0ms)  COMMIT") if whole else None
    return told


def busy_postgres(log: logged.Lines) -> logged.Lines:
    """A server's log whose sessions serve other work between two jobs, as a pool's do."""
    chance = random.Random(4)  # noqa: S311
    told: list[str] = []
    number: dict[str, int] = {}
    is_ending: dict[str, bool] = {}

    def put(record: dict[str, object], session: str, message: str) -> None:
        number[session] = number.get(session, 0) + 1
        own = {"session_id": session, "line_num": number[session], "message": message}
        told.append(json.dumps(record | own))

    for record in map(json.loads, log):
        session, message = record.get("session_id") or "", record["message"]
        put(record, session, message)
        is_end = message.startswith("duration") and is_ending.pop(session, False)
        is_ending[session] = is_ending.get(session, False) or "COMMIT" in message
        plain = {key: value for key, value in record.items() if key != "detail"}
        for _ in range(60 if is_end and chance.random() < 0.1 else 0):
            whose = session if chance.random() < 0.7 else f"6a11.{chance.randrange(40):x}"
            for text in ("BEGIN", chance.choice(OTHERS), "COMMIT"):
                put(plain, whose, f"statement: {text}")
                put(plain, whose, "duration: 0.010 ms")
    return told


def busy_sidekiq(log: logged.Lines) -> logged.Lines:
    """A log of workers that run many jobs of other classes, some of which fail and come again."""
    chance = random.Random(5)  # noqa: S311
    told, number, failed = [], 0, list[str]()
    for line in log:
        told.append(line)
        head = re.match(r"(\S+Z) pid=(\d+) ", line)
        for _ in range(chance.randrange(8) if head else 0):
            number += 1
            jid = failed.pop(0) if len(failed) > 30 else f"{number:024x}"
            where = f"{head[1] if head else ''} pid={head[2] if head else ''} tid=x{number % 9}"
            told.append(f"{where} class=MailJob jid={jid} INFO: start")
            end = "fail" if chance.random() < 0.1 else "done"
            failed += [jid] if end == "fail" else []
            told.append(f"{where} class=MailJob jid={jid} elapsed=0.01 INFO: {end}")
    return told


@pytest.fixture
def few_are_held(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Let so few statements be held that a recorded log is a large one; and look at each often."""

    def held(most: int) -> None:
        monkeypatch.setattr(thinning, "HELD_MOST", most)
        monkeypatch.setattr(thinning, "LATEST", 1_000)
        monkeypatch.setattr(scan, "BLOCK_BYTES", 1 << 15)
        monkeypatch.setattr(scan, "STRETCH_BYTES", 1 << 13)

    return held


def told(folder: Path, scenario: str, log: str) -> tuple[dict[str, str], Audit]:
    """All that an audit tells of a log, and the audit."""
    result = logged.run(folder / scenario, [log])
    out = folder / "run"
    result.write(out)
    texts = {name: (out / name).read_text("utf-8") for name in ("evidence.jsonl", "findings.csv")}
    logs = json.loads((out / "manifest.json").read_text("utf-8"))["logs"]
    return texts | {"logs": json.dumps(logs)}, result


@pytest.mark.parametrize(
    ("scenario", "name", "busy"),
    [
        ("sidekiq_lost", "rails.log", busy_rails),
        ("sidekiq_lost", "postgres.jsonl", busy_postgres),
    ],
)
def test_a_large_log_tells_what_it_would_if_all_of_it_were_held(
    scenario: str,
    name: str,
    busy: Callable[[logged.Lines], logged.Lines],
    few_are_held: Callable[[int], None],
    tmp_path: Path,
) -> None:
    logged.export(tmp_path / scenario, scenario)
    log = logged.write(tmp_path / name, busy(logged.lines(scenario, name)))
    whole, first = told(tmp_path, scenario, log)
    few_are_held(300)
    thin, second = told(tmp_path, scenario, log)
    assert thin == whole
    assert first.logs is not None
    assert second.logs is not None
    held = [sum(len(f.statements) for f in run.logs.found) for run in (first, second) if run.logs]
    assert held[1] < 0.8 * held[0]
    assert "proved" in whole["findings.csv"]
    assert json.loads(whole["logs"])["doubts"] == []


@pytest.mark.parametrize("scenario", ["sidekiq_retry", "sidekiq_lost"])
def test_runs_of_other_jobs_are_let_go(
    scenario: str, few_are_held: Callable[[int], None], tmp_path: Path
) -> None:
    logged.export(tmp_path / scenario, scenario)
    logs = {
        "rails.log": logged.lines(scenario, "rails.log"),
        "sidekiq.log": busy_sidekiq(logged.lines(scenario, "sidekiq.log")),
    }
    log = "\n".join(logged.write(tmp_path / n, lines) for n, lines in logs.items())
    whole, first = told(tmp_path, scenario, log)
    few_are_held(200)
    thin, second = told(tmp_path, scenario, log)
    assert thin == whole
    held = [sum(len(f.events) for f in run.logs.found) for run in (first, second) if run.logs]
    assert held[1] < 0.4 * held[0]
    assert "proved" in whole["findings.csv"]


def test_which_events_of_jobs_are_kept() -> None:
    """Those of jobs that matter, that name an entry, or of a class of these; all is read again."""
    reader = Sidekiq("g", "UTC")

    def given(*jobs: tuple[str, str, str]) -> None:
        for job, task, arguments in jobs:
            place = Place(0, 1, 0, 1)
            reader.found.events.append(Event(place, 1, job, "start", "w", task, arguments))

    thinner = EventThinning(["7"])
    given(("a", "Mail", ""), ("b", "Count", ""), ("c", "Count", ""), ("d", "Other", "[1, 7]"))
    assert not thinner.thin([reader], ["b"], 2)
    assert [e.job for e in reader.found.events] == ["b", "c", "d"]
    assert reader.found.thinned_events == {0: 1}
    given(("e", "Mail", ""))
    assert not thinner.thin([reader], ["b"], 1)  # it may be at work
    assert [e.job for e in reader.found.events] == ["b", "c", "d", "e"]
    assert thinner.thin([reader], ["e"], None)  # and "a" is of its class
    thinner.again()
    reader.found.events.clear()
    given(("i", "Solo", ""))
    assert not thinner.thin([reader], [], None)
    assert thinner.thin([reader], ["a", "i"], None)
    thinner.again()
    reader.found.events.clear()
    given(("a", "Mail", ""), ("f", "Mail", ""), ("g", "", ""), ("h", "News", ""))
    assert not thinner.thin([reader], [], None)
    assert [e.job for e in reader.found.events] == ["a", "f"]


def test_a_half_of_a_run_that_was_let_go_is_counted(
    few_are_held: Callable[[int], None], tmp_path: Path
) -> None:
    scenario = "sidekiq_retry"
    logged.export(tmp_path / scenario, scenario)
    busy = busy_sidekiq(logged.lines(scenario, "sidekiq.log"))
    other = next(k for k, line in enumerate(busy) if k > 300 and "MailJob" in line)
    del busy[other + 1 - ("start" not in busy[other])]
    paths = [
        logged.write(tmp_path / "rails.log", logged.lines(scenario, "rails.log")),
        logged.write(tmp_path / "sidekiq.log", busy),
    ]
    few_are_held(200)
    _, result = told(tmp_path, scenario, "\n".join(paths))
    assert result.logs is not None
    assert result.logs.doubts == ["Sidekiq's log has 1 runs of which one half is missing"]


def test_a_cached_read_without_its_own_forbids_proof_when_the_rest_is_let_go(
    few_are_held: Callable[[int], None], tmp_path: Path
) -> None:
    """A line that was lost shows by another's repeat of it, though neither is of the ledger."""
    few_are_held(300)
    logged.export(tmp_path / "sidekiq_lost", "sidekiq_lost")
    log = busy_rails(logged.lines("sidekiq_lost", "rails.log"))
    tag = re.match(r"\S+Z D ", log[len(log) // 2])
    assert tag is not None
    other = f"{tag[0]}[jid-{'7' * 24}]   CACHE  (0.0ms)  {OTHERS[0]}"
    log.insert(len(log) // 2, other)
    _, result = told(tmp_path, "sidekiq_lost", logged.write(tmp_path / "rails.log", log))
    assert result.logs is not None
    assert result.logs.doubts == ["Rails repeats 1 cached reads that it never made"]


def test_what_was_let_go_and_then_matters_is_read_again(
    few_are_held: Callable[[int], None], tmp_path: Path
) -> None:
    """A job of which all was dropped touches the ledger later: what it did before counts again."""
    logged.export(tmp_path / "sidekiq_lost", "sidekiq_lost")
    log = logged.lines("sidekiq_lost", "rails.log")
    jobs = re.findall(r"\[(jid-\w+)\]", "\n".join(log[-400:]))
    late = [f"{log[1].split(' ')[0]} D [{job}]    (0.0ms)  SELECT 1" for job in dict.fromkeys(jobs)]
    filled = [*log[:2], *late, *busy_rails(log[2:])]
    path = logged.write(tmp_path / "rails.log", filled)
    whole, _ = told(tmp_path, "sidekiq_lost", path)
    few_are_held(10)
    thin, _ = told(tmp_path, "sidekiq_lost", path)
    assert thin == whole
