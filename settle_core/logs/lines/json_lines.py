"""Rails' lines as JSON, whatever their keys are called, or as semantic_logger's text.

Gems and log shippers name the same things in their own way: the time, the message, the tags, and
for a statement its SQL, its duration, and whether a cache answered.
"""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

from settle_core.logs.lines import clock

STATEMENT: Final = re.compile(
    r"\s*(.*?)\s*\((\d+(?:\.\d+)?)ms[^)]*\)(?: \(db time [\d.]+ms\))?\s{1,2}(.*)$", re.DOTALL
)
_TIMES: Final = ("timestamp", "time", "@timestamp", "ts", "datetime", "date", "at", "t")
_MESSAGES: Final = ("message", "msg", "event", "text", "log", "body")
_SQL: Final = ("sql", "query", "statement", "db.statement", "sql_query")
_DURATIONS: Final = ("duration_ms", "duration", "took", "elapsed_ms", "runtime", "db_runtime")
_CACHED: Final = ("cached", "cache", "cache_hit", "from_cache")
_PROCESSES: Final = ("host", "hostname", "pid", "process_id", "process")
_JOBS: Final = re.compile(r"(?:^|[_.])j(?:ob_?)?id$", re.IGNORECASE)
_SEMANTIC: Final = re.compile(
    r"(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+) [A-Z] \[(\d+:[^\]]*)\] "
    r"((?:\{[^}]*\} |\[[^\]]*\] )*)(?:\(([\d.]+)(?:ms|s|us)\) )?(\S+) -- (.*)$",
    re.DOTALL,
)
_RUBY_TEXT: Final = r'"(?:[^"\\]|\\.)*"'
_IS: Final = r"(?: ?=> ?|: )"
_PAYLOAD_SQL: Final = re.compile(r"\bsql" + _IS + f"({_RUBY_TEXT})")
_PAYLOAD_BINDS: Final = re.compile(r"\bbinds" + _IS + r"\{((?:[^{}\"]|" + _RUBY_TEXT + r")*)\}")
_PAYLOAD_CACHED: Final = re.compile(r"\bcached" + _IS + "true")
_PAIR: Final = re.compile(r':?"?(\w+)"?' + _IS + rf"({_RUBY_TEXT}|\[[^\]]*\]|[^,]+)")
_TEXT_MIN: Final = 20
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


class Record(NamedTuple):
    """A JSON line: its stamp, its process, and the message with its tags, as Rails prints them."""

    at: str
    process: str
    message: str


def record(line: str) -> Record | None:
    """What a line says, None if it is no JSON of a Rails log."""
    try:
        told = json.loads(line)
    except ValueError:
        return None
    if not isinstance(told, dict):
        return None
    fields = dict(_fields(told))
    text, at = _statement(told, fields) or _message(told), _at(told)
    if text is None or not at:
        return None
    process = "".join(str(fields.get(key, "")) for key in _PROCESSES[:2])
    process += next((str(fields[key]) for key in _PROCESSES[2:] if key in fields), "")
    return Record(at, process, f"{_tags(told, fields)}{text}")


