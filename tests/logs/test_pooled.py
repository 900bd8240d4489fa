"""Behind a pool that hands out connections by transaction a session's lines are not one job's."""

import csv
import json
import random
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
import recorded_logs as logged


def by_transaction(log: logged.Lines) -> Iterator[str]:
    """A log of jsonlog with each transaction, or statement outside of one, on any connection."""
    chance = random.Random(1)  # noqa: S311  a test's own chance
    given: dict[str, int] = {}
    is_open: dict[str, bool] = {}
    number: Counter[int] = Counter()
    for record in map(json.loads, log):
        client, message = record["session_id"], record["message"]
        if client not in given:
            free = [k for k in range(40) if k not in given.values()]
            given[client] = chance.choice(free[: max(4 - len(given), 1)])
        server = given[client]
        number[server] += 1
        own = {"pid": 2000 + server, "session_id": f"6b07dc93.{2000 + server:x}"}
        yield json.dumps(record | own | {"line_num": number[server]})
        if re.search(r"statement: (BEGIN|COMMIT|ROLLBACK)", message):
            is_open[client] = "BEGIN" in message
        if re.fullmatch(r"duration: [\d.]+ ms", message) and not is_open.get(client):
            del given[client]


@pytest.mark.parametrize("scenario", ["sidekiq_cached", "sidekiq_retry"])
def test_nothing_false_is_proved_behind_a_pool(scenario: str, tmp_path: Path) -> None:
    log = list(by_transaction(logged.lines(scenario, "postgres.jsonl")))
    export = logged.export(tmp_path / "export", scenario)
    result = logged.run(export, [logged.write(tmp_path / "postgres.jsonl", log)])
    assert logged.score(result, scenario).false_proved == 0
    assert result.logs is not None
    if scenario == "sidekiq_cached":
        (doubt,) = result.logs.doubts
        assert re.search(r"rows of \d+ jobs from several connections at once", doubt)


def without_pings(log: logged.Lines) -> Iterator[str]:
    """A server's log in which nothing shows where a connection went from one job to the next."""
    number: Counter[str] = Counter()
    is_ping: dict[str, bool] = {}
    for record in map(json.loads, log):
        session, message = record["session_id"], record["message"]
        is_end = re.fullmatch(r"duration: [\d.]+ ms", message) is not None
        if message == "statement: SELECT 1" or (is_end and is_ping.get(session)):
            is_ping[session] = not is_end
            continue
        number[session] += 1
        yield json.dumps(record | {"line_num": number[session]})


def test_a_job_that_saw_nothing_owed_is_one_only_where_that_shows(tmp_path: Path) -> None:
    """Its read and the load of its entry may be of two jobs, one after the other."""
    scenario = "sidekiq_race"
    whole = logged.lines(scenario, "postgres.jsonl")
    export = logged.export(tmp_path / "export", scenario)
    told = []
    for name, log in (("whole", whole), ("bare", list(without_pings(whole)))):
        result = logged.run(export, [logged.write(tmp_path / name / "postgres.jsonl", log)])
        (lost,) = (f for f in result.findings if f.rule == "uncountered_entry")
        told.append((lost.cause, lost.evidence))
    assert told == [("race", "proved"), ("race", "consistent")]


def test_a_transaction_without_its_begin_may_hold_the_read_of_another_job(tmp_path: Path) -> None:
    """A log without numbers begins so late that nobody can tell whether a line of it was lost."""
    scenario, wrong = "sidekiq_race", "7886"
    export = logged.export(tmp_path / "export", scenario)
    with (export / "ledgers.csv").open(encoding="utf-8", newline="") as file:
        job = next(row["job_id"] for row in csv.DictReader(file) if row["id"] == wrong)
    records = [json.loads(x) for x in without_pings(logged.lines(scenario, "postgres.jsonl"))]
    insert = max(k for k, r in enumerate(records) if job in r.get("detail", ""))
    own = [k for k in range(insert) if records[k]["session_id"] == records[insert]["session_id"]]
    begin = next(k for k in reversed(own) if records[k]["message"] == "statement: BEGIN")
    for record in records:
        del record["line_num"]
    told = []
    for name, lost in (("whole", ()), ("torn", (begin, begin + 1))):
        log = [json.dumps(r) for k, r in enumerate(records) if k >= begin - 60 and k not in lost]
        result = logged.run(export, [logged.write(tmp_path / name / "postgres.jsonl", log)])
        (finding,) = (f for f in result.findings if f.entry_id == wrong)
        told.append((finding.cause, finding.evidence))
    assert told == [("race", "proved"), ("race", "consistent")]
