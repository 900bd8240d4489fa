"""Accounts that keep weeks among others that keep days: told by how many answers are on their day.

Where days are balanced, now and then an answer lands on another day of its week, in one account
as likely as in the next, and on any other day. Where some accounts keep weeks, it is in these that
most weeks have one; and where weeks are kept for a time, such answers are dated in one way.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from math import log
from typing import Final, NamedTuple

from settle_core.reconcile.search.model import Row

# By so much likelier must two kinds of accounts be than slips that come anywhere.
GAIN_MIN: Final = log(20)
# An account with so many weeks that are off, more than others, is first taken to keep weeks.
BEGIN_MIN: Final = 2
ROUNDS_MAX: Final = 10
# Days of the week on which an answer may land that is not dated on its own.
OTHER_DAYS: Final = 6
# So many answers that are dated in one way, of so large a share of all that are on other days, are
# no chance. Where accounts keep weeks anyway, fewer tell which way that is. But how weeks are kept
# shows in many of them: of few answers among all, a bug may date each in the same way.
DATED_MIN: Final = 3
DATED_OF_ALL: Final = 0.2
DATED_SHARE: Final = 0.8
DATED_OF_KIND_MIN: Final = 2
DAY_US: Final = 86_400_000_000
# The first day of the calendar's microseconds is a Thursday, the fourth of a week.
FIRST_WEEKDAY: Final = 3


class _Kinds(NamedTuple):
    """What accounts that keep weeks share, and with what odds a week is off in either kind."""

    share: float
    off_by_week: float
    off_by_day: float

    def of_weekly(self, off: int, on: int) -> float:
        """Logarithm of how likely it is to be an account that keeps weeks, with such weeks."""
        return log(self.share) + _likelihood(self.off_by_week, off, on)

    def of_daily(self, off: int, on: int) -> float:
        """The same of one that keeps days."""
        return log(1 - self.share) + _likelihood(self.off_by_day, off, on)


class Habits:
    """Of each account, in how many weeks with counter-entries one of these is on another day.

    `off`: such weeks; `on`: weeks in which none is. `weekday`: of each row to search, by its
    number, its day of the week. `kept`: weeks that are taken as a whole for that.
    """

    def __init__(self) -> None:
        """Begin with no weeks."""
        self.off: Counter[str] = Counter()
        self.on: Counter[str] = Counter()
        self.weekday: Sequence[int] = ()
        self.kept = 0
        self._others: Counter[tuple[int, int]] = Counter()
        self._astray: Counter[str] = Counter()
        self._dated: Counter[tuple[str, str]] = Counter()

    def add_others(self, accounts: int, off: int, on: int) -> None:
        """Count so many accounts with as many weeks each, of which nobody will ask."""
        if off or on:
            self._others[off, on] += accounts

    def add(self, account_id: str, astray: Sequence[Row], *, is_off: bool) -> None:
        """Count a week, and how its answers are dated that are on another day."""
        (self.off if is_off else self.on)[account_id] += 1
        if is_off:
            self._astray[account_id] += len(astray)
            self._dated.update((account_id, way) for row in astray for way in self._ways(row))

    def are_weeks_kept(self, account_id: str, astray: Sequence[Row]) -> bool:
        """Whether an account keeps weeks, at least that with such answers on other days.

        Asked when all is counted.
        """
        way = self._way
        count = sum(count for (_, each), count in self._dated.items() if each == way)
        is_habit = count >= max(DATED_MIN, DATED_OF_ALL * self._weeks)
        if is_habit and astray and all(way in self._ways(row) for row in astray):
            return True
        off, on = self.off[account_id], self.on[account_id]
        kinds = self._kinds
        if kinds is None or not off:
            return False
        gain = self._dated[account_id, way] * log(OTHER_DAYS)
        return kinds.of_weekly(off, on) + gain > kinds.of_daily(off, on)

    @cached_property
    def _weeks(self) -> int:
        """How many weeks have counter-entries."""
        others = sum(sum(each) * count for each, count in self._others.items())
        return self.off.total() + self.on.total() + others

    @cached_property
    def _way(self) -> str:
        """How answers on other days are dated, where nearly all are dated in one way."""
        ways = Counter[str]()
        for (_, way), count in self._dated.items():
            ways[way] += count
        way, count = max(ways.items(), key=lambda each: each[1], default=("", 0))
        is_usual = count >= max(DATED_SHARE * self._astray.total(), DATED_OF_KIND_MIN)
        return way if is_usual else ""

    def _ways(self, row: Row) -> Iterable[str]:
        """The ways in which it may be said to be dated."""
        day = self.weekday[row.number]
        if day == 0:
            yield "first"
        if day == OTHER_DAYS:
            yield "last"
        if (row.recorded_us // DAY_US + FIRST_WEEKDAY) % 7 == day:
            yield "posted"

    @cached_property
    def _kinds(self) -> _Kinds | None:
        """The two kinds, None where it is likelier that there is one."""
        known = Counter((self.off[each], self.on[each]) for each in self.off.keys() | self.on)
        del known[0, 0]
        accounts = known + self._others
        weekly = {each for each in accounts if each[0] >= BEGIN_MIN and each[0] > each[1]}
        kinds = None
        for _ in range(ROUNDS_MAX):
            if not weekly or len(weekly) == len(accounts):
                return None
            kinds = _told(accounts, weekly)
            again = {each for each in accounts if kinds.of_weekly(*each) > kinds.of_daily(*each)}
            if again == weekly:
                break
            weekly = again
        if kinds is None:
            return None
        off = sum(each[0] * count for each, count in accounts.items())
        every = sum(sum(each) * count for each, count in accounts.items())
        gain = sum(
            count
            * (max(kinds.of_weekly(*each), kinds.of_daily(*each)) - _likelihood(off / every, *each))
            for each, count in accounts.items()
        )
        return kinds if gain > GAIN_MIN else None


def _told(accounts: Counter[tuple[int, int]], weekly: set[tuple[int, int]]) -> _Kinds:
    def off_share(those: set[tuple[int, int]]) -> float:
        off, on = (sum(each[k] * accounts[each] for each in those) for k in (0, 1))
        return (off + 1) / (off + on + 2)

    share = sum(accounts[each] for each in weekly) / accounts.total()
    return _Kinds(share, off_share(weekly), off_share(accounts.keys() - weekly))


def _likelihood(off_share: float, off: int, on: int) -> float:
    return (off and off * log(off_share)) + (on and on * log(1 - off_share))
