"""Runs of jobs, by their workers' own log: from each start to its end, or to where it was gone."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from settle_core.logs.lines.model import Event, Found


class Run(NamedTuple):
    """A run of a job by its worker's log; `end` is done, fail, killed or open."""

    job: str
    number: int
    from_us: int
    to_us: int
    end: str
    worker: str
    events: tuple[Event, ...]


def runs_of(events: Iterable[Event], last_us: int) -> dict[str, list[Run]]:
    """The runs of each job: from its start to its end, or to where its process was gone."""
    runs: defaultdict[str, list[Run]] = defaultdict(list)
    begun: dict[str, list[Event]] = defaultdict(list)
    told: defaultdict[str, list[Event]] = defaultdict(list)
    for event in sorted(events, key=lambda e: e.at_us):
        if event.name == "start":
            begun[event.job].append(event)
        elif event.name in {"done", "fail"} and event.job:
            starts = begun[event.job]
            same = [e for e in starts if e.worker == event.worker or not event.worker]
            start = next(iter(same or starts), None)
            if start is None:
                runs[event.job].append(_run(event.job, event, event))
                continue
            starts.remove(start)
            runs[event.job].append(_run(event.job, start, event))
        elif event.job:
            told[event.job].append(event)
    for job, starts in begun.items():
        runs[job] += [Run(job, 0, e.at_us, last_us, "open", e.worker, (e,)) for e in starts]
    for job, each in runs.items():
        each.sort(key=lambda run: run.from_us)
        runs[job] = [
            run._replace(number=k + 1, events=(*run.events, *_near(run, told[job])))
            for k, run in enumerate(each)
        ]
    return dict(runs)


def _run(job: str, start: Event, end: Event) -> Run:
    return Run(job, 0, start.at_us, end.at_us, end.name, start.worker, (start, end))


def _near(run: Run, told: Sequence[Event]) -> list[Event]:
    return [e for e in told if run.from_us <= e.at_us <= run.to_us + 1_000_000 or run.end == "open"]


def faults(found: Sequence[Found], runs: Collection[str], wrote: Collection[str]) -> list[str]:
    """What is not whole about workers' logs whose every thread runs one job at a time.

    Args:
        found: the logs.
        runs: the jobs that they tell of.
        wrote: the jobs that wrote rows, by another log.
    """
    told = [
        f"{each.kind}'s log has {halves} runs of which one half is missing"
        for each in found
        if each.kind == "Sidekiq" and (halves := each.halves)
    ]
    known = set(wrote) & set(runs)
    if known and (strays := len(set(wrote) - known)):
        told.append(f"the workers' log has no run of {strays} jobs that wrote rows")
    return told


class Threads:
    """Counts starts whose thread went on without an end, and ends that no start is of."""

    def __init__(self) -> None:
        """Start with no thread."""
        self._open: dict[str, str] = {}
        self._known: set[str] = set()

    def halves(self, event: Event) -> int:
        """How many halves of runs are missing by one more event."""
        count = 0
        if event.name == "start":
            count = event.worker in self._open
            self._open[event.worker] = event.job
        elif event.name in {"done", "fail"}:
            # The first that is heard of a thread may be the end of what began before the log.
            is_other = self._open.get(event.worker) != event.job
            count = event.worker in self._known and is_other
            self._open.pop(event.worker, None)
        self._known.add(event.worker)
        return int(count)


def arguments_of(event: Event) -> list[str]:
    """The first arguments of a job, as text."""
    return [part.strip() for part in event.arguments.strip("[]()").split(",")[:3]]
