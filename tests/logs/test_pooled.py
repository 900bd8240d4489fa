"""Behind a pool that hands out connections by transaction a session's lines are not one job's."""

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
