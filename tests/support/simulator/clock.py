"""Time: processes that wait, and the clocks of servers that do not agree."""

import heapq
from collections.abc import Generator
from random import Random

from simulator.ledger import MS, Ledger, Unit, View

Process = Generator[int, None, None]


class World:
    """Simulated time, its processes, the database and its cache, and the lots that are drawn."""

    def __init__(self, seed: str, offsets: tuple[int, ...], jitter: int) -> None:
        """Start at zero.

        Args:
            seed: of all lots.
            offsets: of each server's clock, in microseconds.
            jitter: how far an instant written by a server may be off besides.
        """
        self.lots = Random(seed)  # noqa: S311  lots, not secrets
        self.ledger = Ledger()
        self.now = 0
        self.offsets, self.jitter = offsets, jitter
        self.jobs = 0
        self.cache: dict[tuple[int, Unit], tuple[int, View]] = {}
        self._waiting: list[tuple[int, int, Process]] = []
        self._started = 0

    def start(self, at: int, process: Process) -> None:
        """Let a process begin at an instant."""
        self._started += 1
        heapq.heappush(self._waiting, (at, self._started, process))

    def run(self) -> None:
        """Go on until no process waits."""
        while self._waiting:
            self.now, _, process = heapq.heappop(self._waiting)
            wait = next(process, None)
            if wait is not None:
                self.start(self.now + wait, process)

    def stamp(self, server: int) -> int:
        """What a server's clock shows now."""
        off = self.offsets[server % len(self.offsets)]
        return self.now + off + (self.lots.randint(0, self.jitter) if self.jitter else 0)

    def job(self) -> str:
        """A new job's id."""
        self.jobs += 1
        return f"j{self.jobs:05d}-{self.lots.randrange(16**6):06x}"

    def wait(self, low: int = 1, high: int = 8) -> int:
        """Some milliseconds."""
        return self.lots.randint(low * MS, high * MS)

    def lock(self, name: str) -> Process:
        """Wait for a lock."""
        while name in self.ledger.locks:
            yield MS
        self.ledger.locks.add(name)

    def unlock(self, name: str) -> None:
        """Give a lock back."""
        self.ledger.locks.discard(name)
