"""Readers: the forms of lines that production has, each by the smallest example."""

import gzip
from pathlib import Path

import pytest

from settle_core.errors import Fault
from settle_core.logs.lines.model import Found
from settle_core.logs.lines.redaction import redacted
from settle_core.logs.lines.sql_text import parse
from settle_core.logs.scanned import files, scan

SUM = "SELECT SUM(amount) FROM ledgers WHERE user_id = 7 AND date = '2026-01-06'"
ALWAYS = [(-(1 << 62), 1 << 62)]


def read(folder: Path, text: str, prefix: str = "", name: str = "some.log") -> Found:
    path = folder / name
    path.write_text(text, "utf-8")
    recognised = files.recognise([str(path)], files.readers(prefix))
    found, _ = scan.read(recognised, ALWAYS, "UTC")
    return found[0]


FORMS = {
    "Rails, lab": f"2026-01-13T09:00:00.002500Z D [jid-0123456789abcdef01234567]    (0.4ms)  {SUM}",
    "Rails, default": "D, [2026-01-13T09:00:00.002500 #2532] DEBUG -- : "
    f"[jid-0123456789abcdef01234567]    (0.4ms)  {SUM}",
    "Rails, colours": "D, [2026-01-13T09:00:00.002500 #2532] DEBUG -- : "
    f"  \x1b[1m\x1b[36m (0.4ms)\x1b[0m  \x1b[1m\x1b[34m{SUM}\x1b[0m",
    "Rails, JSON": '{"time":"2026-01-13T09:00:00.002500Z","level":"DEBUG","pid":9,"jid":"a1",'
    f'"message":"  (0.4ms)  {SUM}"}}',
    "Rails, semantic": '{"timestamp":"2026-01-13T09:00:00.002500Z","level":"debug","pid":9,'
    f'"name":"ActiveRecord","message":"Ledger Sum","duration_ms":0.4,"payload":{{"sql":"{SUM}"}}}}',
    "PostgreSQL, stderr": f"2026-01-13 09:00:00.002 UTC [77] LOG:  statement: {SUM}\n"
    "2026-01-13 09:00:00.003 UTC [77] LOG:  duration: 0.4 ms",
    "PostgreSQL, slow only": "2026-01-13 09:00:00.002 UTC [77] LOG:  duration: 0.4 ms  "
    f"statement: {SUM}",
    "PostgreSQL, csvlog": '2026-01-13 09:00:00.002 UTC,"u","d",77,"[local]",65a.4d,3,'
    f'"SELECT",2026-01-13 08:00:00 UTC,3/9,0,LOG,00000,'
    f'"statement: {SUM}",,,,,,,,,"app","client backend",,0',
    "PostgreSQL, jsonlog": '{"timestamp":"2026-01-13 09:00:00.002 UTC","pid":77,'
    f'"session_id":"65a.4d","line_num":3,"vxid":"3/9","txid":0,'
    f'"error_severity":"LOG","message":"statement: {SUM}"}}',
    "SQLAlchemy": "2026-01-13 09:00:00,002 INFO sqlalchemy.engine.Engine "
    + SUM.replace(" WHERE", "\nWHERE")
    + "\n2026-01-13 09:00:00,002 INFO sqlalchemy.engine.Engine [raw sql] {}",
    "Django": f"2026-01-13 09:00:00,002 DEBUG django.db.backends (0.001) {SUM}; args=(7,); "
    "alias=default",
    "Django under Celery": f"[2026-01-13 09:00:00,002: DEBUG/ForkPoolWorker-1] (0.001) {SUM}; "
    "args=(); alias=default",
    "Django, verbose": f"DEBUG 2026-01-13 09:00:00,002 utils 7 140 (0.001) {SUM}; args=None",
    "Rails, lograge": '{"@timestamp":"2026-01-13T09:00:00.002500Z","severity":"DEBUG","job_id":"a",'
    f'"sql_query":"{SUM}","duration":0.4,"name":"Ledger Sum"}}',
    "Rails, semantic text": "2026-01-13 09:00:00.002500 D [9:processor-1] {jid: a1} (0.400ms) "
    f'ActiveRecord -- Ledger Sum -- {{:sql=>"{SUM}", :allocations=>9, :cached=>nil}}',
    "Rails, semantic text of Ruby 3.4": "2026-01-13 09:00:00.002500 D [9:worker] [a] (0.400ms) "
    'ActiveRecord -- Ledger Sum -- {sql: "SELECT SUM(amount) FROM ledgers WHERE user_id = $1 AND '
    'date = $2", binds: {user_id: 7, date: "2026-01-06"}, cached: nil}',
    "Rails, statement over lines": "D, [2026-01-13T09:00:00.002500 #2532] DEBUG -- : "
    f"   (0.4ms)  {SUM.replace(' WHERE', chr(10) + ' WHERE')}",
    "Celery": f"[2026-01-13 09:00:00,002: INFO/ForkPoolWorker-1] {SUM}\n"
    "[2026-01-13 09:00:00,002: INFO/ForkPoolWorker-1] [cached since 0.1s ago] ()",
    "Python, JSON": '{"asctime":"2026-01-13 09:00:00,002","name":"sqlalchemy.engine.Engine",'
    f'"processName":"ForkPoolWorker-1","message":"{SUM}"}}',
    "Python, structlog": '{"timestamp":"2026-01-13T09:00:00.002500Z","logger":'
    f'"sqlalchemy.engine.Engine","level":"info","event":"{SUM}"}}',
    "PostgreSQL, Cloud SQL": "2026-01-13 09:00:00.002 UTC [77]: [3-1] db=d,user=u LOG:  "
    f"statement: {SUM}",
    "PostgreSQL, Azure": f"2026-01-13 09:00:00 UTC-65a.4d-LOG:  statement: {SUM}",
    "PostgreSQL, RDS": "2026-01-13 09:00:00 UTC:10.0.0.1(55):u@d:[77]:3:00000:2026-01-13 08:00:00 "
    f"UTC:3/9:0:65a.4d:app:LOG:  statement: {SUM}",
    "PostgreSQL, epoch": f"1768294800.002 [77] LOG:  statement: {SUM}",
    "MariaDB, general": "Time\t\t    Id Command\tArgument\n"
    "260113  9:00:00\t     4 Connect\tapp@localhost\n"
    f"\t\t     4 Query\t{SUM}",
    "MariaDB, slow": "# Time: 260113  9:00:00\n# Thread_id: 4  Schema: l  QC_hit: No\n"
    f"# Query_time: 0.0004  Lock_time: 0.0\nSET timestamp=1768294800;\n{SUM};",
    "MariaDB, table": "event_time\tuser_host\tthread_id\tserver_id\tcommand_type\targument\n"
    f"2026-01-13 09:00:00.002500\tapp[app]\t4\t1\tQuery\t{SUM}",
}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_line_is_read(form: str, tmp_path: Path) -> None:
    found = read(tmp_path, FORMS[form] + "\n")
    (statement,) = [s for s in found.statements if s.verb == "select"]
    nine = 1_768_294_800_000_000
    assert abs(statement.from_us - nine) < 10_000
    assert statement.parsed == parse(SUM)
    assert found.unread == 0


