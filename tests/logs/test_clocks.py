"""Ids of one sequence bound how far the clocks of two hosts are apart, unless they were set."""

import re
from datetime import date
from pathlib import Path

import recorded_logs as logged

from settle_core.logs.joined.clocks import Clocks
from settle_core.logs.joined.joining import LateRow, Written
from settle_core.logs.lines.model import Found, Parsed, Place, Statement

SECOND = 1_000_000
DAY = date(2026, 11, 26)


def written(number: int, ahead_us: int) -> Written:
    """The row of an id, written by one of two hosts of which the second's clock is ahead."""
    host = "b" if number % 2 else "a"
    at = 10_000 * number + (ahead_us if host == "b" else 0)
    place = Place(0, number, number, 1)
    statement = Statement(place, f"Rails {host}|1|t", at, at + 1_000, "", Parsed("insert"))
    row = LateRow(str(number), "1", DAY, DAY, is_counter=True, amount=1, recorded_us=at, job="")
    return Written(row, statement, "", at, at + 1_000)


def clocks(rows: list[Written]) -> Clocks:
    found = [Found(f"Rails {host}", "Rails") for host in "ab"]
    for each in rows:
        found[each.statement.context == "Rails b|1|t"].statements.append(each.statement)
    return Clocks(rows, found)


def test_a_host_ahead_is_known_to_be_so_by_the_ids_that_it_draws() -> None:
    rows = [written(k, SECOND) for k in range(1, 60)]
    apart = clocks(rows).apart(rows[1].statement, rows[0].statement)
    assert apart is not None
    assert apart[0] <= -SECOND <= apart[1]
    assert apart[1] - apart[0] < 50_000


def test_a_clock_that_was_set_in_between_bounds_nothing() -> None:
    """No one difference fits all ids, so no read of one host is known to see the other's rows."""
    rows = [written(k, SECOND if k < 30 else -SECOND) for k in range(1, 60)]
    assert clocks(rows).apart(rows[1].statement, rows[0].statement) is None
    assert clocks(rows).apart(rows[0].statement, rows[1].statement) is None


def test_what_a_job_saw_is_open_where_hosts_of_several_clocks_share_a_log(
    tmp_path: Path,
) -> None:
    """Half of the jobs ran on a host 0.1 s ahead: was it committed before the read?"""

    def at_host(line: str) -> str:
        job = re.search(r"jid-(\w+)", line)
        return logged.later(line, 0.1) if job and int(job[1], 16) & 64 else line

    export = logged.export(tmp_path / "export", "sidekiq_race")
    log = [at_host(line) for line in logged.lines("sidekiq_race", "rails.log")]
    result = logged.run(export, [logged.write(tmp_path / "rails.log", log)])
    (lost,) = (f for f in result.findings if f.rule == "uncountered_entry")
    assert (lost.cause, lost.evidence) == ("race", "consistent")
    assert "clocks in the log are not one" in lost.explanation
