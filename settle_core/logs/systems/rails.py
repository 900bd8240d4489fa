"""Rails logs: ActiveRecord's lines, in the default format, with tags, or as JSON lines.

The time of a line is that of the statement's end. No result of a SELECT is logged. A line that says
CACHE was answered by the query cache and never reached the database. SQL may go on over lines that
have no head.
"""

import json
import re
from functools import lru_cache
from typing import Final

from settle_core.logs.lines import json_lines
from settle_core.logs.lines.json_lines import STATEMENT
from settle_core.logs.lines.model import Event, Place, Statement, Transaction
from settle_core.logs.lines.reader import Reader
from settle_core.logs.lines.sql_text import Parameters, parse

_DEFAULT: Final = re.compile(r"[A-Z], \[(\S+) #(\d+)\] +[A-Z]+ -- (?:[^:]*): (.*)$", re.DOTALL)
_DATED: Final = re.compile(
    r"(\d{4}-\d\d-\d\d[T ][\d:.,]+(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?) "
    r"(?:\[?(?:pid[=:])?(\d+)\]? )?\[?(?:[DIWEF]|DEBUG|INFO|WARN|ERROR|FATAL)\]?:? (.*)$",
    re.DOTALL,
)
_COLOUR: Final = re.compile(r"\x1b\[[\d;]*m")
_TAGS: Final = re.compile(r"((?:\[[^\]\[]{1,120}\] ?)+)")
_CACHE: Final = re.compile(r"(?:^|\s)CACHE\b")
_BINDS: Final = re.compile(r"\s+\[(?:\[.*\])?\]\s*(?:/\*.*\*/\s*)?$", re.DOTALL)
# A model saves its row in a transaction, be that logged or not.
_SAVED: Final = re.compile(r"(?:^|\s)(?:SQL|\w+ Create)$")
# A tag that says which of several databases was asked; so does a comment of query log tags.
_ROLE: Final = re.compile(
    r"\[(?:role[=: ]|db[=: ]|shard[=: ])?((?:replica|slave|reader|reading|secondary)[^\]]*)\] ?",
    re.IGNORECASE,
)
_HOST: Final = re.compile(r"/\*[^*]*\bdb_host[=:]'?([\w.:-]+?)'?(?=[,\s*'])")
_JOB: Final = re.compile(
    r"(?<![0-9a-f])([0-9a-f]{24}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})"
    r"(?![0-9a-f])"
)
_JID: Final = re.compile(r"\b(?:jid|job_?id)[-=: ]+" + _JOB.pattern, re.IGNORECASE)
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
_DECODER: Final = json.JSONDecoder(parse_float=str, parse_int=str)
_NIL: Final = re.compile(r"\bnil\b")
# Durations are printed to a tenth of a millisecond.
_ROUNDING_US: Final = 100
# A statement goes on over so many lines at most.
_LINES_MAX: Final = 400


