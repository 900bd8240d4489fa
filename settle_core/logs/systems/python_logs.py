"""Logs of Python workers: SQLAlchemy's echo and Celery's own lines, alone or in one file.

SQLAlchemy logs a statement before it is sent, without duration or result; SQL goes on over lines
without a head, and the values follow on a line of their own. `[cached since ...]` there speaks of
its cache of SQL texts, not of results. A worker process runs one task at a time and says at its end
which one it was: what the process sent since the last end was that task's.
"""

import ast
import json
import re
from collections import defaultdict
from typing import Any, Final

from settle_core.logs.lines.model import NEVER, Event, Place, Statement
from settle_core.logs.lines.reader import Reader
from settle_core.logs.lines.sql_text import Parameters, parse

# Times are cut to milliseconds.
_CUT_US: Final = 1_000
_CELERY: Final = re.compile(
    r"\[(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[,.]\d+(?:Z|[+-]\d\d:?\d\d)?): [A-Z]+/([^\]]*)\] (.*)$",
    re.DOTALL,
)
_TASK: Final = re.compile(
    r"Task (\S+?)\[([0-9a-fA-F-]{8,})\] "
    r"(received|succeeded|retry|raised|failed|ignored|rejected|revoked|terminated)(.*)$",
    re.DOTALL,
)
_TASK_HEAD: Final = re.compile(r"\S+\[([0-9a-fA-F-]{8,})\]: (.*)$", re.DOTALL)
_ENGINE: Final = re.compile(
    r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[,.]\d+\S*)\s+(.*?)\bsqlalchemy\.engine\.\w+(?:\.\S+)?"
    r"[\]:\s-]+(.*)$",
    re.DOTALL,
)
_LEVEL: Final = re.compile(r"\b(?:DEBUG|INFO|WARNING|WARN|ERROR)\b|[\s\[\]:/|-]+", re.IGNORECASE)
_VALUES: Final = re.compile(
    r"\[(?:generated in|cached since|no key|raw sql|dialect \S+|caching disabled|insertmanyvalues)"
    r"[^\]]*\](?: (.*))?$",
    re.DOTALL,
)
_CONTROL: Final = re.compile(r"(BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b")
_AUTOCOMMIT: Final = re.compile(r"autocommit|using DBAPI connection\.(?:rollback|commit)\(\)")
_STATEMENT: Final = re.compile(
    r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH|SET|REPLACE)\b", re.IGNORECASE
)
_ENDS: Final = {
    "succeeded": "done",
    "retry": "fail",
    "raised": "fail",
    "failed": "fail",
    "terminated": "fail",
}


# Django's `django.db.backends`: after the statement, with seconds, values and database. structlog's
# console puts the logger's name and what else is known behind it.
_DJANGO: Final = re.compile(
    r"\((\d+\.\d+)\) (.*?); args=(?:None|\(.*\)|\[.*\]|\{.*\})(?:; alias=(\w+))?"
    r"(?: +\[django\.db\.backends\].*)?$",
    re.DOTALL,
)
_DATED: Final = re.compile(
    r"(?:[A-Z]+:? )?\[?"
    r"(\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[,.]\d+)?(?:Z|[+-]\d\d:?\d\d)?)\]?(.*?)"
    r"(\(\d+\.\d+\) .*; args=.*)$",
    re.DOTALL,
)


# Names of JSON loggers: python-json-logger, structlog and their like.
_LOGGERS: Final = ("sqlalchemy.engine", "django.db.backends", "celery", "django_structlog.celery")
_STRUCTLOG: Final = {
    "task_succeeded": "succeeded",
    "task_failed": "failed",
    "task_retrying": "retry",
    "task_revoked": "revoked",
}


def as_text(line: str) -> str | None:
    """A JSON line of Python's loggers as Celery prints it, None if it is none.

    Without the name of its process it is one of any.
    """
    try:
        told = json.loads(line)
    except ValueError:
        return None
    if not isinstance(told, dict):
        return None

    def first(*keys: str) -> str:
        return next((str(told[key]) for key in keys if told.get(key) not in {None, ""}), "")

    at = first("asctime", "timestamp", "time", "@timestamp")
    message = first("message", "event", "msg")
    if not first("name", "logger", "logger_name").startswith(_LOGGERS) or not at or not message:
        return None
    if word := _STRUCTLOG.get(message):
        message = f"Task {first('task')}[{first('task_id')}] {word}"
    process = first("processName", "process_name", "process", "pid").replace("]", "")
    return f"[{at}: INFO/{process}] {message}"


