"""How far apart the clocks of several logs are by their zones: local times that name none.

A job's statements lie within its run, and a row is written when the ledger says. Only whole
quarters of an hour are taken for a zone, and only where all that is told of by both logs agrees.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from typing import Final

from settle_core.logs.joined.view import View
from settle_core.logs.lines.model import NEVER, Event, Found
from settle_core.logs.lines.runs import runs_of

_QUARTER_US: Final = 900_000_000
_QUARTERS_MOST: Final = 60
# Clocks of two hosts are this far apart, beside their zones.
_SKEW_US: Final = 2_000_000
# As many of the jobs that both logs tell of must agree on a zone, and so many on none.
_AGREE_MIN: Final = 0.95
_SAME_MIN: Final = 0.5
_HOUR_US: Final = 3_600_000_000


def align(views: Sequence[View], found: Sequence[Found]) -> dict[str, int]:
    """Tell each view of the runs of jobs and of the ends of the other logs, by its own clock.

    Returns:
        How far each log is ahead of the ledger, by the names of groups; of what is not known none.
    """
    hours: dict[str, int] = {}
    for view in views:
        view.runs_until_us = NEVER
        events: list[Event] = []
        ends = [view.until_us]
        run_ends: list[int] = []
        for each in found:
            ahead_us = _ahead(view, views, each)
            if ahead_us is None:
                view.run_faults.append(
                    f"nothing tells how far the clocks of {view.name} and {each.kind}'s log are "
                    "apart (local time without a zone? clock.zone of the profile is that of both)"
                )
                events += each.events
                continue
            hours.setdefault(each.group, ahead_us + view.ahead_us)
            events += (e._replace(at_us=e.at_us - ahead_us) for e in each.events)
            ends.append(each.last_us - ahead_us)
            run_ends += [each.last_us - ahead_us] if each.kind == "Sidekiq" else []
        view.until_us = max(ends)
        view.runs_until_us = max(run_ends, default=NEVER)
        view.runs = runs_of(events, max([view.until_us, *(e.at_us for e in events[-1:])]))
    return hours


def _ahead(view: View, views: Sequence[View], found: Found) -> int | None:
    """How far a log is ahead of a view's clock by its zone, None where nothing tells it."""
    if any(found is own for own in view.found):
        return 0
    other = next((v for v in views if any(found is own for own in v.found) and v.written), None)
    if other is not None:
        return other.ahead_us - view.ahead_us
    quarters, jobs = _quarters(view, found.events)
    if quarters[0] >= _SAME_MIN * jobs and (jobs or not view.ahead_us):
        return 0
    best = quarters.most_common(2)
    is_one = len(best) == 1 or (best and best[0][1] > best[1][1])
    return best[0][0] * _QUARTER_US if is_one and best[0][1] >= _AGREE_MIN * jobs else None


def _quarters(view: View, events: Iterable[Event]) -> tuple[Counter[int], int]:
    """By which zones the statements of jobs lie within their runs, and of how many jobs."""
    sent: dict[str, int] = {}
    for statement in view.statements:
        if statement.job:
            sent.setdefault(statement.job, statement.from_us)
    for written in view.written.values():
        if written.job:
            sent.setdefault(written.job, written.statement.from_us)
    told: defaultdict[str, list[Event]] = defaultdict(list)
    for event in events:
        if event.job in sent and event.name in {"start", "done", "fail"}:
            told[event.job].append(event)
    runs = [each for each in told.values() if [e.name == "start" for e in each] == [True, False]]
    quarters: Counter[int] = Counter()
    for start, end in runs:
        at_us = sent[start.job]
        least = math.ceil((start.at_us - _SKEW_US - at_us) / _QUARTER_US)
        most = math.floor((end.at_us + _SKEW_US - at_us) / _QUARTER_US)
        quarters.update(range(max(least, -_QUARTERS_MOST), min(most, _QUARTERS_MOST) + 1))
    return quarters, len(runs)


def changes(view: View) -> list[str]:
    """Whether a log's clock is not always as far from the ledger's: daylight saving time."""
    hours: Counter[float] = Counter()
    for each in view.written.values():
        off_us = each.statement.from_us - each.row.recorded_us
        halves = round(2 * off_us / _HOUR_US)
        if abs(off_us - halves * _HOUR_US // 2) < 15 * _SKEW_US:
            hours[halves / 2] += 1
    often = sorted(hour for hour, count in hours.items() if count > 1)
    # Rows that are recorded at any time before they are written are no sign of a zone.
    is_zone = hours.total() >= _AGREE_MIN * len(view.written)
    if len(often) < 2 or not is_zone:  # noqa: PLR2004  two are a change
        return []
    told = " and ".join(f"{hour:g} h" for hour in often)
    off = f"the clock of {view.name} is {told} off the ledger's (daylight saving time? give stamps "
    return [off + "with their zone, or the zone as clock.zone of the profile)"]
