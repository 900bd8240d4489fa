"""Lines of a log as collectors keep them, and logs of several programs in one."""

import itertools
import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

from recorded_logs import Lines

_STAMP: Final = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)[.,](\d+)")
# A collector's stamp is finer than those of the lines, and no two are alike.
_NANOSECONDS: Final = itertools.count(1)


def moments(log: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The lines, each with its time or just after the last one that has one."""
    last = datetime(2026, 11, 26, 7, tzinfo=UTC)
    for line in log:
        if found := _STAMP.search(line[:200]):
            told = f"{found[1]}T{found[2]}.{found[3][:6].ljust(6, '0')}+00:00"
            last = datetime.fromisoformat(told)
        else:
            last += timedelta(microseconds=1)
        yield last.isoformat(timespec="microseconds")[:26], line


def _fine(at: str) -> str:
    return f"{at}{next(_NANOSECONDS) % 1000:03d}Z"


def _epoch(at: str) -> float:
    return datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp()


def _syslog(at: str) -> str:
    return f"{datetime.fromisoformat(at):%b %e %H:%M:%S} app-1 worker[7]:"


Form = Callable[[str, str], str]
FORMS: Final[dict[str, Form]] = {
    "compose": lambda _, x: f"worker-1  | {x}",
    "compose, coloured": lambda _, x: f"\x1b[36mworker-1  |\x1b[0m {x}",
    "compose -t": lambda at, x: f"worker-1  | {_fine(at)} {x}",
    "docker -t": lambda at, x: f"{_fine(at)} {x}",
    "docker's files": lambda at, x: json.dumps(
        {"log": f"{x}\n", "stream": "stdout", "time": _fine(at)}
    ),
    "CRI's files": lambda at, x: f"{_fine(at)} stdout F {x}",
    "kubectl --prefix": lambda _, x: f"[pod/worker-6d5f7c-abcde/app] {x}",
    "stern": lambda _, x: f"worker-6d5f7c-abcde app {x}",
    "journald, short": lambda at, x: f"{_syslog(at)} {x}",
    "journald, iso": lambda at, x: f"{at[:19]}+0000 app-1 worker[7]: {x}",
    "journald, JSON": lambda at, x: json.dumps(
        {
            "__REALTIME_TIMESTAMP": f"{_epoch(at) * 1e6:.0f}",
            "MESSAGE": list(x.encode()) if "\x1b" in x else x,
        }
    ),
    "journald, export": lambda _, x: f"MESSAGE={x}",
    "syslog": lambda at, x: f"<134>{_syslog(at)} {x}",
    "syslog, RFC 5424": lambda at, x: f"<134>1 {at}Z app-1 worker 7 - - {x}",
    "Heroku": lambda at, x: f"{at}+00:00 app[worker.1]: {x}",
    "CloudWatch, tail": lambda at, x: f"{at[:23]}000+00:00 ecs/app/0123 {x}",
    "CloudWatch, events": lambda at, x: json.dumps(
        {"logStreamName": "ecs/app/1", "timestamp": int(_epoch(at) * 1e3), "message": x}
    ),
    "Google Cloud": lambda at, x: json.dumps({"textPayload": x, "timestamp": f"{at}Z"}),
    "Filebeat": lambda at, x: json.dumps(
        {"@timestamp": f"{at[:23]}Z", "message": x, "log": {"offset": 5}}
    ),
    "Fluent Bit": lambda at, x: json.dumps(
        {"date": _epoch(at), "log": x, "kubernetes": {"pod_name": "w-1"}}
    ),
    "Fluentd": lambda at, x: f"{at[:10]} {at[11:19]} +0000 docker.app: {json.dumps({'log': x})}",
    "CloudWatch, Insights": lambda at, x: json.dumps(
        {"@timestamp": f"{at[:10]} {at[11:23]}", "@message": x, "@logStream": "w/1"}
    ),
    "Google Cloud, payload": lambda at, x: json.dumps(
        {"jsonPayload": {"message": x}, "timestamp": f"{at}Z"}
    ),
    "Datadog, API": lambda at, x: json.dumps(
        {"id": "A", "attributes": {"timestamp": f"{at[:23]}Z", "host": "h", "message": x}}
    ),
    "journald, precise": lambda at, x: f"{_syslog(at).replace(' app', f'.{at[20:26]} app', 1)} {x}",
    "Datadog": lambda at, x: json.dumps({"content": {"timestamp": f"{at}Z", "message": x}}),
    "CRI in JSON": lambda at, x: json.dumps({"line": f"{_fine(at)} stderr F {x}"}),
}


def enveloped(form: str, log: Iterable[str]) -> Lines:
    """A log whose lines lie in an envelope."""
    return [FORMS[form](at, line) for at, line in moments(log)]


def merged(logs: dict[str, Iterable[str]], form: Callable[[str, str, str], str]) -> Lines:
    """Logs of several programs in one, by time; `form` is of a name, a time and a line."""
    every = [
        (at, name, number, line)
        for name, log in logs.items()
        for number, (at, line) in enumerate(moments(log))
    ]
    return [form(name, at, line) for at, name, _, line in sorted(every)]


def without_time(line: str) -> str:
    """A line of Rails, or of Sidekiq, as it is where the time is left to the collector."""
    return re.sub(r"^(\S+Z [A-Z] |\S+Z (?=pid=)|[A-Z], \[.*? -- : )", "", line)


def record(line: str) -> str:
    """A line of PostgreSQL's jsonlog as CloudNativePG prints it."""
    told = json.loads(line)
    names = {"timestamp": "log_time", "pid": "process_id", "line_num": "session_line_num"}
    named = {names.get(key, key): str(value) for key, value in told.items()}
    return json.dumps({"logger": "postgres", "msg": "record", "record": named})
