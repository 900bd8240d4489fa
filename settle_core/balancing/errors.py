"""What a book refuses to do, or could not. Each is a `Fault` of one clear line.

Nothing was written, with two exceptions: after `LostConnection` nobody on this side knows, and
`Unanswered` tells what is answered and what is not. `may_be_written` says it to a program.
"""

from collections.abc import Sequence
from typing import Any, ClassVar, Final

from settle_core.errors import Fault

NAMED_MAX: Final = 5  # of the weeks that one line of `Unanswered` names


class Refusal(Fault):
    """A call to a book that was refused.

    Args:
        found: what is there instead.
        where: the key, account or week that it is about.
        expected: what would have been right.
    """

    sentence: ClassVar[str]
    next_step: ClassVar[str]
    may_be_written: ClassVar[bool] = False

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
    next_step = "balance the book where something is unanswered; else audit an export of it"


class PinnedSnapshot(Refusal):
    """The caller's transaction reads an old snapshot."""

    sentence = "the transaction reads from an old snapshot"
    next_step = "begin it as READ COMMITTED"


class BadBook(Refusal):
    """The database cannot be had, or its book was made otherwise than is said now."""

    sentence = "the book cannot be opened"
    next_step = "check the address and the arguments"


class TooLarge(Refusal):
    """A sum has more digits than the book's money: of a day, or of a week that is to be settled."""

    sentence = "a sum has more digits than the book holds"
    next_step = "nothing was written; correct what made it so large"


class NotAllowed(Refusal):
    """The role that is connected has no right to it."""

    sentence = "the role is not allowed to do this"
    next_step = "nothing was written; connect as another role, or run the script of roles again"


class Unavailable(Refusal):
    """The database did not do it: a time limit, a full disk, read-only, closed, shut down."""

    sentence = "the database did not do it, and nothing was written"
    next_step = "mend that and call again with the same key"


class LostConnection(Refusal):
    """The connection was lost while the commit may have been under way.

    Open the book again and make the same call: a post with its key finds its own entry, `balance`
    finds nothing left, `settle` is told `SettledBefore`. A post without a key of the caller's has
    none that could be repeated, so look first.
    """

    sentence = "the connection was lost, and whether it was written is not known"
    next_step = "open the book again and make the same call with the same key"
    may_be_written = True


class Unanswered(Refusal):
    """Late entries of some weeks could not be answered; those of all others are.

    Attributes:
        weeks: what could not be answered and why, a line each.
        counters: the counter-entries that were posted, as `Book.balance` returns them.
    """

    sentence = "late entries of some weeks are not answered, those of all others are"
    next_step = "mend what is named and balance again"
    may_be_written = True

    def __init__(self, weeks: Sequence[str], counters: Sequence[Any]) -> None:
        self.weeks = tuple(weeks)
        self.counters = tuple(counters)
        named = "; ".join(self.weeks[:NAMED_MAX])
        more = len(self.weeks) - NAMED_MAX
        super().__init__(named + (f"; and {more} more" if more > 0 else ""))
