"""PostgreSQL's log: what its records say, as jsonlog and csvlog; as text see `postgres_text`.

A simple statement is logged at its start, its duration at its end. A parametrised one has parse,
bind and execute lines; its snapshot is taken in Bind, whose line bears the time of its end.
"""

import csv
import json
import re
from typing import Any, Final, NamedTuple

from settle_core.logs.lines.model import NEVER, Gap, Place, Statement
from settle_core.logs.lines.reader import Reader
from settle_core.logs.lines.sql_text import parse

# Times are cut to milliseconds.
_CUT_US: Final = 1_000
# Of a session, so many lines may wait for an earlier one before that is held to be lost.
_EARLY_MAX: Final = 256
# Durations without a text before an execution: of its parse and its bind.
_BARE_MAX: Final = 2
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
# The time of a record, its user, its database and its process.
_CSV_HEAD: Final = re.compile(
    r'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d+ ?[\w:+-]+,(?:"[^"]*"|\w*),(?:"[^"]*"|\w*),\d*,'
)
_CSV_LENGTH: Final = 23


class Record(NamedTuple):
    """A record of the log: when, whose by its session and number, and what."""

    place: Place
    us: int
    step: int
    session: str
    line: int | None
    message: str
    detail: str
    upto: int | None = None  # the number of its last line, where it has several


class _Session:
    """What is open in a session: its last statement, and the Bind before it.

    Attributes:
        last: the last statement, until its duration is told.
        bind: of the next execution: from when, until when, its text.
        bare: durations without a text since the last statement.
        line: the number of the last line.
        early: lines whose number is not yet due.
        gap: lines are missing before the next statement.
        parsed: the name of the prepared statement that was parsed last; empty where it has none.
        us, taken_us: the latest stamp, and that of the lines that were taken.
        context: its name; a number of a process may be given again.
    """

    def __init__(self, context: str) -> None:
        self.context = context
        self.us = self.taken_us = 0
        self.last: Statement | None = None
        self.bind: tuple[int, int, str] | None = None
        self.bare = 0
        self.parsed = ""
        self.line: int | None = None
        self.early: dict[int, Record] = {}
        self.gap = False


