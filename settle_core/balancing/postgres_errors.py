"""What PostgreSQL and its driver report, as the refusals of a book."""

from typing import Any, Final

import psycopg
from psycopg import errors

from settle_core.balancing.errors import (
    BadBook,
    BadPosting,
    Busy,
    KeyReused,
    LostConnection,
    NotAllowed,
    PinnedSnapshot,
    Refusal,
    SettledBefore,
    TooLarge,
    Unavailable,
    Unbalanced,
    Unsettled,
)

# Another writer was first, or the server broke a circle of waiting: the same call may do next time.
TRANSIENT: Final = (
    errors.SerializationFailure,
    errors.DeadlockDetected,
    errors.UniqueViolation,
)
REFUSED: Final = "SB001"
REFUSALS: Final[dict[str | None, type[Refusal]]] = {
    "key_reused": KeyReused,
    "pinned_snapshot": PinnedSnapshot,
    "settled_before": SettledBefore,
    "unbalanced": Unbalanced,
    "unsettled": Unsettled,
}
# By the class of the SQLSTATE or the whole of it; the longer one counts.
BY_STATE: Final[dict[str, type[Refusal]]] = {
    "08": Unavailable,  # connection
    "22": BadPosting,  # data
    "22003": TooLarge,  # a number out of range
    "25": Unavailable,  # read-only, or the caller's transaction has failed before
    "3F": BadBook,  # the schema is gone
    "42501": NotAllowed,
    "42883": BadBook,  # a function is gone
    "42P01": BadBook,  # a table is gone
    "53": Unavailable,  # disk, memory, connections
    "54": BadPosting,  # larger than an index or a row holds
    "55": Unavailable,  # an object is not in the state for it
    "57": Unavailable,  # a time limit, a cancel, a shutdown
    "58": Unavailable,  # an error of the system
}


def first_line(error: Exception) -> str:
    """What an error says first, or else its name."""
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__


def refusal(
    error: Exception,
    con: "psycopg.Connection[Any]",
    *,
    was_sent: bool,
    when_locked: Refusal,
) -> Refusal | None:
    """The refusal that an error of the driver stands for; None: a bug, to be raised as it is.

    Args:
        error: what was raised.
        con: the connection.
        was_sent: the call was one whole transaction, and it was sent: once the connection is lost,
            its commit may have been done.
        when_locked: what it is if a lock was not had in time.
    """
    said = first_line(error)
    if isinstance(error, UnicodeError):
        return BadPosting(said, expected="text that the database can hold")
    if not isinstance(error, psycopg.Error):
        return None
    if error.sqlstate == REFUSED:
        return _own(error, said)
    if isinstance(error, errors.LockNotAvailable):
        return when_locked
    if con.closed or con.broken:
        return LostConnection(said) if was_sent else Unavailable(said)
    kind = Busy if isinstance(error, TRANSIENT) else _by_state(error)
    return kind(said) if kind else None


def _own(error: psycopg.Error, said: str) -> Refusal:
    """What a function or a guard of the book raised."""
    kind = REFUSALS.get(error.diag.constraint_name, Unavailable)
    found = error.diag.message_detail or ("" if kind is Unsettled else said)
    return kind(found, where=error.diag.message_hint or "")


def _by_state(error: psycopg.Error) -> type[Refusal] | None:
    state = error.sqlstate or ""
    if not state and isinstance(error, psycopg.DataError):  # by the driver, before it is sent
        state = "22"
    elif not state and isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        state = "08"
    return BY_STATE.get(state) or BY_STATE.get(state[:2])
