"""Votes: what the weeks of an account, and of all accounts, tell of how they are balanced."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, NamedTuple

# An account whose votes are less unanimous than this leaves its tied units undecided.
UNANIMOUS_SHARE: Final = 0.98
# And an export in which more than this share of the accounts votes otherwise, its tied accounts.
# Accounts, not votes: of one policy many more units are unambiguous than of the other.
DISSENTING_SHARE: Final = 0.005
# So many days that look like one value are no chance where nothing votes for the other.
HINTS_MIN: Final = 2
# So many votes of others stand against a unit's own level, of which at most this share agrees with
# it.
VOTES_MIN: Final = 2
STRAY_SHARE: Final = 0.02
# Of an export with as many accounts of a value, a week that is even by it is taken to be so.
COMMON_SHARE: Final = 0.1


class Choice(NamedTuple):
    """A value and its basis.

    It is shown by fewer faults in the `unit` itself, by a unit that assumes `less` though it has as
    many faults, by other units of the whole `export`, of its `account` only, or it is a `guess`.
    """

    value: str
    basis: str

    @property
    def is_sure(self) -> bool:
        """Whether the data decided it."""
        return self.basis != "guess"


@dataclass
class Votes:
    """Votes for the two values of one choice, by account."""

    first: str
    second: str
    by_account: dict[str, Counter[str]] = field(default_factory=dict)
    total: Counter[str] = field(default_factory=Counter)
    # How many accounts vote mostly so; kept up, since every tied unit asks.
    accounts: Counter[str] = field(default_factory=Counter)
    others: int = 0  # accounts that are counted only
    # What counts where there are no votes, by account and in all.
    hints_of: dict[str, Counter[str]] = field(default_factory=dict)
    hints: Counter[str] = field(default_factory=Counter)

    def hint(self, account_id: str, value: str, count: int) -> None:
        """Count what looks like a value, but for the order in which rows may have been written."""
        if count:
            self.hints_of.setdefault(account_id, Counter())[value] += count
            self.hints[value] += count

    def add_others(
        self, accounts: int, first: int, second: int, hints: int = 0, *, is_new: bool = True
    ) -> None:
        """Count so many accounts that vote alike each, of which nobody will ask alone.

        Args:
            accounts: how many.
            first: votes of each for the first value; `second` likewise.
            second: see there.
            hints: of each, at the second value.
            is_new: they were not counted before.
        """
        for value, count in ((self.first, first), (self.second, second)):
            if count:
                self.total[value] += count * accounts
        if is_new and (first or second):
            self.accounts[self.first if first >= second else self.second] += accounts
            self.others += accounts
        if hints:
            self.hints[self.second] += hints * accounts

    def add(self, account_id: str, value: str, count: int = 1) -> None:
        """Count votes of an account."""
        if count:
            votes = self.by_account.setdefault(account_id, Counter())
            if votes:
                self.accounts[self._winner(votes)] -= 1
            votes[value] += count
            self.accounts[self._winner(votes)] += 1
            self.total[value] += count

    def majority(self) -> str:
        """The value with most votes in the export, or hints if none votes; `first` on a tie."""
        return self._winner(self.total or self.hints)

    def of_account(self, account_id: str) -> str:
        """The value that the account's votes agree on, empty if they do not or there are none."""
        votes = self.by_account.get(account_id)
        if not votes:
            return self._hinted(self.hints_of.get(account_id, Counter()))
        winner = self._winner(votes)
        return winner if votes[winner] >= UNANIMOUS_SHARE * votes.total() else ""

    def of_export(self) -> Choice:
        """What a unit is taken for that nothing nearer tells of; `first` where nothing at all."""
        winner, count = self.majority(), len(self.by_account) + self.others
        if not count:
            return Choice(winner, "export" if self._hinted(self.hints) else "guess")
        dissenting = count - self.accounts[winner]
        agree = dissenting <= DISSENTING_SHARE * count
        return Choice(winner, "export" if agree else "guess")

    def of_unit(self, account_id: str) -> Choice:
        """What a unit of an account is taken for that tells nothing itself."""
        of_export, of_account = self.of_export(), self.of_account(account_id)
        if of_account and not (of_export.is_sure and of_export.value == of_account):
            return Choice(of_account, "account")
        return of_export

    def is_common(self, value: str) -> bool:
        """Whether a good part of the accounts that vote do so for the value."""
        return self.accounts[value] >= COMMON_SHARE * max(self.accounts.total(), 1)

    def is_for(self, account_id: str, value: str) -> bool:
        """Whether more speaks for a value than for the other: in the account, else in all."""
        told = self.of_account(account_id)
        other = self.second if value == self.first else self.first
        return told == value if told else self.total[value] > self.total[other]

    def is_against(self, account_id: str, value: str) -> bool:
        """Whether nearly all votes but a unit's own are for the other value.

        Those of its account are, and those of the export.
        """
        other = self.second if value == self.first else self.first
        own = self.by_account.get(account_id, Counter())
        return (
            self.total[other] >= VOTES_MIN
            and not self.hints[value]
            and all(votes[value] - 1 <= STRAY_SHARE * votes[other] for votes in (own, self.total))
        )

    def is_kept(self, account_id: str, value: str) -> bool:
        """Whether several weeks of an account vote for a value, and nothing for the other."""
        other = self.second if value == self.first else self.first
        own = self.by_account.get(account_id, Counter())
        return own[value] >= VOTES_MIN and self.is_against(account_id, other)

    def _hinted(self, hints: Counter[str]) -> str:
        winner = self._winner(hints)
        return winner if hints[winner] >= HINTS_MIN and hints[winner] == hints.total() else ""

    def _winner(self, votes: Counter[str]) -> str:
        return self.first if votes[self.first] >= votes[self.second] else self.second
