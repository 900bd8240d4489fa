"""PostgreSQL's `log_line_prefix` as a pattern of its lines: the well-known ones, or any other."""

import re
from typing import Final

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
    "e": r"[0-9A-Z]{5}",
    "r": r"[^\s,]*?",
    "s": r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \w+",
    "q": "",
    "%": "%",
}
KNOWN: Final = (
    "%m [%p] ",
    "%m [%p] %q%u@%d ",
    "%m %c %l %v %x %a ",
    "%m [%p] [%c] [%l] ",
    "%t [%p] ",
    "%t [%p]: ",
    "%t [%p]: [%l-1] ",
    "%m [%p]: [%l-1] db=%d,user=%u ",
    "%t [%p]: [%l-1] %q%u@%d ",
    "%m [%p]: [%l-1] %q%u@%d ",
    "%t:%r:%u@%d:[%p]:",
    "%t:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a:",
    "%m:%r:%u@%d:[%p]:%l:%e:%s:%v:%x:%c:%q%a:",
    "%t-%c-",
    "%n [%p] ",
    "%t [%p]: user=%u,db=%d,app=%a,client=%h ",
    "%t [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
    "%m [%p]: [%l-1] user=%u,db=%d,app=%a,client=%h ",
)
_SEVERITY: Final = r"(?P<severity>[A-Z]{3,12}|[^\W\d_]{3,16}):  (?P<message>.*)$"
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
