"""One view of what happened: the logs of the workers, or the logs of the database.

Each is judged alone, so that neither borrows the other's clock. A view knows the statements of each
context in order, which of them wrote the ledger's rows, and where the log is not whole.
"""

import itertools
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date
from functools import cached_property
from typing import Final

from settle_core.logs.joined import pooled, signs
from settle_core.logs.joined.clocks import Clocks
from settle_core.logs.joined.joining import Inserted, LateRow, Names, Written, inserted, join
from settle_core.logs.lines.model import LONG_AGO, NEVER, Found, Statement
from settle_core.logs.lines.runs import Run
from settle_core.logs.lines.sql_text import day_bounds

SERVER: Final = frozenset({"PostgreSQL", "MariaDB"})
# So many rows without an INSERT in one pause of a log are a hole in it; fewer are lost lines.
HOLE_ROWS_MIN: Final = 3
# A transaction at the edge of a log has no other half; one further inside has lost a line.
EDGE_US: Final = 1_000_000
# A clock that is this far off the ledger's is one of another zone, or a wrong one.
AHEAD_MIN_US: Final = 30_000_000
ZONES_US: Final = 15 * 3_600_000_000
_NARROWING: Final = frozenset({"<", "<=", ">", ">=", "=", "in", "between"})


class _Writes(dict[int, list[Written]]):
    """What each statement wrote; of the many that wrote nothing, nothing is kept."""

    def __missing__(self, key: int) -> list[Written]:
        """No row."""
        return []