def test_a_prefix_stands_among_the_names_as_in_postgresql_conf() -> None:
    line = files.prefix_line("%m it's [%p] ")
    assert line == "log_line_prefix = '%m it''s [%p] '"
    assert files.named(f"a.log\n{line}\nb.log") == (("a.log", "b.log"), "%m it's [%p] ")
    assert files.named("a.log") == (("a.log",), "")


def test_a_prefix_that_is_given(tmp_path: Path) -> None:
    line = f"77|2026-01-13 09:00:00.002 UTC|5|x LOG:  statement: {SUM}\n"
    (statement,) = read(tmp_path, line, "%p|%m|%l|%a ").statements
    assert statement.context.endswith("|77")


def test_parameters_of_a_bind_are_the_values(tmp_path: Path) -> None:
    text = "INSERT INTO ledgers (user_id, date, note) VALUES ($1, $2::date, $3)"
    head = "2026-01-13 09:00:00.002 UTC [77] "
    lines = (
        f"{head}LOG:  duration: 0.1 ms  bind a1: {text}",
        f"{head}DETAIL:  parameters: $1 = '7', $2 = '2026-01-06', $3 = 'it''s'",
        f"{head}LOG:  execute a1: {text}",
        f"{head}DETAIL:  parameters: $1 = '7', $2 = '2026-01-06', $3 = NULL",
        f"{head}LOG:  duration: 0.2 ms",
    )
    (statement,) = read(tmp_path, "\n".join(lines) + "\n").statements
    assert statement.parsed.rows == (("7", "2026-01-06", None),)
    # The snapshot is that of the Bind, 0.1 ms long, before the line of the execution.
    assert statement.seen_from_us == 1_768_294_800_002_000 - 1_100


