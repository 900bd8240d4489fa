"""The audit in plain Python, so that the SQL has a judge that shares no code with it.

Where several explanations cost the same, all of them are kept: the pipeline has to name one.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from itertools import combinations
from typing import NamedTuple

from oracle_delta import delta_stories
from oracle_elsewhere import Late, rows_apart, unit_apart
from oracle_records import Id, Row, Settings, Settlement, Unit, clock_order
from oracle_sum import sum_stories

Balancing = tuple[str, str]  # policy, level
Part = tuple[date | None, list[Row], int]  # a day or the week, its late rows, what it was off by
POLICIES = ("sum", "delta")
LEVELS = ("day", "week")


class Week(NamedTuple):
    """A settled week: its sums, and each way of balancing that explains it at the least cost."""

    settlement: Settlement
    residual: int
    mismatch: int  # sum at settled_at minus the settled amount
    day_residuals: dict[date, int]
    ties: dict[Balancing, tuple[Unit, ...]]
    others: dict[Balancing, list[tuple[Unit, ...]]]  # at the same cost, the first one's, too
    chosen: Balancing

    @property
    def units(self) -> tuple[Unit, ...]:
        """The units under the chosen way of balancing."""
        return self.ties[self.chosen]


def expected_findings(
    rows: Iterable[Row], settlements: Iterable[Settlement], settings: Settings
) -> list[Week]:
    """Audit a ledger; one `Week` per settlement, in the order of the settlements."""
    rows = _without_one_value(list(rows))
    if settings.as_of is None and rows:
        settings = settings._replace(as_of=max(r.recorded_at for r in rows))
    of_account = defaultdict(list)
    for row in rows:
        of_account[row.account_id, row.currency].append(row)
    late, weeks = [], []
    for settlement in settlements:
        week_rows = [
            r
            for r in of_account[settlement.account_id, settlement.currency]
            if 0 <= (r.effective_date - settlement.week_start).days < 7
        ]
        of_week = late_rows(settlement, week_rows, settings)
        before = sum(r.amount for r in week_rows if r not in of_week)
        late.append(Late(of_week, before - settlement.settled_amount))
        weeks.append(settlement)
    ids = {r.entry_id for week in late for r in week.rows}
    timely = [r for r in rows if r.kind == "counter" and r.entry_id not in ids]

    def faults(some: Sequence[Row], mismatch: int) -> int:
        ways = _ways(some, mismatch, settings).values()
        return min(sum(unit.cost[0] for unit in units) for way in ways for units in way)

    apart = rows_apart(late, timely, settings, faults)
    return _break_ties(
        [_week(of, week, settings, apart) for of, week in zip(weeks, late, strict=True)]
    )


def _without_one_value(rows: list[Row]) -> list[Row]:
    """A job that all rows of an export have is none."""
    jobs = {r.job_id for r in rows}
    return [r._replace(job_id=None) for r in rows] if len(jobs) == 1 and len(rows) > 1 else rows


def _week(settlement: Settlement, late: Late, settings: Settings, apart: set[Id]) -> Week:
    rows, mismatch = late
    candidates = _ways([r for r in rows if r.entry_id not in apart], mismatch, settings)
    if gone := [r for r in rows if r.entry_id in apart]:
        unit = unit_apart(gone, settings)
        candidates = {k: [(*us, unit) for us in ways] for k, ways in candidates.items()}
    cost = {k: min(sum(map(_faults, us)) for us in ways) for k, ways in candidates.items()}
    least = min(cost.values())
    day_sums = Counter[date]()
    for row in rows:
        day_sums[row.effective_date] += row.amount
    others = {
        k: [us for us in ways if sum(map(_faults, us)) == least]
        for k, ways in candidates.items()
        if cost[k] == least
    }
    return Week(
        settlement,
        mismatch + sum(r.amount for r in rows),
        mismatch,
        dict(day_sums),
        {k: ways[0] for k, ways in others.items()},
        others,
        next(iter(others)),
    )


def _ways(
    late: Sequence[Row], mismatch: int, settings: Settings
) -> dict[Balancing, list[tuple[Unit, ...]]]:
    """Each way of balancing with what it makes of late rows, whichever day was off before."""
    days = {d: [r for r in late if r.effective_date == d] for d in {r.effective_date for r in late}}
    candidates: dict[Balancing, list[tuple[Unit, ...]]] = {}
    for policy in POLICIES if settings.policy == "auto" else (settings.policy,):
        for level in LEVELS if settings.level == "auto" else (settings.level,):
            whole: list[Part] = [(None, list(late), mismatch)] if late else []
            ways = _starts(days, mismatch) if level == "day" else [whole]
            candidates[policy, level] = [
                tuple(explain(part, settings, policy, start, day) for day, part, start in parts)
                for parts in ways
            ]
    return candidates


def _starts(days: dict[date, list[Row]], mismatch: int) -> list[list[Part]]:
    """The days as they are; or one of them holds what the week was off by at its settlement."""
    plain: list[Part] = [(day, days[day], 0) for day in sorted(days)]
    if not mismatch:
        return [plain]
    return [plain] + [
        [(day, part, mismatch if day == off else 0) for day, part, _ in plain]
        for off in sorted(days)
    ]


def _faults(unit: Unit) -> int:
    """What is wrong in a unit: an entry that may yet be answered is not."""
    pending = [sum(j.status == "pending" for j in story) for story in unit.explanations]
    return unit.cost[0] if unit.cost[0] > max(pending, default=0) else 0


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
        cost, stories = delta_stories(ordered, settings, start)
    whole = sum(r.amount for r in ordered) == 0
    masked = (
        frozenset(j._replace(status="masked") if whole else j for j in story) for story in stories
    )
    return Unit(day, ordered, cost, frozenset(masked))
