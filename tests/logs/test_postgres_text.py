"""PostgreSQL's log as text, in any prefix and through syslog, says what its records say."""

from collections.abc import Iterable
from pathlib import Path

import postgres_forms as forms
import pytest
import recorded_logs as logged

from settle_core.errors import Fault
from settle_core.logs.lines.model import Found
from settle_core.logs.scanned import files, scan

ALWAYS = [(-(1 << 62), 1 << 62)]
LOG = logged.lines("sidekiq_race", "postgres.jsonl")
FIRST = LOG[:900]
CHECKPOINT = "2026-11-26 07:15:31.2{} UTC [999]{} LOG:  checkpoint starting: time"


def read(path: Path, log: Iterable[str], prefix: str = "") -> Found:
    recognised = files.recognise([logged.write(path, log)], files.readers(prefix))
    (found,), _ = scan.read(recognised, ALWAYS, "UTC")
    return found


def told(found: Found) -> tuple[object, ...]:
    """What a log says; sessions by the order in which they first speak."""
    sessions: dict[str, int] = {}
    statements = [
        (sessions.setdefault(s.context, len(sessions)), s.order, s.from_us, s.to_us, s.gap)
        for s in found.statements
    ]
    seen = [(s.seen_from_us, s.seen_to_us, s.text, s.parsed, s.prepared) for s in found.statements]
    return statements, seen, found.unread, found.lost


def plainly(path: Path, log: Iterable[str], *, is_numbered: bool) -> Found:
    """As `%m [%p] ` has it, which leaves no question; with lines that are counted or not."""
    prefix = "%m [%p] [%c] [%l] " if is_numbered else "%m [%p] "
    return read(path, forms.Server(prefix).stderr(log))


@pytest.mark.parametrize(
    "prefix",
    [
        *("%h %m [%p] %q%u@%d ", "%m [%p]: [%l-1] db=%d,user=%u ", "%m [%p-%l] %q%u@%d "),
        *("%m [%p] %q[user=%u,db=%d,app=%a,host=%h] ", "%m [%p]: [%l-1] user=%u,db=%d - PG-%e "),
        *("%m [%p]: [%l-1] [trx_id=%x] user=%u,db=%d ", "%m %r %u %a [%c] [%p] "),
        *("%p-%s-%c-%l-%h-%u-%d-%m ", "pid=%p,time=%m,user=%u,db=%d,app=%a,client=%h "),
        *("[%l] <%p> (%m) %d|%u|%a ", "%d %u %p %l %x %m ", "<%m %u%%%d>%p: ", "%n [%p] %u "),
        *("%m [%p][%v] : [%l-1] %q[app=%a] ", forms.HEROKU),
        "%m:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a:",
    ],
)
def test_a_prefix_is_known_by_its_lines(prefix: str, tmp_path: Path) -> None:
    found = read(tmp_path / "a.log", forms.Server(prefix).stderr(FIRST))
    plain = plainly(tmp_path / "b.log", FIRST, is_numbered="%l" in prefix)
    assert found.numbered == ("%l" in prefix)
    assert told(found) == told(plain)


@pytest.mark.parametrize("prefix", ["%m %u %d ", "%m [%l-1] %u@%d "])
def test_a_prefix_that_tells_no_session(prefix: str, tmp_path: Path) -> None:
    """It is not inferred; where it is given, all sessions' lines stand as one's."""
    log = forms.Server(prefix).stderr(LOG)
    with pytest.raises(Fault, match="no known format"):
        read(tmp_path / "a.log", log)
    given = [logged.write(tmp_path / "a.log", log), files.prefix_line(prefix)]
    result = logged.run(logged.export(tmp_path / "export", "sidekiq_race"), given)
    assert not [f for f in result.findings if f.evidence == "proved"]


@pytest.mark.parametrize(
    ("prefix", "other"),
    [("%m [%p] %q%u@%d ", ""), ("%m [%p] %q[user=%u,db=%d] ", ""), ("%m [%p] [%v] %u ", " [] ")],
)
def test_lines_of_processes_that_serve_no_session(prefix: str, other: str, tmp_path: Path) -> None:
    """They stand first in the log, and between others."""
    server, log = forms.Server(prefix), []
    for number, record in enumerate(FIRST):
        log += [CHECKPOINT.format(number % 90 + 10, other)] if number % 10 == 0 else []
        log += server.text(record).split("\n")
    found = read(tmp_path / "a.log", log)
    plain = plainly(tmp_path / "b.log", FIRST, is_numbered=False)
    assert told(found)[1] == told(plain)[1]