class Rails(Reader):
    """Reads Rails logs."""

    kind = "Rails"
    is_begun_by_word = True

    def __init__(self, group: str, zone: str) -> None:
        """Start with nothing begun."""
        super().__init__(group, zone)
        self._held: tuple[Place, int, str, str] | None = None
        self._lines = 0

    @classmethod
    def takes(cls, line: str) -> bool:
        """Whether a line is of a Rails log."""
        if line.startswith("# Logfile created on") or _DEFAULT.match(line):
            return True
        if json_lines.semantic(line) is not None:
            return True
        if line.startswith("{"):
            return json_lines.record(line) is not None
        found = _DATED.match(line)
        return found is not None and (STATEMENT.match(found[3]) is not None or "[" in found[3])

    def read(self, place: Place, line: str) -> None:
        """Take one line; one without a head goes on the message before it."""
        if line.startswith("# Logfile created on") or not line.strip():
            return
        if line.startswith("{"):
            self._json(place, line)
            return
        found = _DEFAULT.match(line)
        if found is not None:
            at, process, message = found.groups()
        elif record := json_lines.semantic(line):
            at, process, message = record
        else:
            found = _DATED.match(line)
            if found is None:
                self._goes_on(place, line)
                return
            at, process, message = found.groups()
        us = self.stamp(at)
        if us is None:
            self.unread(line)
            return
        self._hold(place, us, process or "", message)

    def _hold(self, place: Place, us: int, process: str, message: str) -> None:
        self._flush()
        self.at(us)
        self._held = place, us, process, message

    def _goes_on(self, place: Place, line: str) -> None:
        """A line without a head: more of a statement, or of whatever else was said before."""
        self._lines += 1
        if self._held is None or self._lines > _LINES_MAX:
            self.unread(line)
            return
        first, us, process, message = self._held
        if STATEMENT.search(message):
            length = place.offset + place.length - first.offset
            first = Place(first.file, first.line, first.offset, length)
            self._held = first, us, process, f"{message}\n{line}"

    def end(self) -> None:
        """Take the line that was held back for its further ones."""
        self._flush()

    def _flush(self) -> None:
        held, self._held, self._lines = self._held, None, 0
        if held is not None:
            self._message(*held)

    def _json(self, place: Place, line: str) -> None:
        record = json_lines.record(line)
        us = self.stamp(record.at) if record is not None else None
        if record is None or us is None:
            self.unread(line)
            return
        self._hold(place, us, record.process, record.message)

    def _message(self, place: Place, us: int, process: str, message: str) -> None:
        message = _COLOUR.sub("", message) if "\x1b" in message else message
        tags = role = job = ""
        if message.startswith("[") and (found := _TAGS.match(message)):
            tags, role, job = _tags_say(found[1].strip())
            message = message[found.end() :]
        found = STATEMENT.match(message)
        if found is None:
            self._job_event(place, us, message, job)
            return
        name, took, text = found.groups()
        if not role and (told := _ROLE.search(name)):
            role = told[1].lower()
        parameters: Parameters = ()
        if "[" in text and (binds := _BINDS.search(text)):
            parameters = _parameters(binds.group().strip())
            text = text[: binds.start()]
        took_us = round(float(took) * 1000)
        host = _HOST.search(text) if "/*" in text else None
        is_cached = _CACHE.search(name) is not None
        from_us = us - self.late_us - (0 if is_cached else took_us + _ROUNDING_US)
        to_us = us + self.step - 1
        sent = self.statement(
            Statement(
                place,
                context=f"{self.found.group}|{process}|{tags}",
                from_us=from_us,
                to_us=to_us,
                text=text,
                parsed=parse(text, parameters),
                is_cached=is_cached,
                job=job,
                seen_from_us=from_us,
                seen_to_us=to_us,
                server=role or (host[1] if host else ""),
            )
        )
        if sent.transaction is None and sent.verb == "insert" and _SAVED.search(name):
            sent.transaction = Transaction(is_torn=True)

    def _job_event(self, place: Place, us: int, message: str, of_tags: str) -> None:
        found = _ACTIVE_JOB.match(message.strip())
        if found is None:
            return
        word, task, job, rest = found.groups()
        job = job or of_tags
        arguments = _ARGUMENTS.search(rest)
        text = arguments[1] if arguments else ""
        self.event(Event(place, us, job, _EVENTS[word], "", task, text))


@lru_cache(maxsize=4096)
def _tags_say(told: str) -> tuple[str, str, str]:
    """The tags without that of a server, which server it names, and the id of the job."""
    role = _ROLE.search(told)
    tags = _ROLE.sub("", told).strip()
    return tags, role[1].lower() if role else "", _job_of(tags)


def _job_of(tags: str) -> str:
    """The id of the job among the tags of a line: what is said to be one, else the innermost."""
    if named := _JID.search(tags):
        return named[1]
    return next(reversed(_JOB.findall(tags)), "")


def _parameters(text: str) -> tuple[str | None, ...]:
    """The values of `[["user_id", 44], ["date", nil]]`, in order."""
    try:
        pairs = _DECODER.decode(_NIL.sub("null", text))
    except ValueError:
        return ()
    values = [pair[1] if isinstance(pair, list) and len(pair) > 1 else pair for pair in pairs]
    return tuple(None if value is None else str(value) for value in values)
