"""What is not known of the snapshot that a read was of, where no log tells a server's default."""

import itertools
from typing import Final

from settle_core.logs.model import Statement
from settle_core.logs.view import View

_ENDS: Final = frozenset({"begin", "commit", "rollback", "ping"})


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