class PythonLog(Reader):
    """Reads SQLAlchemy's echo, Django's log of statements, and Celery's log."""

    kind = "SQLAlchemy"

    def __init__(self, group: str, zone: str) -> None:
        """Start with no statement begun and no task at work."""
        super().__init__(group, zone)
        self._held: dict[str, tuple[Place, int, str]] = {}
        self._last = ""
        self._sent: defaultdict[str, list[Statement]] = defaultdict(list)
        self._received: defaultdict[str, list[Event]] = defaultdict(list)
        self._ended: dict[str, int] = {}
        self._workers: set[str] = set()
        # By process, whether its last line may be a statement whose values follow.
        self._is_told: dict[str, bool] = {}

    @classmethod
    def takes(cls, line: str) -> bool:
        """Whether a line is of Celery's log, or of SQLAlchemy's echo."""
        if line.startswith("{"):
            return as_text(line) is not None
        return any(each.match(line) for each in (_ENGINE, _CELERY, _DATED))

    def read(self, place: Place, line: str) -> None:
        """Take one line; one without a head goes on the statement before it."""
        line = as_text(line) or line if line.startswith("{") else line
        process, message, at = "", line, ""
        if found := _CELERY.match(line):
            at, process, message = found.groups()
        if found := _ENGINE.match(message):
            at, middle, message = found.groups()
            process = process or _process(middle)
        elif not at and (found := _DATED.match(line)):
            at, middle, message = found.groups()
            process = _process(middle.replace("django.db.backends", ""))
        elif not at:
            self._goes_on(line)
            return
        us = self.stamp(at)
        if us is None:
            self.unread(line)
            return
        self.at(us)
        if task := _TASK.match(message):
            self._task(place, us, process, task)
            return
        if inner := _TASK_HEAD.match(message):
            message = inner[2]
        self._message(place, us, process, message)

    def _goes_on(self, line: str) -> None:
        held = self._held.get(self._last)
        if held is not None:
            self._held[self._last] = held[0], held[1], f"{held[2]}\n{line}"
        elif line.strip():
            self.unread(line)

    def _message(self, place: Place, us: int, process: str, message: str) -> None:
        is_told = self._is_told.get(process, True)
        self._is_told[process] = not (_VALUES.match(message) or _CONTROL.match(message))
        if values := _VALUES.match(message):
            # Of a process without a name others' lines may stand between a statement and these.
            self.found.garbled += bool(process) and not is_told
            self._flush(process, values[1] or "", place)
            return
        self._flush(process)
        if logged := _DJANGO.search(message):
            self._django(place, us, process, logged)
            return
        if _CONTROL.match(message) or _STATEMENT.match(message):
            self._held[process] = place, us, message
            self._last = process

    def _flush(self, process: str, values: str = "", at: Place | None = None) -> None:
        """Take the statement that a process had begun."""
        held = self._held.pop(process, None)
        if held is None:
            return
        place, us, text = held
        if _CONTROL.match(text) and _AUTOCOMMIT.search(text):
            text = "-- " + text  # the driver ignores it: each statement is committed on its own
        many = _parameters(values)
        statements = many if isinstance(many, list) else [many]
        for parameters in statements:
            statement = Statement(
                place,
                context=f"{self.found.group}|{process}",
                from_us=us,
                to_us=NEVER,
                text=text if len(statements) == 1 else f"{text} {parameters}",
                parsed=parse(text.replace("(implicit)", ""), parameters),
                seen_from_us=us,
                seen_to_us=NEVER,
                more=(at,) if at is not None else (),
            )
            self._sent[process].append(self.statement(statement))

    def _django(self, place: Place, us: int, process: str, logged: re.Match[str]) -> None:
        took, text, alias = logged.groups()
        from_us = us - round(float(took) * 1_000_000) - _CUT_US
        to_us = us + max(self.step, _CUT_US)
        statement = Statement(
            place,
            context=f"{self.found.group}|{process}",
            from_us=from_us,
            to_us=to_us,
            text=text,
            parsed=parse(text),
            seen_from_us=from_us,
            seen_to_us=to_us,
            server=alias or "",
        )
        self._sent[process].append(self.statement(statement))

    def _task(self, place: Place, us: int, process: str, task: re.Match[str]) -> None:
        name, job, word, rest = task.groups()
        if word == "received":
            self._received[job].append(Event(place, us, job, "start", "", name))
            return
        end = _ENDS.get(word)
        if end is None:
            return
        self._flush(process)
        bare = self._held.get("")
        if bare is not None and _CONTROL.match(bare[2]):
            self._flush("")  # a COMMIT waits for no values
        self._workers.add(process)
        from_us = self._ended.get(process, 0)
        received = self._received[job]
        start = received.pop(0) if received else Event(place, us, job, "start", process, name)
        sent = self._sent.pop(process, [])
        begun = max(start.at_us, from_us)
        if sent:
            begun = max(begun, min(begun, sent[0].from_us)) if sent[0].from_us < begun else begun
        self.event(start._replace(worker=process, at_us=begun))
        self.event(Event(place, us + _CUT_US, job, end, process, name, rest.strip()))
        if word == "retry":
            self.event(Event(place, us + _CUT_US, job, "retry", process, name))
        for statement in sent:
            statement.job = job
        self._ended[process] = us
        mark = Statement(place, f"{self.found.group}|{process}", us, us + _CUT_US, "", parse(""))
        self.statement(mark)

    def end(self) -> None:
        """Take what was begun; tasks that were received and never ended have no end."""
        for process in list(self._held):
            self._flush(process)
        for events in self._received.values():
            for event in events:
                self.event(event)
        self._without_process()

    def _without_process(self) -> None:
        """Lines without a process: printed a second time by Celery, or of the only process."""
        only = f"{self.found.group}|"
        bare = [s for s in self.found.statements if s.context == only]
        thinned = self.found.thinned
        gone = sum(count for (_, is_bare), count in thinned.items() if is_bare)
        told = len(self.found.statements) - len(bare) + thinned.total() - gone
        if bare and 2 * told > len(bare) + gone:
            self.found.statements = [s for s in self.found.statements if s.context != only]
            for key in [key for key in thinned if key[1]]:
                del thinned[key]
        elif len(self._workers) == 1:
            (process,) = self._workers
            for statement in bare:
                statement.context = f"{only}{process}"
            mine = [s for s in self.found.statements if s.context == f"{only}{process}"]
            for number, statement in enumerate(mine, 1):
                statement.order = number
            self._order[f"{only}{process}"] = len(mine)