@pytest.mark.parametrize(
    ("prefix", "head"),
    [
        ("%m [%p] ", forms.rsyslog),
        ("%m %q%u@%d/%a ", forms.rsyslog),
        ("%m [%c] [%l] ", forms.rsyslog_fine),
        ("db=%d,user=%u,start=%s,time=%m ", forms.rfc_5424),
        (forms.HEROKU, forms.heroku),
    ],
)
def test_syslog(prefix: str, head: forms.Head, tmp_path: Path) -> None:
    """Statements that are too long for one piece among them, and such of several lines."""
    log = [x.replace(" FROM", "\\n  FROM") if k % 7 == 0 else x for k, x in enumerate(FIRST)]
    log = [x.replace(" WHERE", " WHERE " + "1 = 1 AND " * 100) if "SUM" in x else x for x in log]
    found = read(tmp_path / "a.log", forms.Server(prefix).syslog(log, head))
    plain = plainly(tmp_path / "b.log", log, is_numbered=True)
    assert told(found) == told(plain)


def test_syslog_proves_as_much(tmp_path: Path) -> None:
    """Its pieces come in one another's way, and each process counts its messages."""
    log = list(forms.Server("%m %q%u@%d ").syslog(LOG, forms.rsyslog))
    for k in range(0, len(log) - 1, 2):
        one, other = (x.partition("]")[0] for x in log[k : k + 2])
        if one != other:
            log[k], log[k + 1] = log[k + 1], log[k]
    path = logged.write(tmp_path / "syslog", log)
    result = logged.run(logged.export(tmp_path / "export", "sidekiq_race"), [path])
    score = logged.score(result, "sidekiq_race")
    assert (score.proved, score.false_proved) == (106, 0)


def test_syslog_with_no_time_but_the_daemons(tmp_path: Path) -> None:
    log = list(forms.Server("").syslog(LOG, forms.rsyslog_fine))
    found = read(tmp_path / "a.log", log)
    plain = plainly(tmp_path / "b.log", LOG, is_numbered=True)
    # Sessions by their process, which here is a number and there the end of an id.
    mine = sorted(found.statements, key=lambda s: (int(s.context.rpartition(" ")[2]), s.order))
    other = sorted(plain.statements, key=lambda s: (int(s.context.rpartition(".")[2], 16), s.order))
    for ours, theirs in zip(mine, other, strict=True):
        assert ours.text == theirs.text
        assert ours.from_us <= theirs.from_us <= theirs.to_us <= ours.to_us + 1_000
    path = logged.write(tmp_path / "syslog", log)
    result = logged.run(logged.export(tmp_path / "export", "sidekiq_race"), [path])
    assert logged.score(result, "sidekiq_race").false_proved == 0
    coarse = logged.write(tmp_path / "c.log", forms.Server("").syslog(FIRST, forms.rsyslog))
    with pytest.raises(Fault, match="no known format"):
        files.recognise([coarse], files.readers(), None)  # nothing tells its year


def test_a_piece_of_a_message_that_is_missing(tmp_path: Path) -> None:
    log = list(forms.Server("%m ").syslog(FIRST, forms.rsyslog))
    plain = read(tmp_path / "a.log", log)
    number = next(k for k, x in enumerate(log) if "-2] " in x and "execute" in log[k - 1])
    for gone in (number - 1, number):
        found = read(tmp_path / f"{gone}.log", log[:gone] + log[gone + 1 :])
        is_first = gone < number
        assert len(found.statements) == len(plain.statements) - is_first
        assert (found.unread, found.lost) == ((1, 1) if is_first else (0, 0))
        # Without its values a statement may be any.
        assert sum(s.gap for s in found.statements) == sum(s.gap for s in plain.statements) + 1


def test_what_pgaudit_tells_beside_the_statements_counts_once(tmp_path: Path) -> None:
    path = logged.write(tmp_path / "postgres.json", forms.audited(LOG))
    assert sum("AUDIT: " in x for x in Path(path).read_text("utf-8").splitlines()) > 2_000
    result = logged.run(logged.export(tmp_path / "export", "sidekiq_race"), [path])
    score = logged.score(result, "sidekiq_race")
    assert (score.proved, score.false_proved) == (106, 0)