class Postgres(Reader):
    """Reads PostgreSQL's log in the form that a subclass knows."""

    kind = "PostgreSQL"
    is_begun_by_word = True

    def __init__(self, group: str, zone: str) -> None:
        """Start with no session."""
        super().__init__(group, zone)
        self._sessions: dict[str, _Session] = {}
        self._reused = 0

    @property
    def _fine(self) -> int:
        """How far after its stamp a line may have been written."""
        return max(self.step, _CUT_US)

    def record(self, record: Record) -> None:
        """Take one record, in the order of its session's lines where they are numbered."""
        if not record.session:
            record = record._replace(line=None)  # of which session is it the number?
        session = self._session(record)
        if record.line is None:
            self.at(record.us)
            session.us = max(session.us, record.us)
            self._take(record, session)
            return
        self.found.numbered = True
        if record.line > (session.line or 0):
            self.at(record.us, is_ordered=False)
            session.us = max(session.us, record.us)
        if record.line == (session.line or 0) + 1:
            self._number(record, session)
            while following := session.early.pop((session.line or 0) + 1, None):
                self._number(following, session)
        elif record.line > (session.line or 0):
            session.early[record.line] = record
            if len(session.early) > _EARLY_MAX:
                self._skip(session)
        else:
            self.found.repeated += 1  # a number of a session never comes again

    def _session(self, record: Record) -> _Session:
        """The session of a line: a new one where its numbers begin again at a later time."""
        session = self._sessions.get(record.session)
        if session is not None and record.line is not None:
            is_lower = record.line <= (session.line or 0)
            if is_lower and record.us > session.us + record.step:
                self._skip(session)
                self._reused += 1
                session = None
        if session is None:
            context = f"{self.found.group}|{record.session}"
            context += f" {self._reused}" if self._reused else ""
            session = self._sessions[record.session] = _Session(context)
        return session

    def _number(self, record: Record, session: _Session) -> None:
        session.line = record.upto or record.line
        self.found.backwards_us = max(self.found.backwards_us, session.taken_us - record.us)
        session.taken_us = max(session.taken_us, record.us)
        self._take(record, session)

    def _skip(self, session: _Session) -> None:
        """Take what came early, without the lines before it that are missing."""
        for number in sorted(session.early):
            if number > (session.line or 0) + 1:
                self._tear(number, session)
            self._number(session.early.pop(number), session)

    def _tear(self, number: int, session: _Session) -> None:
        """Note that lines before one are missing; before the first, a log may just begin late."""
        if session.line is not None:
            self.found.lost += number - session.line - 1
            session.gap = True
        session.bind = session.last = None
        session.parsed = ""
        order = self.sent(session.context)
        self.found.gaps.append(Gap(session.context, session.early[number].us, order))

    def passed(self, from_us: int, to_us: int) -> None:
        """Note that lines were passed over: which numbers they had is not known."""
        super().passed(from_us, to_us)
        for session in self._sessions.values():
            self._skip(session)
            session.gap |= session.line is not None
            session.line = None

    def end(self) -> None:
        """Take what waited for lines that never came."""
        for session in self._sessions.values():
            self._skip(session)

    def _take(self, record: Record, session: _Session) -> None:
        found = _DURATION.match(record.message)
        if found is not None:
            self._duration(record, session, found)
            return
        found = _STATEMENT.match(record.message)
        if found is not None:
            self._begun(record, session, found)
        self.found.audited += record.message.startswith("AUDIT: ")

    def _duration(self, record: Record, session: _Session, found: re.Match[str]) -> None:
        took_us = round(float(found[1]) * 1000)
        from_us, to_us = record.us - took_us - _CUT_US, record.us + record.step
        word, text = found[2], found[4]
        if word == "parse":
            session.parsed = _name(found[3])
        elif word == "bind":
            session.gap |= session.bind is not None
            session.bind = (from_us, to_us, text)
        elif word in {"statement", "execute"}:
            # Logged with its text at its end only: log_min_duration_statement.
            statement = self._new(record, session, text, _name(found[3]))
            statement.from_us, statement.to_us = from_us, to_us
            if word == "statement" or session.bind is None:
                statement.seen_from_us, statement.seen_to_us = from_us, to_us
            session.last = session.bind = None
        elif word is None and session.last is not None:
            last = session.last
            last.to_us = to_us
            last.more = (*last.more, record.place)
            if last.seen_to_us == NEVER:
                last.seen_to_us = to_us
            session.last = None
        elif word is None:
            session.bare += 1

    def _begun(self, record: Record, session: _Session, found: re.Match[str]) -> None:
        text = found[2]
        bind = session.bind
        is_simple = found[1] == "statement"
        # Who sent the statement of this duration? One execution has a parse's and a bind's alone.
        session.gap |= session.bare > (0 if is_simple else _BARE_MAX)
        session.gap |= bind is not None and (is_simple or bind[2] != text)
        name = "" if is_simple else _name(found[1].removeprefix("execute"))
        statement = self._new(record, session, text, name)
        if not is_simple and bind is not None and bind[2] == text:
            statement.seen_from_us, statement.seen_to_us = bind[0], bind[1]
            statement.from_us = min(statement.from_us, bind[0])
        session.bind = None
        session.last = statement

    def _new(self, record: Record, session: _Session, text: str, name: str) -> Statement:
        parameters: list[str | None] = []
        if record.detail.lower().startswith(("parameters: ", "parameters=")) or "$1 = " in (
            record.detail
        ):
            for number, value in _PARAMETER.findall(record.detail):
                parameters += [None] * (int(number) - len(parameters))
                is_null = f"${number} = NULL" in record.detail
                parameters[int(number) - 1] = None if is_null else value.replace("''", "'")
        statement = Statement(
            record.place,
            context=session.context,
            from_us=record.us,
            to_us=NEVER,
            text=text,
            parsed=parse(text, parameters),
            seen_from_us=record.us,
            seen_to_us=NEVER,
            # Of one with parameters and no values, the line of these is missing.
            gap=session.gap or ("$1" in text and not parameters),
            prepared=name,
            is_first=bool(name) and session.parsed == name,
        )
        session.gap = False
        session.parsed = ""
        session.bare = 0
        return self.statement(statement)


def _name(told: str | None) -> str:
    """The name of a prepared statement, as in `a1` or `a1/portal`; empty where it has none."""
    name = (told or "").strip().partition("/")[0]
    return "" if name.startswith("<") else name


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
            us = self.stamp(record["timestamp"])
            session = str(record.get("session_id") or record.get("pid") or "")
        except (ValueError, KeyError, TypeError):
            self.unread(line)
            return
        if us is None:
            self.unread(line)
            return
        message, detail = str(record.get("message", "")), str(record.get("detail", ""))
        number = record.get("line_num")
        self.record(Record(place, us, self._fine, session, number, message, detail))


class CsvLog(Postgres):
    """Reads csvlog, whose records may go on over lines."""

    def __init__(self, group: str, zone: str) -> None:
        """Start with no record begun."""
        super().__init__(group, zone)
        self._begun_record: tuple[Place, str] | None = None

    @classmethod
    def takes(cls, line: str) -> bool:
        """Whether a line is the start of a record of csvlog."""
        return _CSV_HEAD.match(line) is not None

    def read(self, place: Place, line: str) -> None:
        """Take one line, or a part of a record."""
        if self._begun_record is not None and _CSV_HEAD.match(line):
            self.unread(self._begun_record[1])  # cut off: a record begins within a text
            self._begun_record = None
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
            self.unread(text)
            return
        at = {name: fields[position] for name, position in _CSV_COLUMNS.items()}
        us = self.stamp(at["timestamp"])
        if us is None or not at["line_num"].isdigit():
            self.unread(text)
            return
        whole = Place(
            first.file, first.line, first.offset, place.offset + place.length - first.offset
        )
        number, message = int(at["line_num"]), at["message"]
        session = at["session_id"]
        self.record(Record(whole, us, self._fine, session, number, message, at["detail"]))
