"""What a book refuses to do. Each is a `Fault`: one clear line, and nothing was written."""

from typing import ClassVar

from settle_core.errors import Fault


class Refusal(Fault):
    """A call to a book that was refused.

    Args:
        found: what is there instead.
        where: the key, account or week that it is about.
        expected: what would have been right.
    """

    sentence: ClassVar[str]
    next_step: ClassVar[str]

    def __init__(self, found: str = "", *, where: str = "", expected: str = "") -> None:
        super().__init__(
            self.sentence, where=where, expected=expected, found=found, todo=self.next_step
        )


class BadPosting(Refusal):
    """Not to be posted: a float, too many decimals, no date, no account, not a week's first day."""

    sentence = "cannot be posted"
    next_step = "correct the call"


class KeyReused(Refusal):
    """The idempotency key was used for an entry with other contents."""

    sentence = "the key was used for another entry"
    next_step = "give each entry a key of its own"


class SettledBefore(Refusal):
    """The week is settled already for one of the accounts."""

    sentence = "the week is settled already"
    next_step = "name only accounts that are not"


class EntriesInFlight(Refusal):
    """Entries were being written all the while, so the week's amount could not be fixed."""

    sentence = "entries of the book are in flight"
    next_step = "settle again when the writers have finished"


class Unsettled(Refusal):
    """A correction of a week that is not settled: there is nothing that it could put right."""

    sentence = "the week is not settled"
    next_step = "post an entry instead"


class Busy(Refusal):
    """A lock was not had in time, or the transaction collided with others too often."""

    sentence = "the book is busy"
    next_step = "call again with the same key"


class Unbalanced(Refusal):
    """The week is off for a reason other than this call: rows were changed or removed behind it."""

    sentence = "the week does not hold its settled amount"
    next_step = "audit an export of the book"


class PinnedSnapshot(Refusal):
    """The caller's transaction reads an old snapshot."""

    sentence = "the transaction reads from an old snapshot"
    next_step = "begin it as READ COMMITTED"


class BadBook(Refusal):
    """The database cannot be had, or its book was made otherwise than is said now."""

    sentence = "the book cannot be opened"
    next_step = "check the address and the arguments"
