"""What was inferred of an export: how it is balanced, and how sure the order of its rows is."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import ceil
from typing import Final, NamedTuple

from settle_core import formats
from settle_core.reconcile.policies.habits import Habits
from settle_core.reconcile.policies.votes import Votes
from settle_core.reconcile.search import answer_rows
from settle_core.reconcile.search.rounding import Rounding

# Accounts whose counter-entries are rounded are told one by one up to so many.
SAID_MAX: Final = 5


class Rounded(NamedTuple):
    """How the counter-entries of a currency are rounded, or of one account of it.

    `step`: as text, in major units; `fitting` of `asked` that were looked at tell it.
    """

    currency: str
    account_id: str
    rounding: Rounding
    step: str
    fitting: int
    asked: int

    @property
    def says(self) -> str:
        """The same in a sentence."""
        whose = f"account {self.account_id!r}, " if self.account_id else ""
        return (
            f"Counter-entries ({whose}{self.currency}) are rounded to {self.step}: {self.fitting:,}"
            f" of {self.asked:,} that are not exact are what was owed, rounded so. What that leaves"
            " off is told of each; whether it is meant is not in the data."
        )

    def as_dict(self) -> dict[str, object]:
        """The same as plain data."""
        return {
            "currency": self.currency,
            "account_id": self.account_id,
            "step": self.step,
            "modes": list(self.rounding.modes),
            "fitting": self.fitting,
            "asked": self.asked,
        }


@dataclass
class Inferred:
    """What was inferred of the export, for the workpaper and the manifest.

    `rows_moved`: rows on the other side of their settlement than the clock says, see `steps.moved`.
    `habits`: of accounts, in how many weeks answers stand on their days.
    `are_strays_few`: see steps/stray_day.sql. `is_in_parts`: see `parts`; `are_parts_of_days`
    likewise, asked for where it counts. `rounding`: whose counter-entries are rounded.
    """

    policy: Votes = field(default_factory=lambda: Votes("sum", "delta"))
    level: Votes = field(default_factory=lambda: Votes("day", "week"))
    habits: Habits = field(default_factory=Habits)
    ids_are_sequence: bool = False
    are_strays_few: bool = False
    is_in_parts: bool = False
    are_parts_of_days: Callable[[], bool] = field(default=lambda: False, repr=False)
    rounding: list[Rounded] = field(default_factory=list)
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
        said = [each.says for each in self.rounding[:SAID_MAX]]
        if len(self.rounding) > SAID_MAX:
            said.append(f"So are those of {len(self.rounding) - SAID_MAX} more accounts.")
        if self.is_in_parts:
            moment = answer_rows.MOMENT_US // 1_000_000
            said.append(
                "Counter-entries come in parts, and no job holds these together: those written"
                f" within {moment} seconds were judged by their sum where that leaves less wrong."
            )
        if self.habits.kept:
            weeks = formats.count(self.habits.kept, "week")
            said.append(
                f"{weeks} with answers on another day than their late entry: so are most of the"
                " account, or all such answers are dated in one way. Taken for how these weeks are"
                " balanced, as a whole, not for misplaced answers."
            )
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
            "rounding": [each.as_dict() for each in self.rounding],
            "rows_moved": self.rows_moved,
            "weeks_replayed": self.weeks_replayed,
            "units_exhausted": self.units_exhausted,
            "weeks_by_ids": self.weeks_by_ids,
            "clock_off_seconds": self.clock_off_us / 1_000_000,
            "says": list(self.says),
        }
