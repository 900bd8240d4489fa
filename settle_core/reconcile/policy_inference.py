"""One account's settled week, weighed: how many faults each policy and level leaves in it."""

from collections import Counter
from dataclasses import dataclass, field
from functools import reduce
from math import ceil
from typing import Final, NamedTuple

from settle_core import contract, formats
from settle_core.exports.profile import Profile
from settle_core.reconcile import sum_policy
from settle_core.reconcile.model import Cost, Row
from settle_core.reconcile.search import Group

# An account whose votes are less unanimous than this leaves its tied units undecided.
UNANIMOUS_SHARE: Final = 0.98
# And an export in which more than this share of the accounts votes otherwise, its tied accounts.
# Accounts, not votes: of one policy many more units are unambiguous than of the other.
DISSENTING_SHARE: Final = 0.005
# So many days that look like one value are no chance where nothing votes for the other.
HINTS_MIN: Final = 2
# So many votes of others stand against a unit's own level, of which at most this share agrees with
# it; with more than so many faults less it overrules them.
VOTES_MIN: Final = 2
STRAY_SHARE: Final = 0.02
OVERRULING_FAULTS: Final = 2
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

    def add_others(self, accounts: int, first: int, second: int, hints: int = 0) -> None:
        """Count so many accounts that vote alike each, of which nobody will ask alone.

        Args:
            accounts: how many.
            first: votes of each for the first value; `second` likewise.
            second: see there.
            hints: of each, at the second value.
        """
        for value, count in ((self.first, first), (self.second, second)):
            if count:
                self.total[value] += count * accounts
        if first or second:
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

    def is_common(self, value: str) -> bool:
        """Whether a good part of the accounts that vote do so for the value."""
        return self.accounts[value] >= COMMON_SHARE * max(self.accounts.total(), 1)

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

    def _hinted(self, hints: Counter[str]) -> str:
        winner = self._winner(hints)
        return winner if hints[winner] >= HINTS_MIN and hints[winner] == hints.total() else ""

    def _winner(self, votes: Counter[str]) -> str:
        return self.first if votes[self.first] >= votes[self.second] else self.second


# A counter-entry on the wrong day leaves three faults, itself unexplained and what it should have
# answered, but it is one.
MISPLACED_SPARED: Final = 2


class Unit(NamedTuple):
    """The late rows of one account, currency and week, by day; `start` in minor units.

    `is_committed`: their instants are those of their commits, as the database told them.
    """

    account_id: str
    start: int
    days: list[list[Row]]
    is_committed: bool = False


@dataclass
class Inferred:
    """What was inferred of the export, for the workpaper and the manifest.

    `rows_moved`: rows on the other side of their settlement than the clock says, see `steps.moved`.
    `are_strays_few`: see steps/stray_day.sql.
    """

    policy: Votes = field(default_factory=lambda: Votes("sum", "delta"))
    level: Votes = field(default_factory=lambda: Votes("day", "week"))
    ids_are_sequence: bool = False
    are_strays_few: bool = False
    rows_moved: int = 0
    weeks_replayed: int = 0
    units_exhausted: int = 0
    weeks_by_ids: int = 0
    clock_off_us: int = 0

    def __repr__(self) -> str:
        """Count what was weighed."""
        return f"<inferred: {self.weeks_replayed:,} weeks replayed, {self.rows_moved} rows moved>"

    @property
    def says(self) -> tuple[str, ...]:
        """What a reader has to know of how sure the order of the rows is."""
        said = []
        if self.weeks_by_ids:
            seconds = self.clock_off_us / 1_000_000
            weeks = formats.count(self.weeks_by_ids, "week")
            said.append(
                f"Clocks contradict the ids by up to {seconds:.1f} seconds in {weeks}, told in the"
                f" order of ids: a server's clock was off, or an hour came twice."
                f" clock.skew_seconds = {ceil(seconds + 0.1)} would fit."
            )
        if self.units_exhausted:
            places = formats.count(self.units_exhausted, "crowded place")
            said.append(
                f"The search for what each writer saw gave up in {places}: causes there are"
                " undetermined, and another row may be to blame."
            )
        return tuple(said)

    def as_dict(self) -> dict[str, object]:
        """The same as plain data."""
        return {
            "policy_votes": dict(self.policy.total),
            "policy_hints": dict(self.policy.hints),
            "level_votes": dict(self.level.total),
            "ids_are_sequence": self.ids_are_sequence,
            "rows_moved": self.rows_moved,
            "weeks_replayed": self.weeks_replayed,
            "units_exhausted": self.units_exhausted,
            "weeks_by_ids": self.weeks_by_ids,
            "clock_off_seconds": self.clock_off_us / 1_000_000,
            "says": list(self.says),
        }


