"""What was read of each log, and what was not, stands where the report tells what was read."""

import re
from pathlib import Path

import recorded_logs as logged

from settle_core import audit
from settle_core.logs.scanned import told
from settle_core.report import settled_weeks

OTHER = (
    '2026-11-26 07:13:01.101 UTC [47] a@b LOG:  AUDIT: SESSION,1,1,WRITE,INSERT,,,"INSERT",<>',
    '2026-11-26 07:13:01.105 UTC [47] a@b LOG:  AUDIT: SESSION,2,1,WRITE,INSERT,,,"INSERT",<>',
)


def plain(text: str) -> str:
    """What a reader sees of a piece of the report."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "|", text).replace("\u202f", " "))


def test_each_log_with_its_lines_its_prefix_and_its_times(tmp_path: Path) -> None:
    logged.export(tmp_path / "export", "sidekiq_lost")
    text = [logged.plain_text(line) for line in logged.lines("sidekiq_lost", "postgres.jsonl")]
    text.insert(200, "2026-11-26 08:00:00.000 something else:  <br>")
    paths = [
        logged.write(tmp_path / "db.log", "\n".join(text).split("\n")),
        logged.write(tmp_path / "app.log", logged.lines("sidekiq_lost", "rails.log")[:900]),
        logged.write(tmp_path / "audit.log", OTHER),
    ]
    run = logged.run(tmp_path / "export", paths)
    read = plain(settled_weeks.read(run).text)
    assert run.logs is not None
    by_name = {Path(str(each["path"])).name: each for each in run.logs.sources}
    for name, kind in (("db.log", "PostgreSQL"), ("app.log", "Rails")):
        assert f"{name}|" in read
        assert re.search(rf"[\d,]+ lines of {kind}, [\d,]+ statements", read)
        first, last = by_name[name]["first_at"], by_name[name]["last_at"]
        assert str(first)[11:19] in read
        assert str(last)[11:19] in read
    assert re.search(r"read with log_line_prefix = \S{1,6}%m \[%p\] ", read)
    assert re.search(r"\b1 not understood \(first: line \d+\)", read)
    assert "pgAudit" in read
    assert read.count("all understood") == 1
    assert "Not whole: Rails holds no SELECT." in read


def test_without_a_log_there_is_no_word_of_one() -> None:
    run = audit.run(Path(__file__).parents[2] / "data" / "sample", "")
    assert settled_weeks.logs(run).text == ""


def test_of_many_logs_those_that_are_not_whole_are_told_one_by_one() -> None:
    good = {
        "path": "/logs/a.log",
        "kind": "Rails",
        "lines": 7,
        "lines_of_other_times": 0,
        "lines_not_understood": 0,
        "first_not_understood": 0,
        "lines_of_pgaudit": 0,
        "log_line_prefix": "",
        "has_no_year": False,
        "statements": 5,
        "job_events": 0,
        "first_at": "2026-11-26T07:00:00.000+00:00",
        "last_at": "2026-11-26T08:00:00.000+00:00",
    }
    days = [
        good | {"path": f"/logs/{k}.log", "last_at": f"2026-11-{k}T08:00:00.000+00:00"}
        for k in range(10, 30)
    ]
    bad = good | {"path": "/logs/bad.log", "lines_not_understood": 2, "first_not_understood": 3}
    whole, left = told.rows([*days, bad])
    assert whole[0] == "20 logs"
    assert "100 statements" in whole[1].replace("\u202f", " ")
    assert "29" in whole[3]
    assert left[0] == "bad.log"
    assert left[2] == "2 not understood (first: line 3)"
