"""What a logged statement says: what it writes or reads, with which values.

No parser of SQL: a log is read for inserts and for comparisons of a column with a value, whatever
else stands around them.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from functools import lru_cache
from sys import intern
from typing import Final, Self

from settle_core.logs.lines.model import Condition, Parsed

Parameters = Sequence[str | None] | Mapping[str, str | None]

_TOKEN: Final = re.compile(
    r"""
    (?P<skip>\s+|/\*.*?\*/|--[^\n]*)
    |(?P<text>[eE]?'(?:[^'\\]|''|\\.)*')
    |(?P<name>"(?:[^"]|"")*"|`[^`]*`)
    |(?P<cast>::\s*[\w.]+(?:\s*\(\s*\d+(?:\s*,\s*\d+)?\s*\))?(?:\[\])?)
    |(?P<slot>\$\d+|%\(\w+\)s|%s|\?|:[A-Za-z_]\w*)
    |(?P<number>\d+(?:\.\d+)?)
    |(?P<word>[A-Za-z_]\w*)
    |(?P<mark><=|>=|<>|!=|.)
    """,
    re.VERBOSE | re.DOTALL,
)
_VERB: Final = re.compile(r"\s*(?:/\*.*?\*/\s*)*([A-Za-z]+)(?:\s+([A-Za-z]+))?", re.DOTALL)
_PING: Final = re.compile(
    r"\s*(?:/\*.*?\*/\s*)*(?:SELECT 1|SELECT version\(\)|)\s*;?\s*", re.IGNORECASE
)
_LEVEL: Final = re.compile(
    r"(repeatable\s+read|serializable|read\s+committed|read\s+uncommitted|consistent\s+snapshot)",
    re.IGNORECASE,
)
_ADDS: Final = re.compile(r"\bsum\s*\(", re.IGNORECASE)
_LOCKS: Final = re.compile(r"\bfor\s+(?:no\s+key\s+)?update\b|\bfor\s+share\b", re.IGNORECASE)
_TEXTS: Final = re.compile(r"'(?:[^']|'')*'")
_CALLS: Final = re.compile(r"([A-Za-z_][\w.]*)\s*\(")
# Functions of servers that read no table of a program: locks of job queues, sequences, settings.
_OF_SERVERS: Final = re.compile(
    r"(?:pg_catalog\.)?(?:pg_\w+|(?:next|curr|last|set)val|set_config|current_setting|version|now"
    r"|\w+_timestamp|txid_\w+|hashtext\w*|md5|sub(?:str|string)|bit|coalesce|lower|(?:get|release"
    r"|is_free|is_used)_lock|last_insert_id|found_rows|row_count|connection_id|database|user)",
    re.IGNORECASE,
)
_OPERATORS: Final = frozenset({"=", "<", ">", "<=", ">=", "<>", "!="})
# Of a template: what is compared is an array in one value.
_ANY: Final = "any"
_SIMPLE: Final = {
    "begin": "begin",
    "start": "begin",
    "commit": "commit",
    "end": "commit",
    "rollback": "rollback",
    "abort": "rollback",
    "insert": "insert",
    "replace": "insert",
    "select": "select",
    "with": "select",
    "update": "update",
    "delete": "delete",
}

Token = tuple[str, str]


class _Slot(str):
    """Stands in a template for the value of a slot, of which it has the place."""

    __slots__ = ("place",)

    def __new__(cls, place: int) -> Self:
        """Of the slot at a place."""
        slot = super().__new__(cls)
        slot.place = place
        return slot

    place: int


def parse(text: str, parameters: Parameters = ()) -> Parsed:
    """Read a statement; `parameters` fill its `$1`, `%s`, `?`, `:name` or `%(name)s`."""
    values = [_given(slot, nth, parameters) for nth, slot in enumerate(_slots(text))]
    # A program sends few texts with many values: each text is taken apart once.
    return _with(_template(text, tuple([value is None for value in values])), values)


def _given(slot: str, nth: int, parameters: Parameters) -> str | None:
    """The value of a slot, None if it is NULL or not given."""
    if isinstance(parameters, Mapping):
        return parameters.get(slot.lstrip(":").removeprefix("%(").removesuffix(")s"))
    at = int(slot[1:]) - 1 if slot[0] == "$" else nth
    return parameters[at] if at < len(parameters) else None


@lru_cache(maxsize=4096)
def _template(text: str, nulls: tuple[bool, ...]) -> Parsed:
    """What a statement says, with slots in place of values."""
    found = _VERB.match(text)
    if _PING.fullmatch(text):
        return Parsed("ping")
    word, second = (found[1].lower(), (found[2] or "").lower()) if found else ("", "")
    verb = _SIMPLE.get(word, "other")
    if verb in {"begin", "commit", "rollback", "other"}:
        return _control(verb, word, second, text)
    tokens = _filled(_tokens(text), nulls)
    if verb == "insert":
        return _insert(tokens)
    after = {"select": "from", "update": "update", "delete": "from"}[verb]
    return Parsed(
        verb,
        table=_table_after(tokens, after),
        where=_conditions(tokens),
        is_sum=_ADDS.search(text) is not None,
        locks=_LOCKS.search(text) is not None,
    )


def _with(parsed: Parsed, values: Sequence[str | None]) -> Parsed:
    """A statement with its values."""
    if not (parsed.where or parsed.rows):
        return parsed
    rows = tuple([tuple([_value_of(v, values) for v in row]) for row in parsed.rows])
    where = tuple([_filled_in(each, values) for each in parsed.where])
    return parsed._replace(rows=rows, where=where)


def _filled_in(condition: Condition, values: Sequence[str | None]) -> Condition:
    column, operator, held = condition
    given = tuple([_value_of(value, values) for value in held])
    if operator == _ANY:
        return Condition(column, "in", tuple((given[0] or "").strip("{}").split(",")))
    return Condition(column, operator, given)


def _value_of(value: str | None, values: Sequence[str | None]) -> str | None:
    return values[value.place] if isinstance(value, _Slot) else value


def _control(verb: str, word: str, second: str, text: str) -> Parsed:
    if word == "set" and (level := _isolation(text)):
        return Parsed("isolation", isolation=level)
    if second in {"to", "slave", "replica"}:
        return Parsed("other")  # back to a savepoint, and the transaction goes on
    return Parsed(verb, isolation=_isolation(text) if verb == "begin" else "")


def asks_server(text: str) -> bool:
    """Whether all that a statement calls are functions that read no table of a program."""
    calls = _CALLS.findall(_TEXTS.sub("''", text))
    return all(_OF_SERVERS.fullmatch(call) for call in calls)


def _isolation(text: str) -> str:
    found = _LEVEL.search(text)
    return " ".join(found[1].lower().split()) if found else ""


@lru_cache(maxsize=4096)
def _tokens(text: str) -> tuple[Token, ...]:
    return tuple(
        (kind, found.group())
        for found in _TOKEN.finditer(text)
        if (kind := found.lastgroup or "") not in {"skip", "cast"}
    )


@lru_cache(maxsize=4096)
def _slots(text: str) -> tuple[str, ...]:
    return tuple(slot for kind, slot in _tokens(text) if kind == "slot")


def _filled(tokens: Sequence[Token], nulls: Sequence[bool]) -> list[Token]:
    """The tokens, of kind `value` or `null` in place of literals and slots, which may be NULL."""
    filled: list[Token] = []
    nth = 0
    for kind, text in tokens:
        if kind == "slot":
            filled.append(("null", "") if nulls[nth] else ("value", _Slot(nth)))
            nth += 1
        elif kind == "text":
            inner = text[text.index("'") + 1 : -1]
            filled.append(("value", inner.replace("''", "'")))
        elif kind == "number":
            is_negative = filled[-1:] == [("mark", "-")]
            is_first = len(filled) > 1 and filled[-2][1] in {"(", ",", "="} | _OPERATORS
            if is_negative and is_first:
                filled[-1] = ("value", f"-{text}")
            else:
                filled.append(("value", text))
        elif kind == "name":
            filled.append(("word", text[1:-1]))
        elif kind == "word" and text.upper() == "NULL":
            filled.append(("null", ""))
        else:
            filled.append((kind, text))
    return filled


def _table_after(tokens: Sequence[Token], word: str) -> str:
    for at, (kind, text) in enumerate(tokens):
        if kind == "word" and text.lower() == word:
            return _name(tokens, at + 1)[0]
    return ""


def _name(tokens: Sequence[Token], at: int) -> tuple[str, int]:
    """A name, which may be qualified: its last part, and where it ends."""
    if at >= len(tokens) or tokens[at][0] != "word":
        return "", at
    name = tokens[at][1]
    while at + 2 < len(tokens) and tokens[at + 1][1] == "." and tokens[at + 2][0] == "word":
        at += 2
        name = tokens[at][1]
    return intern(name.lower()), at + 1


def _insert(tokens: Sequence[Token]) -> Parsed:
    into = next((i for i, (k, t) in enumerate(tokens) if k == "word" and t.lower() == "into"), None)
    if into is None:
        return Parsed("other")
    table, at = _name(tokens, into + 1)
    columns: list[str] = []
    if at < len(tokens) and tokens[at][1] == "(":
        while at < len(tokens) and tokens[at][1] != ")":
            if tokens[at][0] == "word":
                columns.append(tokens[at][1].lower())
            at += 1
        at += 1
    while at < len(tokens) and tokens[at][1].lower() not in {"values", "value", "select"}:
        at += 1
    if at >= len(tokens) or tokens[at][1].lower() == "select":
        return Parsed("insert", table=table, columns=tuple(columns))
    rows: list[tuple[str | None, ...]] = []
    at += 1
    while at < len(tokens) and tokens[at][1] == "(":
        row, at = _row(tokens, at + 1)
        rows.append(row)
        if at < len(tokens) and tokens[at][1] == ",":
            at += 1
    return Parsed("insert", table=table, columns=tuple(columns), rows=tuple(rows))


def _row(tokens: Sequence[Token], at: int) -> tuple[tuple[str | None, ...], int]:
    """The values up to the closing bracket; an expression has the one value in it, if it has one.

    A call without a value, such as now(), is None.
    """
    row: list[str | None] = []
    depth = 0
    values: list[str] = []
    while at < len(tokens):
        kind, text = tokens[at]
        if depth == 0 and kind == "mark" and text in {",", ")"}:
            row.append(values[0] if len(values) == 1 else None)
            values = []
            if text == ")":
                return tuple(row), at + 1
        elif kind == "mark" and text in {"(", ")"}:
            depth += 1 if text == "(" else -1
        elif kind == "value":
            values.append(text)
        at += 1
    return tuple(row), at


def _conditions(tokens: Sequence[Token]) -> tuple[Condition, ...]:
    found: list[Condition] = []
    is_where = False
    at = 0
    while at < len(tokens):
        kind, text = tokens[at]
        if kind != "word":
            at += 1
            continue
        if text.lower() in {"where", "on", "having"}:
            is_where = True
            at += 1
            continue
        name, after = _name(tokens, at)
        if is_where and after < len(tokens):
            condition, after = _condition(name, tokens, after)
            if condition is not None:
                found.append(condition)
        at = max(after, at + 1)
    return tuple(found)


def _condition(name: str, tokens: Sequence[Token], at: int) -> tuple[Condition | None, int]:
    kind, text = tokens[at]
    word = text.lower()
    if kind == "mark" and text in _OPERATORS and at + 1 < len(tokens):
        if tokens[at + 1][0] in {"value", "null"}:
            return Condition(name, text, (_value(tokens[at + 1]),)), at + 2
        if tokens[at + 1][1].lower() == "any" and at + 3 < len(tokens):
            return Condition(name, _ANY, (tokens[at + 3][1],)), at + 4
    if kind == "word" and word == "between" and at + 3 < len(tokens):
        low, high = tokens[at + 1], tokens[at + 3]
        return Condition(name, "between", (_value(low), _value(high))), at + 4
    if kind == "word" and word == "in" and at + 1 < len(tokens) and tokens[at + 1][1] == "(":
        values_in: list[str | None] = []
        at += 2
        while at < len(tokens) and tokens[at][1] != ")":
            if tokens[at][0] == "value":
                values_in.append(tokens[at][1])
            at += 1
        return Condition(name, "in", tuple(values_in)), at + 1
    return None, at


def _value(token: Token) -> str | None:
    return token[1] if token[0] == "value" else None


def day_bounds(
    operator: str, values: tuple[str | None, ...], low: str | None, high: str | None
) -> tuple[str | None, str | None]:
    """The bounds of days after one more condition, both inclusive."""
    days = [value[:10] for value in values if value]
    if not days:
        return low, high
    if operator == "=":
        return days[0], days[0]
    if operator == "between":
        return days[0], days[-1]
    if operator == "in":
        return min(days), max(days)
    day = date.fromisoformat(days[0])
    step = {">": 1, "<": -1}.get(operator, 0)
    bound = date.fromordinal(day.toordinal() + step).isoformat()
    return (bound, high) if operator in {">", ">="} else (low, bound)
