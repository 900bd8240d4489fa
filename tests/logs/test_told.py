"""What was read of each log is told: how many statements, with which prefix, and what was not."""

from pathlib import Path

import pytest
import recorded_logs as logged

from settle_core.audit import terminal_lines
from settle_core.logs.lines.model import Found
from settle_core.logs.scanned import files, scan, told

ALWAYS = [(-(1 << 62), 1 << 62)]
INSERT = "INSERT INTO ledgers (user_id, date, amount, kind) VALUES (7, '2026-10-01', -1, 'counter')"
AUDITED = '2026-11-26 07:13:0{} UTC [47] a@b LOG:  AUDIT: SESSION,{},1,WRITE,INSERT,,,"INSERT",<>'
HIBERNATE = (
    "2026-11-26 07:13:01.104 DEBUG 812 --- [eduler_Worker-1] org.hibernate.SQL    "
    " : insert into ledgers (user_id,date,amount,kind) values (?,?,?,?)"
)
LOGRAGE = '{"path":"/a","@timestamp":"2026-11-26T07:13:01.103Z","message":"[201] POST /a"}'
STRUCTLOG = (
    "2026-11-26T07:13:0{}.103456Z [debug    ] (0.001) {}; args=(); alias=default"
    " [django.db.backends] a=1"
)


def read(folder: Path, lines: list[str]) -> tuple[list[Found], list[str]]:
    readers = files.readers()
    recognised = files.recognise([logged.write(folder / "a.log", lines)], readers)
    found, sources = scan.read(recognised, ALWAYS, "UTC", readers)
    return found, told.says(sources)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        ([AUDITED.format(k, k) for k in range(5)], "pgAudit's do not tell when a statement ended"),
        ([HIBERNATE] * 3, "none tells of a statement or of a job"),
        ([LOGRAGE] * 3, "none tells of a statement or of a job"),
    ],
    ids=["pgAudit", "Hibernate", "lograge"],
)
def test_a_log_of_which_nothing_was_read(lines: list[str], why: str, tmp_path: Path) -> None:
    _, (said,) = read(tmp_path, lines)
    assert f"NOTHING was read of this log's {len(lines)} lines: {why}" in said


def test_a_prefix_that_was_inferred(tmp_path: Path) -> None:
    lines = [
        f"2026-11-26 07:13:0{k}.101 UTC <47{k % 2}> a@b LOG:  statement: {INSERT}" for k in range(9)
    ]
    found, (said,) = read(tmp_path, lines)
    assert len(found[0].statements) == 9
    assert "9 lines of PostgreSQL, 9 statements, read with log_line_prefix = '%m <%p> " in said


def test_the_first_line_that_is_not_understood(tmp_path: Path) -> None:
    lines = logged.lines("sidekiq_lost", "postgres.jsonl")
    _, (said,) = read(tmp_path, [*lines[:7], '{"error_severity": "timestamp', *lines[7:]])
    assert "1 not understood (first: line 8)" in said


def test_many_logs_are_told_as_one_but_for_those_that_were_not_read() -> None:
    names = ("first_not_understood", "lines_of_other_times", "lines_of_pgaudit", "job_events")
    plain = {"lines": 5, "lines_not_understood": 0, "statements": 2, "log_line_prefix": ""}
    plain |= dict.fromkeys(names, 0) | {"has_no_year": False}
    given = [{**plain, "path": f"{k}.log", "kind": "Rails"} for k in range(20)]
    given[3] |= {"statements": 0, "lines_of_other_times": 5}
    assert told.says(given) == [
        "19 logs read, with 38 statements",
        "3.log: NOTHING was read of this log's 5 lines: all are of other times than the late rows",
    ]


def test_the_summary_of_a_run_tells_it(tmp_path: Path) -> None:
    logs = [
        logged.write(tmp_path / "rails.log", logged.lines("console", "rails.log")),
        logged.write(tmp_path / "other.log", [HIBERNATE] * 3),
    ]
    result = logged.run(logged.export(tmp_path / "export", "console"), logs)
    said = "\n".join(terminal_lines.told(result.manifest(), ()))
    assert f"{logs[0]}: " in said
    assert f"{logs[1]}: NOTHING was read of this log's 3 lines" in said


def test_lines_that_may_be_of_any_process_are_of_none(tmp_path: Path) -> None:
    """What one process read another one may have written, where nothing tells them apart."""
    for middle in ("", "INFO utils MainThread "):
        lines = [
            STRUCTLOG.format(k, INSERT)
            if not middle
            else f"2026-11-26 07:13:0{k},103 {middle}(0.001) {INSERT}; args=(); alias=default"
            for k in range(5)
        ]
        found, _ = read(tmp_path, lines)
        assert len(found[0].statements) == 5
        assert {s.context.rpartition("|")[2] for s in found[0].statements} == {""}