def test_sidekiq_as_json_tells_starts_and_failures(tmp_path: Path) -> None:
    line = (
        '{{"ts":"2026-01-13T09:00:0{0}.000Z","pid":1,"tid":"a","lvl":"INFO","msg":"{1}",'
        '"ctx":{{"class":"W","jid":"j1"}}}}\n'
    )
    found = read(tmp_path, line.format(0, "start") + line.format(1, "fail"))
    assert [(e.name, e.job) for e in found.events] == [("start", "j1"), ("fail", "j1")]


def test_rotated_and_compressed_files_are_one_log(tmp_path: Path) -> None:
    line = FORMS["Rails, lab"] + "\n"
    (tmp_path / "production.log.1.gz").write_bytes(gzip.compress(line.encode()))
    (tmp_path / "production.log").write_text(line.replace("09:00", "09:01"), "utf-8")
    paths = [str(tmp_path / name) for name in ("production.log", "production.log.1.gz")]
    found, told = scan.read(files.recognise(paths, files.readers()), ALWAYS, "UTC")
    (one,) = found
    assert [s.place.file for s in one.statements] == [1, 0]
    assert [t["lines"] for t in told] == [1, 1]


def test_lines_of_other_times_are_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "production.log"
    path.write_text((FORMS["Rails, lab"] + "\n") * 10, "utf-8")
    recognised = files.recognise([str(path)], files.readers())
    found, (told,) = scan.read(recognised, scan.windows([0], 1), "UTC")
    assert (told["lines"], told["lines_of_other_times"]) == (10, 10)
    assert found[0].statements == []


def test_structlog_tells_how_a_task_ended(tmp_path: Path) -> None:
    line = (
        '{"timestamp":"2026-01-13T09:00:00.002500Z","logger":"django_structlog.celery.receivers",'
        '"event":"task_retrying","task":"ledger.check","task_id":"0123abcd-01","pid":7}\n'
    )
    events = read(tmp_path, line).events
    assert [(e.name, e.job) for e in events if e.name != "start"] == [
        ("fail", "0123abcd-01"),
        ("retry", "0123abcd-01"),
    ]


def test_values_of_a_column_that_stands_twice_are_not_taken_for_others(tmp_path: Path) -> None:
    """A logger that names values by column has two of one at one place."""
    sql = "SELECT SUM(amount) FROM l WHERE date >= $1 AND user_id = $2 AND date <= $3"
    binds = '{"date":["2026-01-05","2026-01-11"],"user_id":7}'
    line = (
        '{"timestamp":"2026-01-13T09:00:00.002500Z","name":"ActiveRecord","message":"Ledger Sum",'
        f'"payload":{{"sql":"{sql}","binds":{binds}}}}}\n'
    )
    (statement,) = read(tmp_path, line).statements
    assert {each.values for each in statement.parsed.where} <= {(None,)}


def test_a_log_of_no_known_format_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(Fault, match="no known format"):
        read(tmp_path, "nothing that anybody knows\n")


def test_shown_lines_hold_no_free_text_and_no_secrets() -> None:
    text = (
        "INSERT INTO l (a, memo) VALUES (7, 'Jane Roe, 12 Elm St') /* token=abc */ jane@roe.example"
    )
    shown = redacted(text)
    assert "Jane" not in shown
    assert "abc" not in shown
    assert "roe.example" not in shown
    assert "(7, " in shown


def test_statements_of_the_only_process_and_its_tasks_ends_are_one_order(tmp_path: Path) -> None:
    """An echo that names no process, and Celery's lines that do: who asks what came before."""
    log = []
    for k in range(1, 4):
        task = f"app.check[{k}1111111-1111-1111-1111-111111111111]"
        at = f"2026-11-26 07:13:0{k},10"
        engine = "INFO sqlalchemy.engine.Engine"
        log += [
            f"[{at}0: INFO/MainProcess] Task {task} received",
            f"{at}1 {engine} {SUM}",
            f"{at}2 {engine} [no key 0.00010s] ()",
            f"{at}3 {engine} COMMIT",
            f"[{at}4: INFO/ForkPoolWorker-1] Task {task} succeeded in 0.004s: None",
        ]
    found = read(tmp_path, "\n".join(log))
    assert [s.verb for s in found.statements] == ["select", "commit", "ping"] * 3
    assert len({s.context for s in found.statements}) == 1
    assert [s.order for s in found.statements] == list(range(1, 10))
