"""Sidekiq's own log, as text or as JSON: when each job began and how it ended.

A failure is told by `fail` and by a warning of the same thread that holds the job as JSON, with its
arguments and whether it is tried again. A process that is killed says nothing: its jobs just have
no end.
"""

import json
import re
from typing import Any, Final

from settle_core.logs.lines.model import Event, Place
from settle_core.logs.lines.reader import Reader

_LINE: Final = re.compile(
    r"(\S+) pid=(\d+) tid=(\S+) ((?:[a-z]+=\S+ )*)(DEBUG|INFO|WARN|ERROR|FATAL): (.*)$", re.DOTALL
)
_OLD: Final = re.compile(
    r"(\S+) (\d+) TID-(\S+) (?:(\S+) JID-(\S+) )?(DEBUG|INFO|WARN|ERROR|FATAL): (.*)$", re.DOTALL
)
_WORDS: Final = frozenset({"start", "done", "fail"})


class Sidekiq(Reader):
    """Reads Sidekiq's log."""

    kind = "Sidekiq"

    @classmethod
    def takes(cls, line: str) -> bool:
        """Whether a line is of Sidekiq's log."""
        if line.startswith("{"):
            return '"tid":' in line and '"lvl":' in line
        return _LINE.match(line) is not None or _OLD.match(line) is not None

    def read(self, place: Place, line: str) -> None:
        """Take one line; those of a backtrace stand without a head."""
        if line.startswith("{"):
            self._json(place, line)
            return
        job = task = ""
        if found := _LINE.match(line):
            at, process, thread, context, _, message = found.groups()
            named = dict(pair.split("=", 1) for pair in context.split())
            job, task = named.get("jid", ""), named.get("class", "")
        elif found := _OLD.match(line):
            at, process, thread, task, job, _, message = found.groups()
        else:
            if not line.startswith(("/", " ", "\t")):
                self.unread(line)
            return
        us = self.stamp(at)
        if us is None:
            self.unread(line)
            return
        self.at(us)
        self._take(place, us, f"{process} {thread}", (job or "", task or "", message))

    def _json(self, place: Place, line: str) -> None:
        try:
            record: dict[str, Any] = json.loads(line)
        except ValueError:
            self.unread(line)
            return
        us = self.stamp(str(record.get("ts", "")))
        if us is None:
            self.unread(line)
            return
        self.at(us)
        context = record.get("ctx") or {}
        worker = f"{record.get('pid', '')} {record.get('tid', '')}"
        job, task = str(context.get("jid", "")), str(context.get("class", ""))
        self._take(place, us, worker, (job, task, str(record.get("msg", ""))))

    def _take(self, place: Place, us: int, worker: str, told: tuple[str, str, str]) -> None:
        job, task, message = told
        word = message.split(maxsplit=1)[0].strip(":") if message else ""
        if word == "start":
            us -= self.late_us
        if job and word in _WORDS:
            self.event(Event(place, us, job, word, worker, task))
        elif message.startswith("Boot"):
            self.event(Event(place, us, "", "boot", worker))
        elif message.startswith("{") and '"context"' in message:
            self._failure(place, us, worker, message)

    def _failure(self, place: Place, us: int, worker: str, message: str) -> None:
        """The warning after a failure: the job with its arguments."""
        try:
            record = json.loads(message)
        except ValueError:
            return
        job = record.get("job") or {}
        if "jid" not in job:
            return
        retried = job.get("retry") not in {False, None, "false"}
        arguments = json.dumps(job.get("args", []))
        name = "retry" if retried else "discard"
        self.event(Event(place, us, job["jid"], name, worker, job.get("class", ""), arguments))
