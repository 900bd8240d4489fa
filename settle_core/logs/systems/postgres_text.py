"""PostgreSQL's log as text: stderr with a `log_line_prefix`, and what goes through syslog.

Syslog gets a message in pieces, each with the number of the message in its process and its own:
`postgres[77]: [3-1] ...`, `[3-2] ...`. A piece ends at a line's end, or where the next would be too
long; tabs are written as `#011`. Heroku's log is of that form, with numbers of its own.
"""

import re
from dataclasses import dataclass, field
from typing import Final

from settle_core.logs.lines.model import Place
from settle_core.logs.systems import prefix
from settle_core.logs.systems.postgres import Postgres, Record

# A line that goes on no other, though its head is not of the form that is known.
_OTHER: Final = re.compile(
    r"(?!\t)[^'\n]{0,120}?\d{4}-\d\d-\d\d \d\d:\d\d:\d\d[^'\n]{0,300}?[^\W\d_]{3,16}:  "
)
_FURTHER: Final = frozenset({"DETAIL", "HINT", "STATEMENT", "CONTEXT", "LOCATION", "QUERY"})


@dataclass
class _Held:
    """A message that may go on: where it began, the parts of its first line, its detail."""

    place: Place
    parts: dict[str, str]
    detail: str = ""
    number: str = ""
    pieces: int = 1
    shape: str = field(default="")

    def goes_on(self, text: str) -> None:
        """Take more of what was told last."""
        if self.detail:
            self.detail += text
        else:
            self.parts["message"] += text

    def adds(self, parts: dict[str, str]) -> None:
        """Take a further line of the message with a head of its own."""
        if parts["severity"] == "DETAIL":
            self.detail = parts["message"]
        if parts.get("line", "").isdigit():
            self.parts["last_line"] = parts["line"]


class _Text(Postgres):
    """Messages of several lines."""

    def _taken(self, held: _Held) -> None:
        parts = held.parts
        if parts.get("epoch"):
            us: int | None = round(float(parts["epoch"]) * 1_000_000)
        else:
            us = self.stamp(parts.get("at", ""))
        if us is None:
            self.unread(parts["message"])
            return
        session = parts.get("session") or parts.get("pid") or ""
        number = int(parts["line"]) if parts.get("line", "").isdigit() else None
        upto = int(parts["last_line"]) if "last_line" in parts else None
        text = parts["message"]
        self.record(Record(held.place, us, self._fine, session, number, text, held.detail, upto))


class StderrLog(_Text):
    """Reads stderr lines with a prefix; the first of the well-known ones that fits, or a given."""

    prefix = ""

    def __init__(self, group: str, zone: str) -> None:
        """Start with nothing begun."""
        super().__init__(group, zone)
        self._pattern: re.Pattern[str] | None = prefix.pattern(self.prefix) if self.prefix else None
        self._held: _Held | None = None
        self.told_prefix = self.prefix

    @classmethod
    def takes(cls, line: str) -> bool:
        """Whether a line has a known prefix and a severity."""
        known = (cls.prefix,) if cls.prefix else prefix.KNOWN
        return ":  " in line and any(prefix.pattern(each).match(line) for each in known)

    def read(self, place: Place, line: str) -> None:
        """Take one line; one without a prefix goes on the last."""
        found = self._pattern.match(line) if self._pattern else None
        if found is None and not line.startswith("\t"):
            # Of processes that serve no session, a prefix may be shorter.
            known = next((k for k in prefix.KNOWN if prefix.pattern(k).match(line)), None)
            if known is not None:
                found = prefix.pattern(known).match(line)
                if not self.prefix:
                    self._pattern, self.told_prefix = prefix.pattern(known), known
        if found is None:
            if self._held is None or _OTHER.match(line):
                self._flush()
                self.unread(line)
            else:
                self._held.goes_on("\n" + line.lstrip("\t"))
            return
        parts = {k: v or "" for k, v in found.groupdict().items()}
        if parts["severity"] in _FURTHER:
            if self._held is not None:
                self._held.adds(parts)
            return
        self._flush()
        self._held = _Held(place, parts)

    def end(self) -> None:
        """Take what is held back, for its detail or for lines before it."""
        self._flush()
        super().end()

    def _flush(self) -> None:
        held, self._held = self._held, None
        if held is not None:
            self._taken(held)