class View:
    """The statements of some groups of files, joined to the ledger."""

    def __init__(
        self,
        name: str,
        found: Sequence[Found],
        rows: Sequence[LateRow],
        names: Names,
        runs: dict[str, list[Run]],
    ) -> None:
        """Join the rows; `runs` are those of the workers' own log, by job."""
        self.name, self.found, self.names, self.runs = name, found, names, runs
        self.rows = {row.entry_id: row for row in rows}
        self.is_server = all(each.kind in SERVER for each in found)
        self.statements = [s for each in found for s in each.statements]
        self.contexts: defaultdict[str, list[Statement]] = defaultdict(list)
        for statement in self.statements:
            self.contexts[statement.context].append(statement)
        self.step_us = max((each.step_us for each in found), default=1)
        for sent in self.contexts.values():
            _close(sent, self.step_us - 1)
        logged = inserted(self.statements, names)
        self.tables = _tables(logged, rows)
        # INSERTs of the ledger's rows, and those of them that no late row was joined with.
        self.logged = [e for e in logged if e.statement.parsed.table in self.tables]
        self.written = join(rows, self.logged)
        if self.is_server:
            # The server's own time of a commit lies between its COMMIT and the row's appearance.
            self.written = {i: each.committed() for i, each in self.written.items()}
        self.writes = _Writes()
        for each in self.written.values():
            self.writes.setdefault(id(each.statement), []).append(each)
        self.jobs: defaultdict[str, list[Statement]] = defaultdict(list)
        self.loads: defaultdict[str, list[Statement]] = defaultdict(list)
        for statement in self.statements:
            if statement.job:
                self.jobs[statement.job].append(statement)
            loaded = self.loaded(statement)
            if loaded is not None:
                self.loads[loaded].append(statement)
        self.mixed = self._mixed()
        self.ahead_us = self._ahead()
        # Counter-entries told by this log, and those of them whose run read no sum; see `causes`.
        self.told = self.unread = 0
        # How many reads of the ledger a transaction made up to the one that its sum is of, at most.
        self.depth = 0
        # What was sent between the read and the INSERT of counter-entries, and how often.
        self.ways: Counter[tuple[str, ...]] = Counter()
        self._reads: dict[tuple[str, date, date], list[Statement]] = {}
        self.is_quoted = any(each.is_quoted for each in found)
        self.is_quoted |= any('"' in s.text for s in self.statements)
        verbs = {s.verb for s in self.statements}.union(*(f.thinned_verbs for f in found))
        self.has_pings, self.has_selects = "ping" in verbs, "select" in verbs
        # Late entries may be written by a program whose log is not given; counter-entries are not.
        has_entries = any(not each.row.is_counter for each in self.written.values())
        self.missing = [
            row
            for row in rows
            if row.entry_id not in self.written and (row.is_counter or has_entries)
        ]
        self.holes = self._holes()
        self.clocks = Clocks(self.written.values(), found)
        self.lost = [row for row in self.missing if self._is_lost(row)]
        self.faults = self._faults()
        # The end of the log, or of its workers' own if that goes on for longer.
        self.until_us = max((each.last_us for each in found), default=0)
        # What is not whole about the workers' own log of their runs, and when that ends.
        self.run_faults: list[str] = []
        self.runs_until_us = NEVER
        self.answers_else = False  # see `by_entry`
        # Until when lines are missing of which one may have loaded a late entry; see `lost`.
        self.torn_us = LONG_AGO

    @cached_property
    def since_us(self) -> dict[str, int]:
        """When each group's lines begin."""
        return {each.group: each.first_us for each in self.found}

    def covers(self, us: int) -> bool:
        """Whether the log reaches an instant of the ledger."""
        us += self.ahead_us
        return any(each.first_us <= us <= each.last_us for each in self.found)

    def _ahead(self) -> int:
        """How far the log's clock is ahead of the ledger's: a zone that is not told, as a rule."""
        ahead = sorted(w.statement.to_us - w.row.recorded_us for w in self.written.values())
        usual = ahead[len(ahead) // 2] if ahead else 0
        return usual if abs(usual) > AHEAD_MIN_US else 0

    def _mixed(self) -> frozenset[str]:
        """Contexts of a Rails log in which several threads speak: their tag is not one job's."""
        jobs: defaultdict[str, set[str]] = defaultdict(set)
        for each in self.written.values():
            if each.job:
                jobs[each.statement.context].add(each.job)
        nested = {context for found in self.found for context in found.nested}
        anonymous = {c for c, sent in self.contexts.items() if not sent[0].job and not jobs[c]}
        return frozenset(
            context
            for context in self.contexts
            if context.startswith("Rails")
            and (len(jobs[context]) > 1 or context in nested or context in anonymous)
        )

    @property
    def ends_early(self) -> bool:
        """Whether the ledger has rows that were recorded after the end of a log."""
        last_us = min((each.last_us for each in self.found if each.statements), default=0)
        is_later = any(row.recorded_us + self.ahead_us > last_us for row in self.missing)
        return is_later or any(
            row.recorded_us + self.ahead_us > last_us + EDGE_US for row in self.rows.values()
        )

    def reads(self, statement: Statement, account: str, first: date, last: date) -> bool:
        """Whether a statement reads the sum, or the rows, of an account's day or week as of now."""
        parsed = statement.parsed
        if parsed.verb != "select" or parsed.table not in self.tables:
            return False
        names = self.names
        narrowing = {names.recorded, names.amount, names.kind, names.entry, names.job}
        low = high = None
        is_account = False
        for column, operator, values in parsed.where:
            if column == names.account and operator in {"=", "in"}:
                is_account = values == (account,)
            elif column == names.day:
                low, high = day_bounds(operator, values, low, high)
            elif column in narrowing and operator in _NARROWING:
                return False
        return is_account and (low, high) == (first.isoformat(), last.isoformat())

    def reads_of(self, account: str, first: date, last: date) -> list[Statement]:
        """All reads of an account's day or week, in the order of the log."""
        key = account, first, last
        if key not in self._reads:
            self._reads[key] = [s for s in self.statements if self.reads(s, account, first, last)]
        return self._reads[key]

    def is_bounded(self, statement: Statement) -> bool:
        """Whether the log shows where the run began in which a statement was sent."""
        if (run := self.run_of(statement)) is not None:
            return run.from_us >= self.since_us.get(statement.context.partition("|")[0], NEVER)
        return any(s.verb == "ping" for s in self.before(statement))

    def begun_us(self, statement: Statement) -> int:
        """No later than this the piece of work began in which a statement was sent."""
        run = self.run_of(statement)
        if run is not None:
            return run.from_us
        ping = next((s for s in self.before(statement) if s.verb == "ping"), None)
        return ping.from_us if ping is not None else LONG_AGO

    def loaded(self, statement: Statement) -> str | None:
        """The id of the row that a statement loads, None if it does not load one by its id."""
        parsed = statement.parsed
        if parsed.verb != "select" or parsed.table not in self.tables or parsed.is_sum:
            return None
        for column, operator, values in parsed.where:
            if column == self.names.entry and operator in {"=", "in"} and len(values) == 1:
                return values[0] if values[0] in self.rows else None
        return None

    def run_of(self, statement: Statement) -> Run | None:
        """The run of a job in which a statement was sent, None if no worker's log tells."""
        job = statement.job or next((w.job for w in self.writes[id(statement)]), "")
        for run in reversed(self.runs.get(job, [])):
            # Worker logs cut to milliseconds, and both are lines, not the moments themselves.
            if run.from_us - 2_000 <= statement.to_us and statement.from_us <= run.to_us + 2_000:
                return run
        return None

    def before(self, statement: Statement) -> list[Statement]:
        """What the same context sent before, latest first."""
        return self.contexts[statement.context][: statement.order - 1][::-1]

    def after(self, statement: Statement) -> list[Statement]:
        """What the same context sent after it, in order."""
        return self.contexts[statement.context][statement.order :]

    def in_hole(self, from_us: int, to_us: int) -> tuple[int, int] | None:
        """A hole of the log that an interval touches."""
        return next((h for h in self.holes if from_us <= h[1] and h[0] <= to_us), None)

    def _holes(self) -> list[tuple[int, int]]:
        """Silences of the log in which the ledger has rows: a file is missing, or was cut."""
        holes: Counter[tuple[int, int]] = Counter()
        for each in self.found:
            starts = [start for start, _ in each.silences]
            for row in self.missing:
                at_us = row.recorded_us + self.ahead_us
                at = bisect_right(starts, at_us) - 1
                if at >= 0 and each.silences[at][0] <= at_us <= each.silences[at][1]:
                    holes[each.silences[at]] += 1
        return sorted(hole for hole, rows in holes.items() if rows >= HOLE_ROWS_MIN)

    def _faults(self) -> list[str]:
        """Why nothing can be proved from this log at all."""
        if not self.rows:
            return []
        if not self.written:
            if not self.statements:
                why = "log_statement = none?" if self.is_server else "is its level info?"
                if any(each.audited for each in self.found):
                    why = "pgAudit's lines do not tell when a statement ended"
                return [f"{self.name} holds no SQL ({why})"]
            return signs.again(self) or [f"{self.name} holds no INSERT of the ledger's rows"]
        shared = pooled.faults(self.name, self.written.values()) if self.is_server else []
        return [*self._unfit(), *shared, *self._gaps()]

    def _unfit(self) -> list[str]:
        """What the log's settings keep from it."""
        faults = []
        if not self.has_selects:
            why = " (log_statement = mod?)" if self.is_server else ""
            faults.append(f"{self.name} holds no SELECT{why}")
        if abs(self.ahead_us) > ZONES_US:
            hours = self.ahead_us / 3_600_000_000
            faults.append(f"the clock of {self.name} is {hours:.0f} h off the ledger's")
        return faults

    def _gaps(self) -> list[str]:
        """What is missing: by the numbers of lines, or by what one line tells of another."""
        faults = []
        lost = self.lost
        if self.is_numbered:
            if len(lost) > sum(each.lost for each in self.found):
                faults.append(
                    f"{self.name} has no INSERT of {len(lost)} rows, and by their numbers no such "
                    "lines are missing (are only some statements logged?)"
                )
            if (halves := signs.halves(self)) and not any(each.lost for each in self.found):
                faults.append(
                    f"{self.name} has {halves} transactions of which one half is missing, and by "
                    "their numbers no lines are (are only some statements logged?)"
                )
            return faults
        if again := signs.again(self):
            faults += again
        elif lost:
            faults.append(
                f"{self.name} has no INSERT of {len(lost)} rows that were recorded while it ran"
            )
        return [*faults, *signs.faults(self)]

    @property
    def is_numbered(self) -> bool:
        """Whether lines carry numbers by context, so that every lost one shows."""
        return all(each.numbered for each in self.found)

    @property
    def is_complete(self) -> bool:
        """Whether nothing but INSERTs of the ledger's rows may be missing, by all other signs."""
        if signs.again(self):
            return False
        is_counted = self.is_numbered and not any(each.lost for each in self.found)
        return not (self.holes or self._unfit() or (signs.faults(self) and not is_counted))

    @property
    def unjoined(self) -> list[Inserted]:
        """INSERTs of the ledger's table that wrote none of its late rows."""
        joined = {(id(w.statement), w.row.account, w.row.amount) for w in self.written.values()}
        return [e for e in self.logged if (id(e.statement), e.account, e.amount) not in joined]

    def _is_lost(self, row: LateRow) -> bool:
        """Whether the log should hold the INSERT of a row, and does not."""
        at = row.recorded_us + self.ahead_us
        return self.covers(row.recorded_us) and not self.in_hole(at, at) and not self.at_edge(at)

    def at_edge(self, us: int) -> bool:
        """Whether an instant is where the log begins, ends, or has a hole."""
        edges = [e for f in self.found for e in (f.first_us, f.last_us)]
        edges += [e for hole in self.holes for e in hole]
        return any(abs(us - edge) <= EDGE_US for edge in edges)

    def is_whole(self, context: str) -> bool:
        """Whether a context is one thread of control: a session, or the tag of one job."""
        return not context.endswith("|") and (self.is_server or context not in self.mixed)


def _close(sent: Sequence[Statement], loose_us: int) -> None:
    """A context sends one statement after the other: where an end was not logged, the next is.

    Stamps are cut: the next one may have begun so much later than its stamp says.
    """
    for statement, following in itertools.pairwise(sent):
        if statement.to_us == NEVER:
            statement.to_us = following.from_us + loose_us
        if statement.seen_to_us == NEVER:
            statement.seen_to_us = statement.to_us


def _tables(logged: Sequence[Inserted], rows: Sequence[LateRow]) -> frozenset[str]:
    """The tables that the ledger's rows were inserted into, by their values."""
    keys = {(row.account, row.day.isoformat(), row.amount) for row in rows}
    return frozenset(
        each.statement.parsed.table
        for each in logged
        if (each.account, each.day, each.amount) in keys
    )
