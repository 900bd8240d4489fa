"""Rails logs: ActiveRecord's lines, in the default format, with tags, or as JSON lines.

The time of a line is that of the statement's end. No result of a SELECT is logged. A line that says
CACHE was answered by the query cache and never reached the database.
"""

import json
import re
from typing import Any, Final

from settle_core.logs import clock
from settle_core.logs.model import Event, Place, Statement
from settle_core.logs.reader import Reader
from settle_core.logs.sql_text import Parameters, parse

_DEFAULT: Final = re.compile(r"[A-Z], \[(\S+) #(\d+)\] +[A-Z]+ -- (?:[^:]*): (.*)$", re.DOTALL)
_DATED: Final = re.compile(
    r"(\d{4}-\d\d-\d\d[T ][\d:.,]+(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?) "
    r"(?:\[?(?:pid[=:])?(\d+)\]? )?\[?(?:[DIWEF]|DEBUG|INFO|WARN|ERROR|FATAL)\]?:? (.*)$",
    re.DOTALL,
)
_COLOUR: Final = re.compile(r"\x1b\[[\d;]*m")
_TAGS: Final = re.compile(r"((?:\[[^\]\[\s]+\] ?)+)")
_STATEMENT: Final = re.compile(r"\s*(.*?)\s*\((\d+(?:\.\d+)?)ms\)\s{1,2}(.*)$", re.DOTALL)
_BINDS: Final = re.compile(r"\s+\[(?:\[.*\])?\]\s*(?:/\*.*\*/\s*)?$", re.DOTALL)
_JOB: Final = re.compile(
    r"(?:jid[-=:])?([0-9a-f]{24}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
)
_ACTIVE_JOB: Final = re.compile(
    r"(Enqueued|Performing|Performed|Error performing|Retrying|Discarded|Stopped retrying) "
    r"(\S+) (?:\(Job ID: ([0-9a-f-]{36})\))?(.*)$",
    re.DOTALL,
)
_ARGUMENTS: Final = re.compile(r" with arguments: (.*)$", re.DOTALL)
_EVENTS: Final = {
    "Enqueued": "enqueue",
    "Performing": "start",
    "Performed": "done",
    "Error performing": "fail",
    "Retrying": "retry",
    "Discarded": "discard",
    "Stopped retrying": "discard",
}
# Durations are printed to a tenth of a millisecond.
_ROUNDING_US: Final = 100
_MESSAGE_KEYS: Final = ("message", "msg", "event")
_TIME_KEYS: Final = ("timestamp", "time", "@timestamp", "ts")


class Rails(Reader):
    """Reads Rails logs."""

    kind = "Rails"

    @classmethod
    def takes(cls, line: str) -> bool:
        """Whether a line is of a Rails log."""
        if line.startswith("# Logfile created on") or _DEFAULT.match(line):
            return True
        if line.startswith("{"):
            record = _record(line)
            return bool(record) and _message(record) is not None
        found = _DATED.match(line)
        return found is not None and (_STATEMENT.match(found[3]) is not None or "[" in found[3])

    def read(self, place: Place, line: str) -> None:
        """Take one line."""
        if line.startswith("# Logfile created on") or not line.strip():
            return
        if line.startswith("{"):
            self._json(place, line)
            return
        found = _DEFAULT.match(line)
        if found is not None:
            at, process, message = found.groups()
        else:
            found = _DATED.match(line)
            if found is None:
                self.unread()
                return
            at, process, message = found.groups()
        us = clock.instant(at, self.zone)
        if us is None:
            self.unread()
            return
        self.at(us)
        self._message(place, us, process or "", message)

    def _json(self, place: Place, line: str) -> None:
        record = _record(line)
        text = _message(record) if record else None
        at = next((str(record[k]) for k in _TIME_KEYS if k in record), "")
        us = clock.instant(at, self.zone)
        if text is None or us is None:
            self.unread()
            return
        self.at(us)
        tags = record.get("tags") or []
        named = record.get("named_tags") or {}
        jid = str(record.get("jid") or record.get("job_id") or "")
        words = [*(str(t) for t in tags), *(str(v) for v in named.values()), jid]
        process = f"{record.get('host', '')}{record.get('pid', '')}"
        tagged = "".join(f"[{w}] " for w in words if w)
        self._message(place, us, process, tagged + text)

    def _message(self, place: Place, us: int, process: str, message: str) -> None:
        message = _COLOUR.sub("", message)
        tags = ""
        if found := _TAGS.match(message):
            tags, message = found[1].strip(), message[found.end() :]
        found = _STATEMENT.match(message)
        if found is None:
            self._job_event(place, us, message, tags)
            return
        name, took, text = found.groups()
        parameters: Parameters = ()
        if binds := _BINDS.search(text):
            parameters = _parameters(binds.group().strip())
            text = text[: binds.start()]
        took_us = round(float(took) * 1000)
        is_cached = name.startswith("CACHE")
        from_us = us if is_cached else us - took_us - _ROUNDING_US
        job = next((m[1] for tag in tags.split() if (m := _JOB.search(tag))), "")
        self.statement(
            Statement(
                place,
                context=f"{self.found.group}|{process}|{tags}",
                from_us=from_us,
                to_us=us,
                text=text,
                parsed=parse(text, parameters),
                is_cached=is_cached,
                job=job,
                seen_from_us=from_us,
                seen_to_us=us,
            )
        )

    def _job_event(self, place: Place, us: int, message: str, tags: str) -> None:
        found = _ACTIVE_JOB.match(message.strip())
        if found is None:
            return
        word, task, job, rest = found.groups()
        job = job or next((m[1] for tag in tags.split() if (m := _JOB.search(tag))), "")
        arguments = _ARGUMENTS.search(rest)
        text = arguments[1] if arguments else ""
        self.event(Event(place, us, job, _EVENTS[word], "", task, text))


def _record(line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def _message(record: dict[str, Any]) -> str | None:
    """ActiveRecord's text of a JSON line, also where its parts stand in keys of their own."""
    payload = record.get("payload")
    if isinstance(payload, dict) and "sql" in payload:
        took = record.get("duration_ms", payload.get("duration", 0)) or 0
        name = "CACHE " if payload.get("cached") else ""
        binds = payload.get("binds") or {}
        text = f"{name}{record.get('message', '')} ({float(took):.1f}ms)  {payload['sql']}"
        return text + (f"  {json.dumps(list(binds.items()))}" if binds else "")
    if "sql" in record:
        name = "CACHE " if record.get("cached") else ""
        took = record.get("duration", record.get("duration_ms", 0)) or 0
        return f"{name}{record.get('name') or ''} ({float(took):.1f}ms)  {record['sql']}"
    told = next((record[k] for k in _MESSAGE_KEYS if isinstance(record.get(k), str)), None)
    return told if told is not None and ("pid" in record or _STATEMENT.match(told)) else None


def _parameters(text: str) -> tuple[str | None, ...]:
    """The values of `[["user_id", 44], ["date", nil]]`, in order."""
    try:
        pairs = json.loads(re.sub(r"\bnil\b", "null", text), parse_float=str, parse_int=str)
    except ValueError:
        return ()
    values = [pair[1] if isinstance(pair, list) and len(pair) > 1 else pair for pair in pairs]
    return tuple(None if value is None else str(value) for value in values)
