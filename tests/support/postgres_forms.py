"""PostgreSQL's records in the forms that its servers and their clouds write them in."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Any, Final

Record = dict[str, Any]
Head = Callable[[Record, int, int], str]
# elog.c: a longer piece is not sent to syslog.
_PIECE_MAX: Final = 900
HEROKU: Final = (
    ' sql_error_code = %e time_ms = "%m" pid="%p" proc_start_time="%s" session_id="%c" vtid="%v" '
    'tid="%x" log_line="%l" %qdatabase="%d" connection_source="%r" user="%u" application_name="%a" '
)


def _value(told: Record, escape: str, number: int) -> object:
    at = told["timestamp"]
    return {
        "m": at,
        "t": re.sub(r"\.\d+", "", at),
        "n": f"{datetime.fromisoformat(at.replace(' UTC', '+00:00')).timestamp():.3f}",
        "p": told["pid"],
        "c": told["session_id"],
        "l": number,
        "u": told["user"],
        "d": told["dbname"],
        "a": told["application_name"],
        "h": told["remote_host"],
        "r": f"{told['remote_host']}({told['remote_port']})",
        "v": told["vxid"],
        "x": told["txid"],
        "e": "00000",
        "s": told["session_start"],
        "i": told["ps"],
        "b": told["backend_type"],
        "%": "%",
    }.get(escape, "")


class Server:
    """Writes records as text; lines are counted by session as the server counts them."""

    def __init__(self, prefix: str) -> None:
        """Of the `log_line_prefix`, each line has its own."""
        self.prefix = prefix
        self._lines: Counter[str] = Counter()
        self._messages: Counter[str] = Counter()

    def head(self, told: Record) -> str:
        """What stands before a line of a record."""
        self._lines[told["session_id"]] += 1
        number = 20 + self._lines[told["session_id"]]
        return re.sub(r"%(\w|%)", lambda m: str(_value(told, m[1], number)), self.prefix)

    def text(self, line: str) -> str:
        """A record of jsonlog as on stderr."""
        told = json.loads(line)
        message = told["message"].replace("\n", "\n\t")
        text = f"{self.head(told)}{told['error_severity']}:  {message}"
        return f"{text}\n{self.head(told)}DETAIL:  {told['detail']}" if "detail" in told else text

    def stderr(self, log: Iterable[str]) -> list[str]:
        """The lines of a log on stderr."""
        return [line for record in log for line in self.text(record).split("\n")]

    def syslog(self, log: Iterable[str], head: Head) -> Iterator[str]:
        """The lines of a log that went through syslog."""
        for record in log:
            told = json.loads(record)
            writer = "" if head is heroku else told["session_id"]
            self._messages[writer] += 1
            for number, piece in enumerate(_pieces(self.text(record)), start=1):
                text = piece.replace("\t", "#011")
                yield f"{head(told, self._messages[writer] + 100, number)}{text}"


def _pieces(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        left = line
        while len(left) > _PIECE_MAX:
            at = max(left.rfind(" ", 1, _PIECE_MAX), 0) or _PIECE_MAX
            yield left[:at]
            left = left[at:]
        yield left


def rsyslog(told: Record, message: int, piece: int) -> str:
    """As Debian's and Red Hat's files were for long: no year, whole seconds."""
    at = told["timestamp"][11:19]
    return f"Nov 26 {at} db1 postgres[{told['pid']}]: [{message}-{piece}] "


def rsyslog_fine(told: Record, message: int, piece: int) -> str:
    """As they are now."""
    at = told["timestamp"][:23].replace(" ", "T")
    return f"{at}412+00:00 db1 postgres[{told['pid']}]: [{message}-{piece}] "


def rfc_5424(told: Record, message: int, piece: int) -> str:
    """As it goes over the network."""
    at = told["timestamp"][:23].replace(" ", "T")
    return f"<134>1 {at}412Z db1 postgres {told['pid']} - - [{message}-{piece}] "


def heroku(told: Record, message: int, piece: int) -> str:
    """Of the process that hands all lines on; its numbers are of its own messages."""
    at = told["timestamp"][:19].replace(" ", "T")
    return f"{at}.000000+00:00 app[postgres.7]: [DATABASE] [{message}-{piece}] "


def audited(log: Iterable[str]) -> Iterator[str]:
    """Records of jsonlog with those of pgAudit: after a simple statement, else in its bind."""
    numbers: Counter[str] = Counter()
    for told in map(json.loads, log):
        audit: list[Record] = []
        found = re.match(
            r"statement: (.*)$|duration: \S+ ms  bind \S+: (.*)$", told["message"], re.DOTALL
        )
        if found is not None:
            text = (found[1] or found[2]).replace('"', '""')
            message = f'AUDIT: SESSION,1,1,READ,SELECT,,,"{text}",<not logged>'
            audit = [{**told, "message": message}]
        is_simple = found is not None and found[1] is not None
        for each in [told, *audit] if is_simple else [*audit, told]:
            numbers[told["session_id"]] += 1
            yield json.dumps({**each, "line_num": 20 + numbers[told["session_id"]]})
