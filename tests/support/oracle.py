"""The audit in plain Python, so that the SQL has a judge that shares no code with it.

Where several explanations cost the same, all of them are kept: the pipeline has to name one.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import combinations
from typing import NamedTuple

from oracle_delta import delta_stories
from oracle_records import Id, Row, Settings, Settlement, Unit, clock_order
from oracle_sum import sum_stories

Balancing = tuple[str, str]  # policy, level
POLICIES = ("sum", "delta")
LEVELS = ("day", "week")


class Week(NamedTuple):
    """A settled week: its sums, and each way of balancing that explains it at the least cost."""

    settlement: Settlement
    residual: int
    mismatch: int  # sum at settled_at minus the settled amount
    day_residuals: dict[date, int]
    ties: dict[Balancing, tuple[Unit, ...]]
    chosen: Balancing

    @property
    def units(self) -> tuple[Unit, ...]:
        """The units under the chosen way of balancing."""
        return self.ties[self.chosen]


def expected_findings(
    rows: Iterable[Row], settlements: Iterable[Settlement], settings: Settings
) -> list[Week]:
    """Audit a ledger; one `Week` per settlement, in the order of the settlements."""
    rows = list(rows)
    if settings.as_of is None and rows:
        settings = settings._replace(as_of=max(r.recorded_at for r in rows))
    of_account = defaultdict(list)
    for row in rows:
        of_account[row.account_id, row.currency].append(row)
    weeks = []
    for settlement in settlements:
        week_rows = [
            r
            for r in of_account[settlement.account_id, settlement.currency]
            if 0 <= (r.effective_date - settlement.week_start).days < 7
        ]
        weeks.append(_week(settlement, week_rows, settings))
    return _break_ties(weeks)


def _week(settlement: Settlement, rows: Sequence[Row], settings: Settings) -> Week:
    late = late_rows(settlement, rows, settings)
    mismatch = sum(r.amount for r in rows if r not in late) - settlement.settled_amount
    days = {d: [r for r in late if r.effective_date == d] for d in {r.effective_date for r in late}}
    parts: list[tuple[date | None, list[Row], int]]
    candidates: dict[Balancing, tuple[Unit, ...]] = {}
    for policy in POLICIES if settings.policy == "auto" else (settings.policy,):
        for level in LEVELS if settings.level == "auto" else (settings.level,):
            if level == "day":
                parts = [(day, days[day], 0) for day in sorted(days)]
            else:
                parts = [(None, late, mismatch)] if late else []
            candidates[policy, level] = tuple(
                explain(part, settings, policy, start, day) for day, part, start in parts
            )
    least = min(sum(map(_faults, units)) for units in candidates.values())
    ties = {k: us for k, us in candidates.items() if sum(map(_faults, us)) == least}
    return Week(
        settlement,
        mismatch + sum(r.amount for r in late),
        mismatch,
        {day: sum(r.amount for r in part) for day, part in days.items()},
        ties,
        next(iter(ties)),
    )


def _faults(unit: Unit) -> int:
    """What is wrong in a unit: an entry that may yet be answered is not."""
    pending = [sum(j.status == "pending" for j in story) for story in unit.explanations]
    return unit.cost[0] - max(pending, default=0)


def late_rows(settlement: Settlement, rows: Sequence[Row], settings: Settings) -> list[Row]:
    """Which rows came after the settlement: by the clock, but where only others meet its amount."""
    at = settlement.settled_at
    near = [r for r in rows if abs(r.recorded_at - at) < settings.skew and r.kind != "correction"]
    near = sorted(near, key=lambda r: (abs(r.recorded_at - at), r.entry_id))[:12]
    by_clock = [r for r in rows if r.recorded_at > at]
    for size in range(len(near) + 1):
        fits = []
        for places in combinations(range(len(near)), size):
            moved = [near[place] for place in places]
            late = [r for r in rows if (r in by_clock) != (r in moved)]
            if sum(r.amount for r in rows if r not in late) == settlement.settled_amount:
                counters = sum(r.kind == "counter" for r in moved)
                fits.append((counters, places[::-1], late))
        if fits:
            return min(fits, key=lambda fit: fit[:2])[2]
    return by_clock


def _break_ties(weeks: list[Week]) -> list[Week]:
    """Choose by what one-sided weeks show: policy first, then level; the account, then all."""

    def vote(ties: dict[Balancing, tuple[Unit, ...]], account: Id, side: int) -> str:
        sides = {k[side] for k in ties}
        for voters in ([w for w in weeks if w.settlement.account_id == account], weeks):
            shown = [{k[side] for k in w.ties} for w in voters if any(w.ties.values())]
            counts = Counter(next(iter(s)) for s in shown if len(s) == 1 and s <= sides)
            best = [s for s, n in counts.items() if n == max(counts.values())]
            if len(best) == 1:
                return best[0]
        return next(s for s in (*POLICIES, *LEVELS) if s in sides)

    settled = []
    for week in weeks:
        account = week.settlement.account_id
        policy = vote(week.ties, account, 0)
        level = vote({k: u for k, u in week.ties.items() if k[0] == policy}, account, 1)
        settled.append(week._replace(chosen=(policy, level)))
    return settled


def explain(
    rows: Iterable[Row], settings: Settings, policy: str, start: int = 0, day: date | None = None
) -> Unit:
    """Find the least cost of a unit's late rows and every explanation that has it."""
    ordered = tuple(sorted(rows, key=clock_order))
    if policy == "sum":
        cost, stories = sum_stories(ordered, settings, start)
    else:
        cost, stories = delta_stories(ordered, settings)
    whole = sum(r.amount for r in ordered) == 0
    masked = (
        frozenset(j._replace(status="masked") if whole else j for j in story) for story in stories
    )
    return Unit(day, ordered, cost, frozenset(masked))
