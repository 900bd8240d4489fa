"""The snapshot that a read was of: what it holds, and what is not known of it.

No log tells a server's default of how long a transaction keeps its snapshot.
"""

import itertools
from typing import Final

from settle_core.logs.joined.joining import Written
from settle_core.logs.joined.view import View
from settle_core.logs.lines.model import Statement

_PINNING: Final = frozenset({"repeatable read", "serializable", "consistent snapshot"})
_ENDS: Final = frozenset({"begin", "commit", "rollback", "ping"})


def sees(
    view: View, statement: Statement, written: Written | None, *, is_loose: bool = True
) -> bool | None:
    """Whether a statement that reached the database saw a row; None where the log leaves it open.

    A read of a pinned snapshot sees what the first one of its transaction did; `is_loose` as of
    `Clocks.apart`.
    """
    if written is None:
        return None
    if written.statement.context == statement.context and view.is_whole(statement.context):
        return written.statement.order < statement.order
    apart = view.clocks.apart(statement, written.statement, is_loose=is_loose)
    if apart is None:
        return None
    from_us, to_us = snapshot(statement)
    if written.visible_to_us + apart[1] <= from_us:
        return True
    if written.visible_from_us + apart[0] >= to_us:
        return False
    return None


def snapshot(statement: Statement) -> tuple[int, int]:
    """The interval in which the snapshot was taken that a statement read."""
    own = statement.transaction
    if own is not None and own.first_read is not None and is_pinned(statement):
        statement = own.first_read
    return statement.seen_from_us, statement.seen_to_us


def is_pinned(statement: Statement) -> bool:
    """Whether its transaction had taken its snapshot before."""
    own = statement.transaction
    return (
        own is not None
        and own.isolation in _PINNING
        and own.first_read is not None
        and own.first_read is not statement
        and not statement.parsed.locks
    )


def may_be_kept(view: View, statement: Statement) -> bool:
    """Whether a read may have seen its transaction's snapshot, for all that the log tells."""
    if _is_known(view, statement) or statement.parsed.locks:
        return False
    if statement.transaction is not None:
        return statement.transaction.first_read not in {None, statement}
    # Its BEGIN is not logged, or was lost: what was read since the last end may pin it.
    return any(s.verb == "select" for s in _earlier(view, statement))


def may_be_cut(view: View, statement: Statement) -> bool:
    """Whether others read more before: the line of the read that keeps a snapshot may be lost."""
    if view.is_numbered or _is_known(view, statement) or statement.parsed.locks:
        return False
    return depth(view, statement) < view.depth


def depth(view: View, statement: Statement) -> int:
    """How many reads of the ledger its transaction made, up to it and since it last wrote one."""
    own = itertools.takewhile(lambda s: not view.writes[id(s)], _earlier(view, statement))
    return 1 + sum(s.verb == "select" and s.parsed.table in view.tables for s in own)


def _earlier(view: View, statement: Statement) -> "itertools.takewhile[Statement]":
    return itertools.takewhile(lambda s: s.verb not in _ENDS, view.before(statement))


def _is_known(view: View, statement: Statement) -> bool:
    """Whether its server is one of PostgreSQL, whose logs name another level than READ COMMITTED.

    What an engine of SQLAlchemy or a server of MySQL has as its default, no log of them tells.
    """
    return statement.context.startswith("PostgreSQL") or (
        statement.context.startswith("Rails") and view.is_quoted
    )
