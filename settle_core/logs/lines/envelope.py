"""What collectors put around a log's lines: containers, the system's journal, clouds, shippers.

`docker logs`, `kubectl logs`, CRI files, compose, syslog, journald, Heroku, CloudWatch, Fluent Bit,
Filebeat and their like keep a line as it was, with a head before it or as a field of an object. A
line may lie in several. Which ones, a file's lines tell: see `files.recognise`.
"""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple


class Opened(NamedTuple):
    """A line as it was written.

    Attributes:
        text: the line.
        source: which of several writers' lines it is: container, pod, program of a host.
        at: the collector's stamp.
        is_part: the line is longer than the collector's own, and goes on in its next one.
    """

    text: str
    source: str = ""
    at: str = ""
    is_part: bool = False


Kind = Callable[[str], Opened | None]
Envelope = tuple[Kind, ...]

_STAMP: Final = r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d))"
_STAMPED: Final = re.compile(_STAMP + r" (?:(?:stdout|stderr) ([FP]) )?(.*)$", re.DOTALL)
_COMPOSE: Final = re.compile(r"(?:\x1b\[[\d;]*m)?([\w.-]+) +\|(?:\x1b\[[\d;]*m)? (.*)$", re.DOTALL)
_POD: Final = re.compile(r"\[pod/([^\]]+)\] (.*)$", re.DOTALL)
_SYSLOG: Final = re.compile(
    r"(?:<\d+>)?(?:[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)?|" + _STAMP + r")"
    r" ([\w.:-]+ [\w./-]+?)(?:\[\d+\])?: (.*)$",
    re.DOTALL,
)
_SYSLOG_5424: Final = re.compile(
    r"<\d+>\d " + _STAMP + r" (\S+ \S+) \S+ \S+ (?:-|(?:\[.*?\])+) ?\ufeff?(.*)$", re.DOTALL
)
_DYNO: Final = re.compile(_STAMP + r" (\w+\[[\w.-]+\]): (.*)$", re.DOTALL)
_STREAM: Final = re.compile(_STAMP + r" (\S+) (.*)$", re.DOTALL)
_STERN: Final = re.compile(r"([\w.-]+ [\w.-]+) (.*)$", re.DOTALL)
_TAGGED: Final = re.compile(r"\d{4}-\d\d-\d\d[T ][\d:.]+ ?[+-]\d\d:?\d\d \S+ (\{.*)$", re.DOTALL)
_DATED: Final = re.compile(r"\{|(?:[A-Z], )?\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d")
_EXPORTED: Final = re.compile(r"([A-Z_][A-Z0-9_]*)=(.*)$", re.DOTALL)
_TEXTS: Final = ("log", "MESSAGE", "message", "textPayload", "@message", "line", "msg", "body")
# Where collectors of clouds put what a program wrote, be it a text or an object of its own.
_INNER: Final = ("content", "attributes", "jsonPayload")
# Names that programs' own loggers use as well.
_LOGGERS: Final = frozenset({"message", "msg", "body"})
_TIMES: Final = ("time", "@timestamp", "timestamp", "__REALTIME_TIMESTAMP", "date", "ts")
_SOURCES: Final = (
    *("logStreamName", "container_name", "CONTAINER_NAME", "pod_name", "container_id"),
    *("_HOSTNAME", "SYSLOG_IDENTIFIER", "logging_pod"),
)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LATEST_US: Final = 4_000_000_000_000_000  # the year 2096


def _stamped(line: str) -> Opened | None:
    """As `docker logs -t`, `kubectl logs --timestamps` and the files of a CRI."""
    found = _STAMPED.match(line)
    return Opened(found[3], at=found[1], is_part=found[2] == "P") if found else None


def _of_source(pattern: re.Pattern[str]) -> Kind:
    def kind(line: str) -> Opened | None:
        found = pattern.match(line)
        if found is None:
            return None
        *before, source, text = found.groups()
        return Opened(text, source, next((at for at in before if at), ""))

    return kind


def _exported(line: str) -> Opened | None:
    """The journal in its export format: a field a line."""
    found = _EXPORTED.match(line)
    if found is None:
        return None
    return Opened(found[2] if found[1] == "MESSAGE" else "")


def _object(line: str) -> Opened | None:
    """A line as a field of a JSON object."""
    if not line.startswith("{"):
        found = _TAGGED.match(line)
        if found is None:
            return None
        line = found[1]
    try:
        told = json.loads(line)
    except ValueError:
        return None
    if not isinstance(told, dict):
        return None
    if isinstance(told.get("record"), dict):
        return _record(told)
    outer = told
    told = next((told[key] for key in _INNER if isinstance(told.get(key), dict)), told)
    key = next((key for key in _TEXTS if isinstance(told.get(key), str | list)), "")
    text = _of_bytes(told[key]) if key and isinstance(told[key], list) else told.get(key)
    if not isinstance(text, str):
        return None
    # Docker ends a line where the writer did; without that it goes on.
    is_docker = "stream" in told and key == "log" and "time" in told
    source = " ".join(value.replace("|", "/") for name, value in _texts(outer) if name in _SOURCES)
    at = next((told[each] for each in _TIMES if each in told), "")
    if key in _LOGGERS and "stream" not in told:
        at = ""  # the time may be the program's own
    return Opened(text.rstrip("\r\n"), source, _instant(at), is_docker and text[-1:] != "\n")


