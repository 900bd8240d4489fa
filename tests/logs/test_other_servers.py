"""A read that another server answered is told from one that a cache or an object did."""

import re
from pathlib import Path

import pytest
import recorded_logs as logged


def read_again(line: str, mark: str) -> str:
    """A line of the query cache as if the statement had been sent, to a server that is behind."""
    return re.sub(r"(\[jid-\w+\] +)CACHE[^(]*\(\d\.\dms\)", rf"\1{mark} (0.1ms)", line)


@pytest.mark.parametrize(("mark", "evidence"), [("[replica]", "proved"), ("", "consistent")])
def test_a_server_that_is_behind_is_proved_where_it_is_named(
    mark: str, evidence: str, tmp_path: Path
) -> None:
    folder = logged.export(tmp_path / "export", "sidekiq_cached")
    log = [read_again(line, mark) for line in logged.lines("sidekiq_cached", "rails.log")]
    result = logged.run(folder, [logged.write(tmp_path / "rails.log", log)])
    told = logged.score(result, "sidekiq_cached")
    assert told.right == told.faults
    assert told.proved == (told.faults if evidence == "proved" else 0)
    doubt = "that server was behind" if mark else "a replica that lags"
    assert doubt in " ".join(each.explanation for each in result.findings)


def test_a_race_is_one_whichever_server_was_read(tmp_path: Path) -> None:
    """What was committed after a read is missing on a server that is not behind as well."""
    folder = logged.export(tmp_path / "export", "sidekiq_race")
    log = [
        re.sub(r"(\[jid-\w+\] +)(\(\d+\.\dms\)  SELECT SUM)", r"\1[replica] \2", line)
        for line in logged.lines("sidekiq_race", "rails.log")
    ]
    assert sum("[replica]" in line for line in log) > 100
    result = logged.run(folder, [logged.write(tmp_path / "rails.log", log)])
    told = logged.score(result, "sidekiq_race")
    assert (told.proved, told.false_proved) == (106, 0)
