"""PostgreSQL's log: jsonlog, csvlog, or stderr with a known `log_line_prefix`.

A simple statement is logged at its start, its duration at its end. A parametrised one has parse,
bind and execute lines; its snapshot is taken in Bind, whose line bears the time of its end.
"""

import csv
import json
import re
from typing import Any, Final, NamedTuple

from settle_core.logs import clock
from settle_core.logs.model import NEVER, Place, Statement
from settle_core.logs.reader import Reader
from settle_core.logs.sql_text import parse

# Times are cut to milliseconds.
_CUT_US: Final = 1_000
_DURATION: Final = re.compile(
    r"duration: ([\d.]+) ms(?:  (parse|bind|execute|statement)(?: ([^:]*))?: (.*))?$", re.DOTALL
)
_STATEMENT: Final = re.compile(r"(statement|execute [^:]*): (.*)$", re.DOTALL)
_PARAMETER: Final = re.compile(r"\$(\d+) = (?:'((?:[^']|'')*)'|NULL)")
_CSV_COLUMNS: Final = {
    "timestamp": 0,
    "pid": 3,
    "session_id": 5,
    "line_num": 6,
    "vxid": 9,
    "message": 13,
    "detail": 14,
}
_CSV_LENGTH: Final = 23
# What a prefix may hold, as patterns; any other escape matches anything short.
_ESCAPES: Final = {
    "m": r"(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ \S+)",
    "t": r"(?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S+)",
    "n": r"(?P<epoch>\d+\.\d+)",
    "p": r"(?P<pid>\d+)",
    "c": r"(?P<session>[0-9a-f]+\.[0-9a-f]+)",
    "l": r"(?P<line>\d+)",
    "v": r"(?P<vxid>\d+/\d+|)",
    "x": r"(?P<txid>\d+)",
    "q": "",
    "%": "%",
}
PREFIXES: Final = (
    "%m [%p] ",
    "%m [%p] %q%u@%d ",
    "%m %c %l %v %x %a ",
    "%m [%p] [%c] [%l] ",
    "%t [%p] ",
    "%t [%p]: ",
    "%t [%p]: [%l-1] ",
    "%t:%r:%u@%d:[%p]:",
    "%t [%p]: user=%u,db=%d,app=%a,client=%h ",
    "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
    "%m [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
)
_SEVERITY: Final = r"(?P<severity>[A-Z]{3,12}|[^\W\d_]{3,16}):  (?P<message>.*)$"


class _Record(NamedTuple):
    us: int
    session: str
    line: int | None
    message: str
    detail: str


class _Session:
    """What is open in a session: its last statement, and the Bind before it."""

    def __init__(self) -> None:
        self.last: Statement | None = None
        self.bind: tuple[int, int, str, Place] | None = None
        self.line: int | None = None
        self.gap = False


class Postgres(Reader):
    """Reads PostgreSQL's log in the form that a subclass knows."""

    kind = "PostgreSQL"

    def __init__(self, group: str, zone: str) -> None:
        """Start with no session."""
        super().__init__(group, zone)
        self._sessions: dict[str, _Session] = {}

    def record(self, place: Place, record: _Record) -> None:
        """Take one record."""
        self.at(record.us)
        session = self._sessions.setdefault(record.session, _Session())
        if record.line is not None:
            self.found.numbered = True
            if session.line is not None and record.line > session.line + 1:
                session.gap = True
                session.bind = session.last = None
            session.line = record.line
        found = _DURATION.match(record.message)
        if found is not None:
            self._duration(place, record, session, found)
            return
        found = _STATEMENT.match(record.message)
        if found is not None:
            self._begun(place, record, session, found)

    def _duration(
        self, place: Place, record: _Record, session: _Session, found: re.Match[str]
    ) -> None:
        took_us = round(float(found[1]) * 1000)
        from_us, to_us = record.us - took_us - _CUT_US, record.us + _CUT_US
        word, text = found[2], found[4]
        if word == "bind":
            session.bind = (from_us, to_us, text, place)
        elif word in {"statement", "execute"}:
            # Logged with its text at its end only: log_min_duration_statement.
            statement = self._new(place, record, session, text)
            statement.from_us, statement.to_us = from_us, to_us
            if word == "statement" or session.bind is None:
                statement.seen_from_us, statement.seen_to_us = from_us, to_us
            session.last = session.bind = None
        elif word is None and session.last is not None:
            last = session.last
            last.to_us = to_us
            last.more.append(place)
            if last.seen_to_us == NEVER:
                last.seen_to_us = to_us
            session.last = None

    def _begun(
        self, place: Place, record: _Record, session: _Session, found: re.Match[str]
    ) -> None:
        text = found[2]
        bind = session.bind
        statement = self._new(place, record, session, text)
        if found[1] != "statement" and bind is not None and bind[2] == text:
            statement.seen_from_us, statement.seen_to_us = bind[0], bind[1]
            statement.from_us = min(statement.from_us, bind[0])
        session.bind = None
        session.last = statement

    def _new(self, place: Place, record: _Record, session: _Session, text: str) -> Statement:
        parameters: list[str | None] = []
        if record.detail.lower().startswith(("parameters: ", "parameters=")) or "$1 = " in (
            record.detail
        ):
            for number, value in _PARAMETER.findall(record.detail):
                parameters += [None] * (int(number) - len(parameters))
                is_null = f"${number} = NULL" in record.detail
                parameters[int(number) - 1] = None if is_null else value.replace("''", "'")
        statement = Statement(
            place,
            context=f"{self.found.group}|{record.session}",
            from_us=record.us,
            to_us=NEVER,
            text=text,
            parsed=parse(text, parameters),
            seen_from_us=record.us,
            seen_to_us=NEVER,
            gap=session.gap,
        )
        session.gap = False
        return self.statement(statement)