def _process(head: str) -> str:
    """Whose line it is, by what stands before its message; empty where that may be anyone's.

    Names without a number, as of a module or of the main thread, are the same in all processes.
    """
    told = _LEVEL.sub(" ", head).strip()
    return told if any(char.isdigit() for char in told) else ""


def _parameters(text: str) -> Parameters | list[Parameters]:
    """Values as Python prints them: a dict, a tuple, or a list of such for many rows."""
    if not text:
        return ()
    try:
        value = _value(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError):
        return ()
    if isinstance(value, list) and value and isinstance(value[0], dict | tuple):
        return [_texts(each) for each in value]
    return _texts(value)


def _texts(value: Any) -> Parameters:  # noqa: ANN401  whatever a program logged
    if isinstance(value, dict):
        return {str(k): _text(v) for k, v in value.items()}
    if isinstance(value, tuple | list):
        return tuple(_text(v) for v in value)
    return ()


def _text(value: Any) -> str | None:  # noqa: ANN401
    return None if value is None else str(value)


def _value(node: ast.expr) -> Any:  # noqa: ANN401, PLR0911
    """A literal, with Decimal, date, datetime and UUID among the literals."""
    if isinstance(node, ast.Constant):
        return node.value
    if isinstance(node, ast.Dict):
        keys = [_value(k) for k in node.keys if k is not None]
        return dict(zip(keys, map(_value, node.values), strict=True))
    if isinstance(node, ast.Tuple):
        return tuple(map(_value, node.elts))
    if isinstance(node, ast.List):
        return list(map(_value, node.elts))
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return f"-{_value(node.operand)}"
    if isinstance(node, ast.Call):
        return _call(node)
    return None


def _call(node: ast.Call) -> Any:  # noqa: ANN401
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    given = [_value(a) for a in node.args]
    if name in {"date", "datetime"} and all(isinstance(g, int) for g in given[:6]):
        day = "-".join(f"{g:02d}" for g in given[:3])
        if name == "date":
            return day
        hour, minute, second, micro = (*given[3:7], 0, 0, 0, 0)[:4]
        zone = "+00:00" if any(k.arg == "tzinfo" for k in node.keywords) else ""
        return f"{day} {hour:02d}:{minute:02d}:{second:02d}.{micro:06d}{zone}"
    return given[0] if given else None
