"""What one line of a log tells of another that is not there."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final, Protocol

from settle_core.logs.joined.joining import Inserted, LateRow, Names, Written
from settle_core.logs.lines.model import Found, Statement, key_of

# Fewer rows may have been removed from the ledger since.
AGAIN_MIN: Final = 10
_WORDS: Final = frozenset({"begin", "commit", "rollback"})


class Joined(Protocol):
    """What is asked of a `view.View`, which is not whole yet when it asks for signs."""

    name: str
    names: Names
    found: Sequence[Found]
    rows: dict[str, LateRow]
    missing: list[LateRow]
    tables: frozenset[str]
    statements: list[Statement]
    contexts: defaultdict[str, list[Statement]]
    logged: list[Inserted]
    written: dict[str, Written]

    def is_whole(self, context: str) -> bool:
        """Whether a context is one thread of control."""

    def at_edge(self, us: int) -> bool:
        """Whether an instant is where the log begins, ends, or has a hole."""


def faults(view: Joined) -> list[str]:
    """What one line tells of another that is not there."""
    told = []
    if garbled := sum(each.garbled for each in view.found if each.statements):
        told.append(f"{view.name} has {garbled} lines with pieces of SQL that cannot be read")
    if torn := halves(view):
        told.append(f"{view.name} has {torn} transactions of which one half is missing")
    if unread := sum(s.verb == "insert" and _is_cut(view, s) for s in view.statements):
        told.append(f"{view.name} has {unread} INSERTs of the ledger's rows without values")
    if strangers := _strangers(view):
        told.append(f"{view.name} has {strangers} INSERTs under another job than they name")
    if strays := _strays(view):
        told.append(f"{view.name} repeats {strays} cached reads that it never made")
    return told


def again(view: Joined) -> list[str]:
    """INSERTs that stand in the log more often than their rows in the ledger: lines came twice."""
    rows = Counter((r.account, r.day.isoformat(), r.amount) for r in view.rows.values())
    told = Counter((e.account, e.day, e.amount) for e in view.logged)
    unjoined = {(r.account, r.day.isoformat(), r.amount) for r in view.missing}
    often = sum(rows[key] for key in unjoined if told[key] > rows[key])
    if often < AGAIN_MIN:
        return []
    told_of = f"{view.name} has the INSERTs of {often} rows more often than the ledger has rows"
    return [f"{told_of} (was one log given twice, or were lines delivered twice?)"]


def halves(view: Joined) -> int:
    """Transactions without their BEGIN, or without their end though the context went on."""
    count = 0
    # The first lines of a session may be missing, and with them the BEGIN of its first end.
    late = {gap.context for each in view.found for gap in each.gaps if not gap.order}
    for context, sent in view.contexts.items():
        # MariaDB's transactions begin without a word, and pools end more than they began.
        if not view.is_whole(context) or context.startswith("MariaDB"):
            continue
        for statement in sent:
            own = statement.transaction
            if statement.verb in {"commit", "rollback"} and (own is None or own.begin is None):
                is_first = not any(s.verb in _WORDS for s in sent[: statement.order - 1])
                is_late = is_first and context in late
                count += not (is_late or view.at_edge(statement.from_us))
            elif statement.verb == "begin" and own is not None and own.end is None:
                goes_on = sent[-1].order > statement.order + 1 and any(
                    s.transaction is not own for s in sent[statement.order :]
                )
                count += goes_on and not view.at_edge(statement.to_us)
    return count


def _is_cut(view: Joined, statement: Statement) -> bool:
    """Whether an INSERT of the ledger's rows was cut off, or its values are missing."""
    parsed, names = statement.parsed, view.names
    told = [dict(zip(parsed.columns, values, strict=False)) for values in parsed.rows]
    is_whole = any(
        None not in {row.get(names.account), row.get(names.day), row.get(names.amount)}
        for row in told
    )
    return parsed.table in view.tables and not is_whole


def _strangers(view: Joined) -> int:
    """INSERTs that name another job than the one whose lines they stand among.

    Where most name the same: the end of the one, or the start of the other, is missing.
    """
    told = [w for w in view.written.values() if w.job and w.statement.job]
    others = sum(w.job != w.statement.job for w in told)
    return others if 2 * others < len(told) else 0


def _strays(view: Joined) -> int:
    count = 0
    for sent in view.contexts.values():
        made: set[str] = set()
        for statement in sent:
            if statement.is_cached:
                is_made = statement.is_answered
                is_made = key_of(statement) in made if is_made is None else is_made
                count += not (is_made or view.at_edge(statement.from_us))
            elif statement.verb == "select":
                made.add(key_of(statement))
    return count