class JsonLog(Postgres):
    """Reads jsonlog."""

    @classmethod
    def takes(cls, line: str) -> bool:
        """Whether a line is of jsonlog."""
        return line.startswith("{") and '"error_severity"' in line and '"timestamp"' in line

    def read(self, place: Place, line: str) -> None:
        """Take one line."""
        try:
            record: dict[str, Any] = json.loads(line)
            us = clock.instant(record["timestamp"], self.zone)
            session = str(record.get("session_id") or record.get("pid") or "")
        except (ValueError, KeyError, TypeError):
            self.unread()
            return
        if us is None:
            self.unread()
            return
        message, detail = str(record.get("message", "")), str(record.get("detail", ""))
        self.record(place, _Record(us, session, record.get("line_num"), message, detail))


class CsvLog(Postgres):
    """Reads csvlog, whose records may go on over lines."""

    def __init__(self, group: str, zone: str) -> None:
        """Start with no record begun."""
        super().__init__(group, zone)
        self._begun_record: tuple[Place, str] | None = None

    @classmethod
    def takes(cls, line: str) -> bool:
        """Whether a line is the start of a record of csvlog."""
        if not line[:4].isdigit() or line.count('"') < 2:  # noqa: PLR2004  one field in quotes
            return False
        fields = next(csv.reader([line]), [])
        return len(fields) >= _CSV_LENGTH or (len(fields) > 12 and "/" in "".join(fields[9:10]))  # noqa: PLR2004

    def read(self, place: Place, line: str) -> None:
        """Take one line, or a part of a record."""
        if self._begun_record is not None:
            first, text = self._begun_record
            text = f"{text}\n{line}"
        else:
            first, text = place, line
        if text.count('"') % 2:
            self._begun_record = (first, text)
            return
        self._begun_record = None
        fields = next(
            csv.reader([text] if "\n" not in text else text.splitlines(keepends=True)), []
        )
        if len(fields) < _CSV_LENGTH - 1:
            self.unread()
            return
        at = {name: fields[position] for name, position in _CSV_COLUMNS.items()}
        us = clock.instant(at["timestamp"], self.zone)
        if us is None or not at["line_num"].isdigit():
            self.unread()
            return
        record = _Record(us, at["session_id"], int(at["line_num"]), at["message"], at["detail"])
        whole = Place(
            first.file, first.line, first.offset, place.offset + place.length - first.offset
        )
        self.record(whole, record)


class StderrLog(Postgres):
    """Reads stderr lines with a prefix; the first of the well-known ones that fits, or a given."""

    prefix = ""

    def __init__(self, group: str, zone: str) -> None:
        """Start with nothing begun."""
        super().__init__(group, zone)
        self._pattern: re.Pattern[str] | None = pattern(self.prefix) if self.prefix else None
        self._held: tuple[Place, dict[str, str]] | None = None
        self._detail = ""

    @classmethod
    def takes(cls, line: str) -> bool:
        """Whether a line has a known prefix and a severity."""
        known = (cls.prefix,) if cls.prefix else PREFIXES
        return any(pattern(each).match(line) for each in known) and ":  " in line

    def read(self, place: Place, line: str) -> None:
        """Take one line; one without a prefix goes on the last."""
        if self._pattern is None:
            self._pattern = next((pattern(p) for p in PREFIXES if pattern(p).match(line)), None)
        found = self._pattern.match(line) if self._pattern else None
        if found is None:
            if self._held is None:
                self.unread()
            elif self._detail:
                self._detail += f"\n{line.lstrip(chr(9))}"
            else:
                self._held[1]["message"] += "\n" + line.lstrip("\t")
            return
        parts = {k: v or "" for k, v in found.groupdict().items()}
        if parts["severity"] in {"DETAIL", "HINT", "STATEMENT", "CONTEXT", "LOCATION", "QUERY"}:
            if parts["severity"] == "DETAIL":
                self._detail = parts["message"]
            if parts.get("line", "").isdigit() and self._held is not None:
                self._held[1]["last_line"] = parts["line"]
            return
        self.end()
        self._held = (place, parts)

    def end(self) -> None:
        """Take the line that was held back for its detail."""
        if self._held is None:
            return
        place, parts = self._held
        self._held, detail, self._detail = None, self._detail, ""
        if parts.get("epoch"):
            us: int | None = round(float(parts["epoch"]) * 1_000_000)
        else:
            us = clock.instant(parts.get("at", ""), self.zone)
        if us is None:
            self.unread()
            return
        session = parts.get("session") or parts.get("pid") or ""
        number = int(parts["line"]) if parts.get("line", "").isdigit() else None
        self.record(place, _Record(us, session, number, parts["message"], detail))
        if "last_line" in parts:
            self._sessions[session].line = int(parts["last_line"])


_PATTERNS: dict[str, re.Pattern[str]] = {}


def pattern(prefix: str) -> re.Pattern[str]:
    """The pattern of a line under a `log_line_prefix`."""
    if prefix not in _PATTERNS:
        parts = re.split(r"%-?\d*([a-zA-Z%])", prefix)
        text = "".join(
            _ESCAPES.get(part, r"[^\n]*?") if number % 2 else re.escape(part)
            for number, part in enumerate(parts)
        )
        _PATTERNS[prefix] = re.compile(text + r"\s*" + _SEVERITY, re.DOTALL)
    return _PATTERNS[prefix]
