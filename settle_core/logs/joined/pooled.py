"""Whether connections of a server are handed out by transaction: then none is one job's.

A pool such as PgBouncer in transaction mode gives each transaction any connection. What one
sent before an INSERT is then as a rule another job's, and the job's own read is on another one.
"""

from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from typing import Final

from settle_core.logs.joined.joining import Written

# A run of a job that comes again, over another connection, comes later than this.
AT_ONCE_US: Final = 1_000_000


def faults(name: str, written: Iterable[Written]) -> list[str]:
    """Why nothing can be proved from a server's log, where jobs went from connection to another."""
    rows: defaultdict[str, list[tuple[int, str]]] = defaultdict(list)
    for each in written:
        if each.job:
            rows[each.job].append((each.statement.from_us, each.statement.context))
    shared = sum(
        any(
            mine != other and at - before < AT_ONCE_US
            for (before, mine), (at, other) in pairwise(sorted(own))
        )
        for own in rows.values()
    )
    if not shared:
        return []
    jobs = "1 job" if shared == 1 else f"{shared} jobs"
    return [f"{name} has rows of {jobs} from several connections at once (a pool by transaction?)"]