def _payload(line: str) -> Opened | None:
    """An object that a program wrote, in a collector's; without a time it has the collector's."""
    try:
        outer = json.loads(line) if line.startswith("{") else None
    except ValueError:
        return None
    if not isinstance(outer, dict):
        return None
    told = next((outer[key] for key in _INNER if isinstance(outer.get(key), dict)), None)
    if told is None or any(_DATED.match(str(told.get(key, ""))) for key in _TEXTS):
        return None
    at = next((each[key] for each in (told, outer) for key in _TIMES if key in each), "")
    source = " ".join(value.replace("|", "/") for name, value in _texts(outer) if name in _SOURCES)
    return Opened(json.dumps({"timestamp": at, **told}, ensure_ascii=False), source)


def _of_bytes(told: list[Any]) -> str | None:
    """The journal gives a line with colours as the numbers of its bytes."""
    try:
        return bytes(told).decode("utf-8", "replace")
    except (TypeError, ValueError):
        return None


def _texts(told: dict[str, Any]) -> Iterator[tuple[str, str]]:
    for key, value in told.items():
        if isinstance(value, dict):
            yield from _texts(value)
        elif isinstance(value, str):
            yield key, value


def _instant(at: object) -> str:
    """A stamp as text; numbers count from 1970, in units that their size tells."""
    if isinstance(at, str) and not at.isdigit():
        return at
    try:
        exact = round(float(at) * 1_000_000) if isinstance(at, float) else int(str(at)) * 1_000_000
    except ValueError:
        return ""
    while exact > _LATEST_US:
        exact //= 1_000
    moment = _EPOCH + timedelta(microseconds=exact)
    return moment.isoformat(timespec="microseconds" if exact % 1_000 else "milliseconds")


def _record(told: dict[str, Any]) -> Opened | None:
    """A record of PostgreSQL as CloudNativePG prints it: csvlog's, by names. As jsonlog."""
    record = told["record"]
    number = str(record.get("session_line_num", ""))
    if not number.isdigit() or "log_time" not in record:
        return None
    line = {
        "timestamp": record["log_time"],
        "pid": record.get("process_id", ""),
        "session_id": record.get("session_id", ""),
        "line_num": int(number),
        "error_severity": record.get("error_severity", ""),
        "message": record.get("message", ""),
        "detail": record.get("detail", ""),
    }
    return Opened(json.dumps(line, ensure_ascii=False), str(told.get("logging_pod", "")))


_TAGS: Final = r"(?:\[[^\]\[]{1,120}\] ?)*"
_COLOUR: Final = re.compile(r"\x1b\[[\d;]*m")
_RAILS: Final = re.compile(_TAGS + r"\s*(?:[^\s(\[/][^()\[/\n]*)?\(\d+(?:\.\d+)?ms[^)]*\)  ?\S")
_SIDEKIQ: Final = re.compile(r"pid=\d+ tid=\S+ ")
_GOES_ON: Final = re.compile(
    r"\s*(?:(?:SELECT|FROM|WHERE|AND|OR|ON|SET|VALUES|GROUP|ORDER|LIMIT|INNER|LEFT|JOIN|RETURNING"
    r"|FOR)\b|[()])"
)


def is_bare(text: str) -> bool:
    """Whether a line is one of Rails or Sidekiq that leaves the time to the collector."""
    return bool(_SIDEKIQ.match(text) or _RAILS.match(_COLOUR.sub("", text)))


def stamped(text: str, at: str) -> str:
    """A line without a time, with the collector's; what goes on a statement needs none."""
    if _SIDEKIQ.match(text):
        return f"{at} {text}"
    return text if _GOES_ON.match(text) else f"{at} D {text}"


# From those that say most to those that say least.
KINDS: Final[Envelope] = (
    _object,
    _payload,
    _of_source(_POD),
    _of_source(_COMPOSE),
    _of_source(_SYSLOG_5424),
    _of_source(_DYNO),
    _of_source(_SYSLOG),
    _stamped,
    _of_source(_STREAM),
    _of_source(_STERN),
    _exported,
)
_DEEPEST: Final = 2


def envelopes(line: str, depth: int = _DEEPEST) -> Iterator[tuple[Envelope, Opened]]:
    """The envelopes that a line may lie in, with what is then in them: none of them is sure."""
    for kind in KINDS:
        opened = kind(line)
        if opened is None:
            continue
        yield (kind,), opened
        if depth > 1:
            for inner, text in envelopes(opened.text, depth - 1):
                yield (kind, *inner), _within(opened, text)


def opened(line: str, envelope: Envelope) -> Opened | None:
    """What is in the envelope, None where a line does not lie in it."""
    whole = Opened(line)
    for kind in envelope:
        inner = kind(whole.text)
        if inner is None:
            return None
        whole = _within(whole, inner)
    return whole


def _within(outer: Opened, inner: Opened) -> Opened:
    source = " ".join(each for each in (outer.source, inner.source) if each)
    return Opened(inner.text, source, inner.at or outer.at, outer.is_part or inner.is_part)
