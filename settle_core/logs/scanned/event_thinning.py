"""What a workers' log says of jobs that never touch the ledger is let go, as `thinning` does.

Kept are the events of jobs of which statements are held, of jobs that name an entry among their
arguments, and of all jobs of the same classes: of these one may be an entry's that no line tells.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import TYPE_CHECKING

from settle_core.logs.lines.runs import arguments_of

if TYPE_CHECKING:
    from settle_core.logs.lines.model import Event
    from settle_core.logs.lines.reader import Reader


class EventThinning:
    """Drops what cannot matter from the events that readers hold."""

    def __init__(self, entries: Iterable[str]) -> None:
        """Start with nothing known; `entries` are the ids of the rows that a log may tell of."""
        self._entries = {told for i in entries for told in (i, f'"{i}"')}
        self._jobs: set[str] = set()
        self._tasks: set[str] = set()
        self._dropped: set[int] = set()
        self._dropped_tasks: set[str] = set()
        self.is_active = False

    def again(self) -> None:
        """Begin to read anew, with what is known now."""
        self._dropped.clear()
        self._dropped_tasks.clear()
        self.is_active = False

    def thin(self, readers: Sequence["Reader"], jobs: Collection[str], latest: int | None) -> bool:
        """Let go of what does not matter.

        Args:
            readers: they hold the events.
            jobs: that matter, as far as is known yet.
            latest: jobs of so many latest events may be at work; None: the logs have ended.

        Returns:
            Whether something had been dropped before that matters.
        """
        self.is_active = True
        events = [event for reader in readers for event in reader.found.events]
        self._jobs.update(e.job for e in events if self._entries & set(arguments_of(e)))
        self._jobs.update(jobs)
        self._jobs.discard("")
        self._tasks.update(e.task for e in events if e.job in self._jobs)
        is_amiss = any(hash(job) in self._dropped for job in self._jobs)
        is_amiss |= bool(self._tasks & self._dropped_tasks)
        kept = self._jobs | {e.job for e in events if e.task in self._tasks}
        for reader in readers:
            self._of(reader, kept, latest)
        return is_amiss

    def _of(self, reader: "Reader", kept: Collection[str], latest: int | None) -> None:
        found = reader.found
        at_work = {e.job for e in found.events[-latest:]} if latest else set()
        left: list[Event] = []
        for event in found.events:
            if event.job in kept or event.job in at_work:
                left.append(event)
                continue
            found.thinned_events[event.place.file] += 1
            if event.job:
                self._dropped.add(hash(event.job))
                self._dropped_tasks.add(event.task)
        found.events = left