_ISO: Final = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)"
_PIECE: Final = r"\[(?P<number>\d+)(?:-(?P<piece>\d+))?\] (?P<text>.*)$"
_HEADS: Final = (
    # A file of rsyslog or syslog-ng, journalctl; and the same as RFC 5424 sends it.
    re.compile(
        rf"(?:<\d+>)?(?:[A-Z][a-z]{{2}} [ \d]\d \d\d:\d\d:\d\d(?:\.\d+)?|(?P<at>{_ISO}))"
        rf" (?P<host>[\w.:-]+) [\w./-]+\[(?P<pid>\d+)\]: {_PIECE}",
        re.DOTALL,
    ),
    re.compile(
        rf"<\d+>\d (?P<at>{_ISO}) (?P<host>\S+) \S+ (?P<pid>\d+) \S+ (?:-|(?:\[.*?\])+) ?\ufeff?"
        + _PIECE,
        re.DOTALL,
    ),
    re.compile(rf"(?P<at>{_ISO}) app\[postgres\.(?P<host>\d+)\]: \[\w+\] {_PIECE}", re.DOTALL),
)
_SEVERITY: Final = re.compile(
    r"(?P<before>.*?)(?P<severity>[A-Z]{3,12}|[^\W\d_]{3,16}):  (?P<message>.*)$", re.DOTALL
)
_AT: Final = re.compile(
    r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\.\d+)? [\w+/-]+|(?<![\d.])\d{10}\.\d{3}"
)
_SESSION: Final = re.compile(r"(?<![\w.])[0-9a-f]{6,8}\.[0-9a-f]{1,8}(?![\w.])")
_NAMED: Final = re.compile(r'(?<!\w)(pid|log_line)="(\d+)"')
# The daemon's stamp is later than what it tells, by no more than this.
_LATE_US: Final = 100_000


class SyslogLog(_Text):
    """Reads what PostgreSQL sent to syslog, whatever its `log_line_prefix`."""

    def __init__(self, group: str, zone: str) -> None:
        """Start with nothing begun."""
        super().__init__(group, zone)
        self._held: dict[str, _Held] = {}

    @classmethod
    def takes(cls, line: str) -> bool:
        """Whether a line is the first piece of a message, and tells when it was."""
        head = _head(line)
        told = _SEVERITY.match(head["text"]) if head and head["piece"] in {"", "1"} else None
        if head is None or told is None:
            return False
        return bool(_AT.search(told["before"]) or head["at"])

    def read(self, place: Place, line: str) -> None:
        """Take one piece of a message."""
        head = _head(line)
        if head is None:
            self.unread(line)
            return
        writer = f"{head['host']} {head['pid']}"
        text = head["text"]
        told = _SEVERITY.match(text)
        shape = re.sub(r"\d+", "0", told["before"]) if told else ""
        piece = int(head["piece"] or 1)
        if piece == 1:
            self._flush(writer)
            if told is None:
                self.unread(text)
                return
            parts = _parts(head, told)
            self._held[writer] = _Held(place, parts, number=head["number"], shape=shape)
            return
        held = self._held.get(writer)
        if held is None or held.number != head["number"]:
            self._flush(writer)
            self.unread(text)
            return
        if piece != held.pieces + 1:
            del self._held[writer]
            self.unread(f"{held.parts['message']}{text}")
            return
        held.pieces = piece
        if told is not None and told["severity"] in _FURTHER and shape == held.shape:
            line = "" if head["pid"] else _parts(head, told)["line"]
            held.adds({**told.groupdict(), "line": line})
        else:
            held.goes_on("\n" + text.lstrip("\t") if text.startswith("\t") else text)

    def end(self) -> None:
        """Take what is held back for further pieces."""
        for writer in list(self._held):
            self._flush(writer)
        super().end()

    def _flush(self, writer: str) -> None:
        held = self._held.pop(writer, None)
        if held is not None:
            self._taken(held)

    def stamp(self, text: str) -> int | None:
        """The instant of a stamp; of a daemon's, the earliest that what it tells was at."""
        us = super().stamp(text)
        if us is None or text[10:11] != "T":
            return us
        self.step = max(self.step, 1) + _LATE_US
        self.found.step_us = max(self.found.step_us, self.step)
        return us - _LATE_US


def _head(line: str) -> dict[str, str] | None:
    found = next((m for each in _HEADS if (m := each.match(line))), None)
    if found is None:
        return None
    head = {"pid": ""} | {k: v or "" for k, v in found.groupdict().items()}
    head["text"] = head["text"].replace("#011", "\t")
    if not head["piece"] and head["number"]:
        # Without numbers of messages, it is the piece's.
        head["number"], head["piece"] = "", head["number"]
    return head


def _parts(head: dict[str, str], told: re.Match[str]) -> dict[str, str]:
    """What a message's first line tells: by its prefix, and else by the daemon."""
    before = told["before"]
    # The time of a session's start, where there is one, is the earlier, and has no fraction.
    stamps = sorted(_AT.findall(before), key=lambda at: ("." in at, at))
    session = _SESSION.search(before)
    named = dict(_NAMED.findall(before))
    at = stamps[-1] if stamps else head["at"]
    is_epoch = at[:10].isdigit()
    is_own = bool(head["pid"])  # Heroku's numbers are those of the process that hands lines on
    return {
        "at": "" if is_epoch else at,
        "epoch": at if is_epoch else "",
        "session": session.group() if session else "",
        "pid": f"{head['host']} {head['pid']}" if is_own else named.get("pid", ""),
        "line": head["number"] if is_own else named.get("log_line", ""),
        "severity": told["severity"],
        "message": told["message"],
    }
