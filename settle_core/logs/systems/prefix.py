"""PostgreSQL's `log_line_prefix` as a pattern of its lines: well-known ones, given, or inferred.

Inferred from lines: what stands before the severity, by the forms that times, sessions and numbers
have. Which number is the process and which counts lines, the numbers tell.
"""

import itertools
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

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
    "%": "%",
}
KNOWN: Final = (
    "%m [%p] %q%u@%d ",
    "%m [%p] ",
    "%h %m [%p] %q%u@%d ",
    "%m %c %l %v %x %a ",
    "%m [%p] [%c] [%l] ",
    "%t [%p] ",
    "%t [%p]: ",
    "%t [%p]: [%l-1] %q%u@%d ",
    "%m [%p]: [%l-1] %q%u@%d ",
    "%m [%p]: [%l-1] db=%d,user=%u ",
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
    """The pattern of a line under a `log_line_prefix`; what follows a %q may be missing."""
    if prefix not in _PATTERNS:
        texts = []
        for half in re.split(r"(?<!%)((?:%%)*)%q", prefix, maxsplit=1)[::2]:
            parts = re.split(r"%-?\d*([a-zA-Z%])", half)
            texts.append(
                "".join(
                    _ESCAPES.get(part, r"[^\n]*?") if number % 2 else re.escape(part)
                    for number, part in enumerate(parts)
                )
            )
        text = texts[0] + "".join(f"(?:{each})?" for each in texts[1:])
        _PATTERNS[prefix] = re.compile(text + r"\s*" + _SEVERITY, re.DOTALL)
    return _PATTERNS[prefix]


class _Token(NamedTuple):
    """A piece of a head: its form, and what stands there; of a mark, that is the form."""

    form: str
    text: str


_TOKENS: Final = re.compile(
    r"(?P<m>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3,6} (?:[A-Z]{1,5}|[+-]\d\d(?::?\d\d)?))"
    r"|(?P<t>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d (?:[A-Z]{1,5}|[+-]\d\d(?::?\d\d)?))"
    r"|(?P<n>\d{10}\.\d{3})(?!\d)"
    r"|(?P<c>[0-9a-f]{8}\.[0-9a-f]{1,8})(?![\w.])"
    r"|(?P<h>(?:\d{1,3}(?:\.\d{1,3}){3}|\[local\])(?:\(\d+\))?)"
    r"|(?P<v>\d+/\d+)"
    r"|(?P<label>[A-Za-z_]+ ?= ?\"?)"
    r"|(?P<a>\[unknown\]|[^\W\d_](?:(?!-\d{4}-\d\d-\d\d )[\w.-])*)"
    r"|(?P<number>\d+)"
    r"|(?P<mark>.)",
    re.DOTALL,
)
_HEAD: Final = re.compile(r"(.{4,600}?)" + _SEVERITY, re.DOTALL)
_TOLD: Final = frozenset({"m", "t", "n", "c", "v", "number"})
# Of a file's lines with a severity, so many must have the prefix that is inferred.
_SHARE_MIN: Final = 0.9
_LINES_MIN: Final = 4
# So many of the steps of what counts lines are of one.
_ONES_MIN: Final = 0.9
_TRIED: Final = 3


def inferred(lines: Iterable[str]) -> str:
    """The `log_line_prefix` of a file's lines, empty where they do not tell."""
    heads = [found[1] for line in lines if (found := _HEAD.match(line))]
    if len(heads) < _LINES_MIN:
        return ""
    by_form: defaultdict[tuple[str, ...], list[list[_Token]]] = defaultdict(list)
    for head in heads:
        tokens = _tokens(head)
        by_form[tuple(each.form for each in tokens)].append(tokens)
    often = sorted(by_form, key=lambda form: -len(by_form[form]))
    for form in often[:_TRIED]:
        # Processes that serve no session leave out what follows a %q.
        short = [len(each) for each in often if each != form and form[: len(each)] == each]
        prefix = _prefix(by_form[form], short[0] if short else len(form))
        fitting = sum(pattern(prefix).match(f"{head}LOG:  ") is not None for head in heads)
        if prefix and fitting >= _SHARE_MIN * len(heads):
            return prefix
    return ""


def _tokens(head: str) -> list[_Token]:
    """The pieces of a head; what follows a label is one, be it empty or of several words."""
    tokens: list[_Token] = []
    found = [(match.lastgroup or "", match.group()) for match in _TOKENS.finditer(head)]
    is_value = is_space = False
    for (form, text), (following, _) in itertools.pairwise([*found, ("", "")]):
        if is_value and form != "label" and text not in {",", '"', "]", ")"}:
            is_space = text == " "
            continue
        if is_space:
            tokens.append(_Token(" ", " "))
        is_value = is_space = False
        tokens.append(_Token(text if form in {"mark", "label"} else form, text))
        if form == "label" and following not in _TOLD:
            is_value = True
            tokens.append(_Token("a", ""))
    return [*tokens, _Token(" ", " ")] if is_space else tokens


def _prefix(lines: Sequence[Sequence[_Token]], session_from: int) -> str:
    """The prefix of lines of one form; empty where it tells no time or no session."""
    forms = [each.form for each in lines[0]]
    roles = {k: form for k, form in enumerate(forms) if form in {"m", "n", "c", "v"}}
    roles |= {k: "a" for k, form in enumerate(forms) if form in {"h", "a"}}
    seconds = [k for k, form in enumerate(forms) if form == "t"]
    if seconds:
        # A session's start is the earlier of two.
        latest = max(seconds, key=lambda k: [each[k].text for each in lines])
        roles |= {k: "t" if k == latest and "m" not in forms else "s" for k in seconds}
    roles |= _numbers(lines, forms)
    told = list(roles.values())
    if any(told.count(each) > 1 for each in "mtnpclv") or not {"m", "t", "n"} & set(told):
        return ""
    if not {"p", "c"} & set(told):
        return ""
    texts = [
        f"%{roles[k]}" if k in roles else lines[0][k].text.replace("%", "%%")
        for k in range(len(forms))
    ]
    if session_from < len(forms):
        texts.insert(session_from, "%q")
    return "".join(texts)


def _numbers(lines: Sequence[Sequence[_Token]], forms: Sequence[str]) -> dict[int, str]:
    """Which number is the process, and which counts the lines of one; others may be anything."""
    places = [k for k, form in enumerate(forms) if form == "number"]
    # As in `%l-1`: so a line's number stands in syslog.
    fixed = {
        k for k in places if k and forms[k - 1] == "-" and all(e[k].text == "1" for e in lines)
    }
    left = [k for k in places if k not in fixed]
    counting = [k for k in left if k + 2 in fixed]
    roles = dict.fromkeys(left, "Q")
    if "c" in forms:
        at = forms.index("c")
        keys = [at]
        pids = [k for k in left if all(_is_pid(each[k], each[at]) for each in lines)][:1]
    else:
        keys = pids = [
            k for k in left if k not in counting and all(e[k].text[0] != "0" for e in lines)
        ]
    pairs = [
        (_ones(lines, key, k), -k, key)
        for key in keys
        for k in left
        if k not in {key, *(pids if "c" in forms else ())}
    ]
    ones, at, key = max(pairs, default=(0.0, 0, 0))
    if ones >= _ONES_MIN:
        roles[-at] = "l"
        pids = pids if "c" in forms else [key]
    elif len(counting) == 1:
        roles[counting[0]] = "l"
    if len(pids) > 1:
        pids = [k for k in pids if forms[k - 1].startswith(("[", "pid"))]
    return roles | (dict.fromkeys(pids, "p") if len(pids) == 1 else {})


def _is_pid(number: _Token, session: _Token) -> bool:
    """Whether a number is the process that a session's id ends in."""
    return int(number.text) == int(session.text.partition(".")[2], 16)


def _ones(lines: Sequence[Sequence[_Token]], key: int, k: int) -> float:
    """Of the steps of a number from line to line of one process, the share that are one."""
    last: dict[str, int] = {}
    steps = []
    for each in lines:
        number = int(each[k].text)
        if each[key].text in last:
            steps.append(number - last[each[key].text])
        last[each[key].text] = number
    return steps.count(1) / len(steps) if len(steps) >= _LINES_MIN else 0.0