def _fields(told: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """The fields of an object, and of the objects in it; the outer ones last, which so prevail."""
    for key, value in told.items():
        if isinstance(value, dict) and key != "binds":
            yield from _fields(value)
    yield from told.items()


def _statement(told: dict[str, Any], fields: dict[str, Any]) -> str | None:
    """A statement whose parts stand in keys of their own, as ActiveRecord's text."""
    sql = next((fields[key] for key in _SQL if isinstance(fields.get(key), str)), None)
    if sql is None:
        return None
    took = next((fields[key] for key in _DURATIONS if key in fields), 0)
    number = re.match(r"[\d.]+", str(took))
    name = fields.get("name") if "message" not in told else told["message"]
    is_cached = any(fields.get(key) in {True, "true"} for key in _CACHED)
    binds = fields.get("binds") or fields.get("type_casted_binds") or ()
    pairs = list(binds.items()) if isinstance(binds, dict) else [_pair(b) for b in binds]
    if isinstance(binds, dict) and any(isinstance(value, list) for value in binds.values()):
        pairs = []  # a column that stands twice has its values at one place: which is which?
    text = (
        f"{'CACHE ' if is_cached else ''}{name or ''} ({float(number[0] if number else 0):.1f}ms)"
    )
    return f"{text}  {sql}" + (f"  {json.dumps(pairs)}" if pairs else "")


def _pair(bind: Any) -> list[Any]:  # noqa: ANN401  whatever a program logged
    if isinstance(bind, list) and bind:
        return bind
    return ["", bind]


def semantic(line: str) -> Record | None:
    """What a line of semantic_logger's text says, None if it is none; its payload is Ruby's own."""
    found = _SEMANTIC.match(line)
    if found is None:
        return None
    at, process, tags, took, name, rest = found.groups()
    words = [each.strip() for each in re.findall(r"[{\[]([^}\]]*)[}\]]", tags)]
    told = "".join(f"[{each}] " for each in words if each)
    sql = _PAYLOAD_SQL.search(rest)
    if name != "ActiveRecord" or sql is None:
        return Record(at, process, f"{told}{rest}")
    fields: dict[str, Any] = {
        "sql": _unquoted(sql[1]),
        "name": rest.partition(" -- ")[0],
        "duration": took or "0",
        "cached": _PAYLOAD_CACHED.search(rest) is not None,
    }
    if binds := _PAYLOAD_BINDS.search(rest):
        fields["binds"] = {key: _ruby(value) for key, value in _PAIR.findall(binds[1])}
    return Record(at, process, f"{told}{_statement(fields, fields)}")


def _unquoted(text: str) -> str:
    try:
        return str(json.loads(text))
    except ValueError:
        return text[1:-1].replace('\\"', '"')


def _ruby(value: str) -> Any:  # noqa: ANN401  whatever a program logged
    if value.startswith('"'):
        return _unquoted(value)
    return [value] if value.startswith("[") else None if value == "nil" else value.strip()


def _message(told: dict[str, Any]) -> str | None:
    """The message: by its key, or the one text that reads as a statement."""
    text = next((told[key] for key in _MESSAGES if isinstance(told.get(key), str)), None)
    if text is None or not STATEMENT.match(text):
        texts = [v for v in told.values() if isinstance(v, str) and len(v) > _TEXT_MIN]
        text = next((each for each in texts if STATEMENT.match(each)), text)
    return text


def _at(told: dict[str, Any]) -> str:
    """The stamp as text: by its key, or the first value that is one."""
    for value in (*(told[key] for key in _TIMES if key in told), *told.values()):
        if isinstance(value, str) and clock.instant(value) is not None:
            return value
        if isinstance(value, int | float) and not isinstance(value, bool) and value > 1e9:  # noqa: PLR2004
            return _of_epoch(value)
    return ""


def _of_epoch(value: float) -> str:
    """Seconds, milliseconds, microseconds or nanoseconds since 1970, by their size."""
    exact = round(value * 1_000_000) if isinstance(value, float) else value * 1_000_000
    while exact > 4_000_000_000_000_000:  # noqa: PLR2004  the year 2096
        exact //= 1_000
    return (_EPOCH + timedelta(microseconds=exact)).isoformat(timespec="microseconds")


def _tags(told: dict[str, Any], fields: dict[str, Any]) -> str:
    """Tags, named tags and the job's id, in brackets as in a line of text."""
    tags = told.get("tags") or []
    words = [str(each) for each in tags] if isinstance(tags, list) else str(tags).split()
    named = told.get("named_tags")
    words += [f"{k}={v}" for k, v in named.items()] if isinstance(named, dict) else []
    words += [f"jid={v}" for k, v in fields.items() if v and _JOBS.search(k)]
    return "".join(f"[{re.sub(r'[][]', '', each)[:120]}] " for each in words if each)
