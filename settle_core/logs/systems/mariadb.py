"""MariaDB's and MySQL's general log and slow log, as files or as tables that were written out.

The general log's file is written on arrival, in order, with the time once a second: its order tells
more than its clock, so that lines of one second are kept apart by their order. Only the slow log
tells when a statement ended. Transactions begin without a word where autocommit is off, and under
the default REPEATABLE READ the first plain SELECT pins what the later ones see; a locking one does
not, and sees the latest.
"""

import csv
import re
from typing import Final

from settle_core.logs.lines import clock
from settle_core.logs.lines.model import NEVER, Place, Statement, Transaction
from settle_core.logs.lines.reader import Reader
from settle_core.logs.lines.sql_text import parse

_GENERAL: Final = re.compile(
    r"(?:(\d{6} +\d{1,2}:\d\d:\d\d|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d))|\t)?\s+(\d+)"
    r" (Query|Execute|Prepare|Connect|Quit|Init DB|Close stmt|Statistics|Reset stmt)(?:\t(.*))?$",
    re.DOTALL,
)
_SLOW_TIME: Final = re.compile(r"# Time: (.*)$")
_SLOW_THREAD: Final = re.compile(r"# (?:Thread_id|User@Host.*\sId): *(\d+)")
_SLOW_QUERY: Final = re.compile(r"# Query_time: ([\d.]+)")
_TIMESTAMP: Final = re.compile(r"SET timestamp=(\d+(?:\.\d+)?);")
_DEFAULT: Final = "repeatable read"
_SECOND_US: Final = 1_000_000
_AUTOCOMMIT: Final = re.compile(r"SET (?:SESSION )?autocommit *= *(0|1|ON|OFF)", re.IGNORECASE)
_TABLE_HEADS: Final = ("event_time", "start_time")


class MariaDb(Reader):
    """Reads MariaDB's logs."""

    kind = "MariaDB"

    def __init__(self, group: str, zone: str) -> None:
        """Start with no session."""
        super().__init__(group, zone)
        self._second = 0
        self._us = 0
        self._held: tuple[Place, int, int, str, str] | None = None
        self._slow: dict[str, str] = {}
        self._columns: list[str] = []
        self._delimiter = "\t"
        self._manual: set[str] = set()

    @classmethod
    def takes(cls, line: str) -> bool:
        """Whether a line is of such a log."""
        return (
            _GENERAL.match(line) is not None
            or _SLOW_QUERY.match(line) is not None
            or line.strip('"').startswith(_TABLE_HEADS)
        )

    def read(self, place: Place, line: str) -> None:
        """Take one line; one without a head goes on the statement before it."""
        if line.strip('"').startswith(_TABLE_HEADS):
            self._delimiter = "\t" if "\t" in line else ","
            self._columns = [c.strip('"') for c in line.split(self._delimiter)]
        elif self._columns:
            self._table(place, line)
        elif line.startswith("#") or self._slow:
            self._slow_line(place, line)
        elif found := _GENERAL.match(line):
            self._general(place, found)
        elif self._held is not None:
            first, from_us, to_us, session, text = self._held
            self._held = first, from_us, to_us, session, f"{text}\n{line}"

    def _general(self, place: Place, found: re.Match[str]) -> None:
        at, session, command, argument = found.groups()
        self.end()
        if at is not None:
            second = clock.compact(at, self.zone)
            if second is None:
                self.unread(argument or "")
                return
            self._second = second
        if not self._second:
            self.found.unread += 1  # a file that goes on begins without a time
            return
        self._us = max(self._us + 1, self._second)
        self.at(self._us)
        text = argument or ""
        if command in {"Query", "Execute"}:
            self._held = place, self._us, NEVER, session, text
        elif command == "Connect":
            self._manual.discard(session)

    def _slow_line(self, place: Place, line: str) -> None:
        if found := _SLOW_TIME.match(line):
            self._slow["time"] = found[1]
            return
        if found := _SLOW_THREAD.match(line):
            self._slow["session"] = found[1]
            return
        if found := _SLOW_QUERY.match(line):
            self._slow["took"] = found[1]
            return
        if line.startswith("#") or line.lower().startswith("use "):
            return
        if found := _TIMESTAMP.match(line):
            self._slow["stamp"] = found[1]
            return
        text = self._slow.get("text", "")
        self._slow["text"] = f"{text}\n{line}" if text else line
        if line.endswith(";"):
            self._slow_statement(place)

    def _slow_statement(self, place: Place) -> None:
        """The stamp is the start, in seconds unless it has a fraction."""
        slow, self._slow = self._slow, {"time": self._slow.get("time", "")}
        took = round(float(slow.get("took", "0")) * _SECOND_US)
        stamp = slow.get("stamp", "")
        if stamp:
            start = round(float(stamp) * _SECOND_US)
        else:
            start = clock.compact(slow.get("time", ""), self.zone) or 0
        loose = 0 if "." in stamp else _SECOND_US
        self.at(start)
        text = slow["text"].rstrip(";")
        self._take(place, start, start + took + loose, (slow.get("session", ""), text))

    def _table(self, place: Place, line: str) -> None:
        fields = next(csv.reader([line], delimiter=self._delimiter, escapechar="\\"), [])
        if len(fields) != len(self._columns):
            self.unread(line)
            return
        row = dict(zip(self._columns, fields, strict=True))
        at = row.get("event_time") or row.get("start_time") or ""
        us = clock.instant(at, self.zone)
        if us is None or row.get("command_type", "Query") not in {"Query", "Execute"}:
            return
        self.at(us)
        session = re.sub(r"\D", "", row.get("thread_id", ""))
        text = row.get("argument") or row.get("sql_text") or ""
        to_us = NEVER
        if took := row.get("query_time"):
            seconds = sum(float(part) * 60**k for k, part in enumerate(reversed(took.split(":"))))
            to_us = us + round(seconds * _SECOND_US)
        self._take(place, us, to_us, (session, text))

    def end(self) -> None:
        """Take the statement that was held back for its further lines."""
        if self._held is not None:
            place, from_us, to_us, session, text = self._held
            self._held = None
            self._take(place, from_us, to_us, (session, text))

    def _take(self, place: Place, from_us: int, to_us: int, sent: tuple[str, str]) -> None:
        session, text = sent
        context = f"{self.found.group}|{session}"
        if found := _AUTOCOMMIT.match(text):
            if found[1].upper() in {"0", "OFF"}:
                self._manual.add(session)
            else:
                self._manual.discard(session)
        parsed = parse(text)
        is_work = parsed.verb in {"select", "insert", "update", "delete"}
        if is_work and session in self._manual and context not in self._open:
            self._open[context] = Transaction(isolation=self._next.pop(context, ""))
        statement = Statement(
            place,
            context,
            from_us,
            to_us,
            text,
            parsed,
            seen_from_us=from_us,
            seen_to_us=to_us,
        )
        self.statement(statement)
        own = statement.transaction
        if own is not None and not own.isolation:
            own.isolation = self._lasting.get(context, _DEFAULT)
        if own is not None and own.first_read is statement and (parsed.locks or not parsed.table):
            own.first_read = None  # a locking read sees the latest, and pins nothing
