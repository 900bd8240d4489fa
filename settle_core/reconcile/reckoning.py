"""What takes what back: the faults of a week reckoned up against each other and its corrections.

The search says of each row what it is. Whether that still counts depends on the rest of the week:
a later row may have taken it back (masked), a correction may have put it right (accepted), and it
may offset what was wrong with the week already when it was settled. Afterwards the effects of what
is open or pending add up to what the week is off by, and those of what is masked to nothing.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final, NamedTuple

import duckdb

from settle_core import sql
from settle_core.exports.arrays import tables
from settle_core.reconcile.search import subset_sum

# So many rows are named in a sentence; of more the first ones.
NAMED_MAX: Final = 5
# How many open faults are tried for a set that was offset or corrected.
TRIED_MAX: Final = 16


@dataclass
class WrongRow:
    """A row that is not as it should be. `pair`: its other half stands `here` or `elsewhere`."""

    entry_id: str
    kind: str
    day: date
    role: str
    status: str
    policy: str
    level: str
    effect: int
    recorded_us: int
    is_unexplained: bool
    pair: str
    note: str = ""

    @property
    def is_off(self) -> bool:
        """Whether it still counts."""
        return self.status in {"open", "pending"}

    @property
    def named(self) -> str:
        """Its kind and id, for a sentence."""
        return f"{'counter-entry' if self.kind == 'counter' else 'late entry'} {self.entry_id}"


@dataclass
class PostedCorrection:
    """A row that corrects. `status` is empty where it put something right."""

    entry_id: str
    day: date
    amount: int
    recorded_us: int
    status: str = ""
    note: str = ""


@dataclass
class Week:
    """A settled week: `mismatch` is what it was off by at its settlement, minor units."""

    account_id: str
    currency: str
    week_start: date
    mismatch: int
    status: str = "open"
    note: str = ""
    faults: list[WrongRow] = field(default_factory=list)
    corrections: list[PostedCorrection] = field(default_factory=list)

    @property
    def is_off(self) -> bool:
        """Whether what it was off by at its settlement still counts."""
        return self.mismatch != 0 and self.status == "open"


class _Key(NamedTuple):
    account_id: str
    currency: str
    week_start: date


def run(con: duckdb.DuckDBPyConnection, minor_per_major: int, skew_us: int) -> None:
    """Create the tables `reckoned`, `reckoned_mismatch` and `reckoned_correction`.

    Args:
        con: a connection with the tables of the steps and the replay.
        minor_per_major: of the amounts, which are reckoned in whole numbers.
        skew_us: instants closer than this may have happened in either order.
    """
    minor: dict[str, object] = {"minor_per_major": minor_per_major}
    con.sql(sql.text("reconcile", "stray_half")).create_view("stray_half")
    con.sql(sql.text("reconcile", "reckoned_week"), params=minor).create("reckoned_week")
    weeks = {_Key(*row[:3]): Week(*row[:4]) for row in con.execute("FROM reckoned_week").fetchall()}
    for row in con.execute(sql.text("reconcile", "reckoned_fault"), minor).fetchall():
        weeks[_Key(*row[:3])].faults.append(WrongRow(*row[3:]))
    for row in con.execute(sql.text("reconcile", "posted_correction"), minor).fetchall():
        weeks[_Key(*row[:3])].corrections.append(PostedCorrection(*row[3:]))
    for week in weeks.values():
        reckon(week, skew_us)
    _create(con, weeks.values())


def reckon(week: Week, skew_us: int) -> None:
    """Say of each fault and correction of a week whether it still counts, and why not."""
    for fault in week.faults:
        if fault.status == "masked":
            fault.status = "open"
        if fault.pair == "here":
            fault.status = "masked"
        elif fault.pair == "elsewhere":
            fault.status = "open"  # its answer was posted: none is waited for
    units: dict[object, list[WrongRow]] = defaultdict(list)
    for fault in week.faults:
        if not fault.pair:
            units[fault.day if fault.level == "day" else None].append(fault)
    for unit in units.values():
        _take_back(unit, is_shifted=week.mismatch != 0)
    if week.mismatch:
        _offset(week)
    _correct(week, skew_us)
    _even_out(week)


def _take_back(unit: Sequence[WrongRow], *, is_shifted: bool) -> None:
    """Mask the faults of a unit after which a later one left it even.

    is_shifted: the week was off at its settlement, so a unit may come back to what it was off by
    before instead of to nothing.
    """
    standing: list[WrongRow] = []
    totals = [0]
    for fault in unit:
        standing.append(fault)
        totals.append(totals[-1] + fault.effect)
        since = totals.index(totals[-1]) if is_shifted else 0
        if since < len(standing) and totals[-1] == totals[since]:
            _mask(standing[since:])
            del standing[since:], totals[since + 1 :]


def _mask(faults: Sequence[WrongRow]) -> None:
    """Mask faults whose effects add up to nothing, the last of which took the others back."""
    *earlier, last = faults
    for fault in faults:
        fault.status = "masked"
    if not earlier:  # nothing was off by it
        return
    for fault in earlier:
        fault.note += f" Taken back by {last.named}."
    if last.role == "uncountered" and last.policy == "sum":
        last.note += f" None was owed: it took back {_all_named(earlier)}."
    else:
        last.note += f" It takes back {_all_named(earlier)}."


def _offset(week: Week) -> None:
    """Mask what offsets that the week was off at its settlement, and that with it."""
    left = [f for f in week.faults if f.is_off and f.pair != "elsewhere"]
    chosen = left
    if sum(f.effect for f in left) != -week.mismatch:
        likely = sorted(left, key=_is_likely)[:TRIED_MAX]
        places = subset_sum.fewest(
            [f.effect for f in likely],
            [not (f.is_unexplained or f.role == "compensating") for f in likely],
            -week.mismatch,
        )
        chosen = [likely[k] for k in places]
    if not chosen:
        return
    week.status = "masked"
    week.note = f" Offset since by {_all_named(chosen)}."
    for fault in chosen:
        fault.status = "masked"
        fault.note += " It offsets what the week was off by when it was settled."
        if fault.is_unexplained or fault.role == "uncountered":
            fault.role = "compensating"


def _is_likely(fault: WrongRow) -> tuple[bool, bool]:
    """Sort key: what nothing else explains comes first."""
    return (not (fault.is_unexplained or fault.role == "compensating"), fault.status == "pending")


def _correct(week: Week, skew_us: int) -> None:
    """Accept what corrections put right; the others put nothing right."""
    if not week.corrections:
        return
    left = list(week.corrections)
    for group in _groups(week.corrections):
        if all(c in left for c in group) and _put_right(week, group, skew_us):
            left = [c for c in left if c not in group]
    for correction in left:
        correction.status = "open"
        later = [
            f
            for f in week.faults
            if f.is_off and f.is_unexplained and f.recorded_us > correction.recorded_us
        ]
        taken = next((f for f in later if f.effect == -correction.amount), None)
        if taken:
            correction.status = taken.status = "masked"
            taken.role = "compensating"
            correction.note = f" Taken back by {taken.named}."
            taken.note += f" It takes back correction {correction.entry_id}."


def _groups(corrections: Sequence[PostedCorrection]) -> list[list[PostedCorrection]]:
    """Which corrections to look at together: all, those of a day, each one."""
    by_day: dict[date, list[PostedCorrection]] = defaultdict(list)
    for each in corrections:
        by_day[each.day].append(each)
    groups = [list(corrections), *by_day.values(), *([each] for each in corrections)]
    return [g for k, g in enumerate(groups) if g not in groups[:k]]


def _put_right(week: Week, group: Sequence[PostedCorrection], skew_us: int) -> bool:
    """Whether corrections are minus what was open before them; that is accepted then."""
    amount = sum(c.amount for c in group)
    last_us = max(c.recorded_us for c in group)
    there = [f for f in week.faults if f.is_off and f.recorded_us <= last_us + skew_us]
    days = {c.day for c in group}
    on_days = [f for f in there if f.day in days]
    due = [f for f in there if f.status == "open"]
    choices = [due, [f for f in due if f.day in days], on_days, there]
    mismatch = week.mismatch if week.is_off else 0
    for faults in choices:
        for more in {mismatch, 0}:
            if (faults or more) and sum(f.effect for f in faults) + more == -amount:
                _accept(week, faults, group, is_mismatch=more != 0)
                return True
    for faults in (on_days, there):
        tried = sorted(faults, key=lambda f: (f.status == "pending", f.recorded_us))[:TRIED_MAX]
        are_young = [f.status == "pending" for f in tried]
        for more in sorted({0, mismatch}, key=bool):
            places = subset_sum.fewest([f.effect for f in tried], are_young, -amount - more)
            if places:
                chosen = [tried[k] for k in places]
                _accept(week, chosen, group, is_mismatch=more != 0)
                return True
    return len(group) > 1 and amount == 0


def _accept(
    week: Week, faults: Iterable[WrongRow], group: Sequence[PostedCorrection], *, is_mismatch: bool
) -> None:
    ids = ", ".join(c.entry_id for c in group)
    note = f" Put right by correction{'s' if len(group) > 1 else ''} {ids}."
    for fault in faults:
        fault.status = "accepted"
        fault.note += note
    if is_mismatch:
        week.status = "accepted"
        week.note += note


def _even_out(week: Week) -> None:
    """A week that holds its settled amount has nothing open."""
    left = [f for f in week.faults if f.is_off]
    wrong = [c for c in week.corrections if c.status == "open"]
    total = sum(f.effect for f in left) + sum(c.amount for c in wrong)
    if total + (week.mismatch if week.is_off else 0) or not (left or wrong):
        return
    for fault in left:
        others = [f for f in left if f is not fault]
        fault.status = "masked"
        fault.note += " The week holds its settled amount all the same"
        fault.note += f", by {_all_named(others)}." if others else "."
    for correction in wrong:
        correction.status = "masked"
        correction.note = " The week holds its settled amount all the same."
    if week.is_off:
        week.status = "masked"
        week.note += " The week holds its settled amount all the same."


def _all_named(faults: Sequence[WrongRow]) -> str:
    """The rows, for a sentence."""
    more = len(faults) - NAMED_MAX
    told = " and ".join(f.named for f in faults[:NAMED_MAX])
    return f"{told} and {more} more" if more > 0 else told


def _create(con: duckdb.DuckDBPyConnection, weeks: Iterable[Week]) -> None:
    weeks = list(weeks)
    faults = [(f.entry_id, f.role, f.status, f.note) for w in weeks for f in w.faults]
    mismatches = [
        (w.account_id, w.currency, w.week_start, w.status, w.note) for w in weeks if w.mismatch
    ]
    corrections = [(c.entry_id, c.status, c.note) for w in weeks for c in w.corrections if c.status]
    told: dict[str, tuple[Sequence[Sequence[object]], Sequence[str]]] = {
        "reckoned": (faults, ("entry_id", "role", "status", "note")),
        "reckoned_mismatch": (
            mismatches,
            ("account_id", "currency", "week_start", "status", "note"),
        ),
        "reckoned_correction": (corrections, ("entry_id", "status", "note")),
    }
    for name, (rows, columns) in told.items():
        given = tables.of_rows(rows, **dict.fromkeys(columns, tables.TEXT))
        with tables.registered(con, given=given):
            con.sql(sql.text("reconcile", name)).create(name)