class Weighed:
    """A unit with its explanations under every policy and level that the profile leaves open."""

    def __init__(self, unit: Unit, profile: Profile, grace_from_us: int) -> None:
        """Weigh; late entries recorded after `grace_from_us` may yet be answered."""
        self.unit = unit
        self.profile = profile
        self.grace_from_us = grace_from_us
        fixed: str = profile.balancing.policy
        self.policies: tuple[str, ...] = contract.POLICIES if fixed == "auto" else (fixed,)
        fixed = profile.balancing.level
        self.levels: tuple[str, ...] = contract.LEVELS if fixed == "auto" else (fixed,)
        if fixed == "auto" and len(unit.days) == 1 and not unit.start:
            self.levels = ("day",)
        last_us = max(row.recorded_us for rows in unit.days for row in rows)
        self._is_young = last_us > grace_from_us
        self._groups: dict[str, list[Group]] = {}
        self._costs: dict[tuple[str, str], Cost] = {}
        for level in self.levels:
            is_delta_open = self._is_crowded and "delta" in self.policies
            if is_delta_open and not self._cost(level, "delta").faults:
                # Each of so many counter-entries answers a late entry: no need to search.
                self.policies = ("delta",)
            if level == "day" and self._is_told(level):
                self.levels = (level,)
                break

    @property
    def _is_crowded(self) -> bool:
        return sum(map(len, self.unit.days)) > sum_policy.ROWS_MAX

    @property
    def faults(self) -> int:
        """How many faults its cheapest explanation has, those that may yet be answered spared."""
        ways = [(level, policy) for level in self.levels for policy in self.policies]
        return min(self._due(*way).faults for way in ways)

    def groups(self, level: str) -> list[Group]:
        """The late rows by day, or of the week as a whole."""
        if level not in self._groups:
            days, skew = self.unit.days, self.profile.skew_us
            if level == "week":
                every = [row for rows in days for row in rows]
                self._groups[level] = [Group(every, skew, self.unit.start)]
            else:
                self._groups[level] = [Group(rows, skew) for rows in days]
        return self._groups[level]

    def _is_told(self, level: str) -> bool:
        """Whether a policy tells of every counter-entry what its writer saw, leaving none out."""
        # delta first, which takes no search
        return any(
            all(group.shape(policy).is_told for group in self.groups(level))
            for policy in reversed(self.policies)
        )

    def _cost(self, level: str, policy: str) -> Cost:
        """What the explanations of the unit cost together."""
        key = level, policy
        if key not in self._costs:
            first, *others = [group.shape(policy).cost for group in self.groups(level)]
            self._costs[key] = reduce(lambda total, cost: total.plus(*cost), others, first)
        return self._costs[key]

    def _due(self, level: str, policy: str) -> Cost:
        """What they cost without the late entries that may yet be answered."""
        if not self._is_young:
            return self._cost(level, policy)
        spared = 0
        for group in self.groups(level):
            pending = group.pending(policy, self.grace_from_us)
            # A story that needs a fault besides is no better for leaving an answer to the future.
            spared += pending if pending == group.shape(policy).cost.faults else 0
        return self._cost(level, policy).plus(-spared, 0, 0, 0)

    def _least(self, level: str) -> Cost:
        return min(self._cost(level, policy) for policy in self.policies)

    def _misplaced(self) -> int:
        """How many counter-entries of the days would answer a late entry of another day."""
        policy = min(self.policies, key=lambda policy: self._cost("day", policy))
        strays: list[Row] = []
        waiting: list[Row] = []
        for group in self.groups("day"):
            for step in group.shape(policy).steps:
                if step.role == "unexplained":
                    strays.append(group.rows[step.position])
                elif step.role == "uncountered":
                    waiting.append(group.rows[step.position])
        count = 0
        for stray in strays:
            # One that was there before what it should have answered is early, not misplaced.
            last_us = stray.recorded_us + self.profile.skew_us
            fits = [r for r in waiting if r.amount == -stray.amount and r.recorded_us < last_us]
            if fits:
                waiting.remove(fits[0])
                count += 1
        return count

    def _days_excess(self, inferred: Inferred) -> int:
        """How many more faults the days leave than the week.

        A misplaced counter-entry is one. Several are no more, where most days of the export hold.
        """
        misplaced = self._misplaced()
        spared = MISPLACED_SPARED * misplaced
        if inferred.are_strays_few:
            spared += max(misplaced - 1, 0)
        return max(self._least("day").faults - spared, 0) - self._least("week").faults

    def vote(self, inferred: Inferred) -> None:
        """Count this unit's votes, where one policy or level explains it with fewer faults."""
        account = self.unit.account_id
        if len(self.levels) > 1:
            excess = self._days_excess(inferred)
            # One fault less, spared by a set of rows that fits by chance or by a counter-entry on a
            # wrong day, does not make a week that is balanced as a whole.
            if excess < 0 or excess > 1:
                inferred.level.add(account, "day" if excess < 0 else "week")
        if len(self.policies) > 1:
            level = self._level(inferred)
            by_sum, by_delta = (self._due(level, p).faults for p in contract.POLICIES)
            if by_sum != by_delta and not self._is_by_job(level):
                inferred.policy.add(account, "sum" if by_sum < by_delta else "delta")

    def choose(self, inferred: Inferred) -> tuple[str, Choice]:
        """The level and policy to judge it by."""
        level = self._level(inferred)
        if len(self.policies) == 1:
            return level, Choice(self.policies[0], "unit")
        by_sum, by_delta = (self._due(level, p) for p in contract.POLICIES)
        fewer = "sum" if by_sum < by_delta else "delta"
        if by_sum.faults != by_delta.faults:
            return level, self._overruled(level, fewer, inferred.policy)
        if by_sum != by_delta:
            return level, Choice(fewer, "less")
        of_export = inferred.policy.of_export()
        of_account = inferred.policy.of_account(self.unit.account_id)
        if of_account and not (of_export.is_sure and of_export.value == of_account):
            return level, Choice(of_account, "account")
        return level, of_export

    def _overruled(self, level: str, fewer: str, votes: Votes) -> Choice:
        """The policy with fewer faults, but for one that the jobs speak against."""
        by_sum, by_delta = (self._due(level, p).faults for p in contract.POLICIES)
        is_close = abs(by_sum - by_delta) <= OVERRULING_FAULTS
        if is_close and votes.total["sum"] <= votes.total["delta"] and self._is_by_job(level):
            return Choice("delta", "less")
        return Choice(fewer, "unit")

    def _is_by_job(self, level: str) -> bool:
        """Whether only who wrote them tells that counter-entries answer a late entry each.

        The policy sum has fewer faults, as jobs answer for each other there, while each
        counter-entry has the amount that an entry of its own job is answered by.
        """
        by_sum, by_delta = (self._due(level, p).faults for p in contract.POLICIES)
        if by_sum >= by_delta:
            return False
        rows = [row for group in self.groups(level) for row in group.rows]
        own = {(row.job_id, -row.amount) for row in rows if not row.is_counter and row.job_id}
        return all((row.job_id, row.amount) in own for row in rows if row.is_counter)

    def _level(self, inferred: Inferred) -> str:
        if len(self.levels) == 1:
            return self.levels[0]
        excess = self._days_excess(inferred)
        shown = "day" if excess < 0 else "week"
        is_against = inferred.level.is_against(self.unit.account_id, shown)
        # A week that is off as a whole as well is no sign that weeks are what is balanced.
        is_off_too = is_against and shown == "week" and self._least("week").faults > 0
        if not is_off_too and abs(excess) > (OVERRULING_FAULTS if is_against else 1):
            return shown
        if excess and is_against:
            return "week" if shown == "day" else "day"
        of_export = inferred.level.of_export()
        votes = inferred.level.of_account(self.unit.account_id)
        if votes or of_export.is_sure:
            return votes or of_export.value
        day, week = self._least("day"), self._least("week")
        is_even = not week.faults and inferred.level.is_common("week")
        if (excess == 1 and not is_even) or (not excess and day == week):
            return of_export.value
        return "day" if (excess, day) < (0, week) else "week"
