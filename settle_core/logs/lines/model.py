"""What is taken from a log: statements, events of jobs, and where each stood.

Instants are whole microseconds since 1970, UTC by the log's own clock. What a log leaves open is an
interval, never a point in time.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Final, NamedTuple

# Ends of intervals that nothing bounds.
LONG_AGO: Final = -(1 << 62)
NEVER: Final = 1 << 62


class Place(NamedTuple):
    """Where a line stands: file by its number in the list of files, line from 1, offset in bytes.

    In a compressed file the offset is that of the text in it.
    """

    file: int
    line: int
    offset: int
    length: int


class Condition(NamedTuple):
    """A comparison in a WHERE: column, operator, values as text."""

    column: str
    operator: str
    values: tuple[str | None, ...]


class Parsed(NamedTuple):
    """What a statement's text says.

    Attributes:
        verb: begin, commit, rollback, select, insert, update, delete, isolation, ping or other.
        table: the table that is written or, first, read; without its schema, in small letters.
        columns: of an INSERT.
        rows: of an INSERT, the values as text; None for NULL and for what is no plain value.
        where: of a SELECT, UPDATE or DELETE.
        is_sum: it adds up.
        locks: it waits for and takes a lock on what it reads.
        isolation: the level that it sets, in small letters.
    """

    verb: str
    table: str = ""
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str | None, ...], ...] = ()
    where: tuple[Condition, ...] = ()
    is_sum: bool = False
    locks: bool = False
    isolation: str = ""


@dataclass(slots=True, eq=False)
class Statement:
    """A statement in a log.

    Attributes:
        place: of its first line; `more` of the others that belong to it.
        context: who sent it: a database session, or a process with its tags.
        from_us, to_us: when it ran; `seen_from_us` and `seen_to_us` when a SELECT's snapshot was
            taken.
        is_cached: it was answered by a cache and never reached the database.
        job: the id of the job that sent it, empty where the log does not say.
        order: its place among the statements of its context.
        gap: lines are missing before it in its context.
        server: which database answered, where the log names it.
        prepared: the name of the prepared statement that was executed, where it has one.
        is_first: that was parsed for this execution.
        is_answered: of a cached one that `thinning` looked at, whether its read is in the log.
        skipped: how many statements before it were dropped, and a sum of their words' hashes.
    """

    place: Place
    context: str
    from_us: int
    to_us: int
    text: str
    parsed: Parsed
    is_cached: bool = False
    job: str = ""
    seen_from_us: int = 0
    seen_to_us: int = 0
    more: tuple[Place, ...] = ()
    order: int = 0
    gap: bool = False
    server: str = ""
    prepared: str = ""
    is_first: bool = False
    transaction: "Transaction | None" = None
    is_answered: bool | None = None
    skipped: tuple[int, int] = (0, 0)

    @property
    def verb(self) -> str:
        """What it does; see `Parsed.verb`."""
        return self.parsed.verb


def key_of(statement: Statement) -> str:
    """What two statements share that a cache takes for one."""
    return f"{statement.text}{statement.parsed.where}"


@dataclass(slots=True, eq=False)
class Transaction:
    """A transaction of a context, from its BEGIN to its end; either may be missing in the log.

    `is_torn`: lines are missing in it, which may have been its end and the next one's BEGIN; or its
    own BEGIN is, so that what was sent before its end may have been committed before.
    """

    begin: Statement | None = None
    end: Statement | None = None
    first_read: Statement | None = None
    isolation: str = ""
    is_torn: bool = False

    @property
    def is_rolled_back(self) -> bool:
        """Whether it ended in a rollback."""
        return self.end is not None and self.end.verb == "rollback"


class Gap(NamedTuple):
    """Lines of a context that are missing by their numbers, or were passed over.

    Attributes:
        context: whose they are.
        until_us: the stamp of the line after them.
        order: of the last statement before them; 0 where there is none.
    """

    context: str
    until_us: int
    order: int


class Event(NamedTuple):
    """What a worker's log says of a job: `start`, `done`, `fail`, `retry`, `discard`, `boot`.

    `worker` is the process (and thread), `task` the class of the job, `arguments` as text.
    """

    place: Place
    at_us: int
    job: str
    name: str
    worker: str
    task: str = ""
    arguments: str = ""


@dataclass
class Found:
    """What a reader found in the files of one group.

    Attributes:
        group: the name of the group: files of one kind, of one host.
        kind: the reader.
        statements, events: in the order of the log.
        lines, unread: lines looked at, and those that could not be read.
        garbled: of the latter, those that hold pieces of SQL.
        first_us, last_us: instants of the first and last line.
        silences: pairs of neighbouring instants, longer than `SILENCE_US` apart.
        backwards_us: the longest step back of the lines' clock.
        numbered: lines carry numbers by context, so that every lost one shows.
        lost: so many lines are missing by their numbers.
        gaps: where; also before the first line of a context that is not its first by number.
        repeated: so many lines stood there a second time and were passed over.
        step_us: how fine the coarsest stamp is.
        audited: lines of pgAudit, which are not read.
        nested: contexts in which a transaction began while one was open.
        thinned: how many statements were dropped, by file and whether their context has no end.
        thinned_events: how many events were dropped, by file.
        halves: runs of which one half is missing, by the threads that they ran in.
        thinned_verbs, is_quoted: which verbs these had, and whether names in them were quoted.
    """

    group: str
    kind: str
    statements: list[Statement] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    lines: int = 0
    unread: int = 0
    garbled: int = 0
    first_us: int = NEVER
    last_us: int = LONG_AGO
    silences: list[tuple[int, int]] = field(default_factory=list)
    backwards_us: int = 0
    numbered: bool = False
    lost: int = 0
    gaps: list[Gap] = field(default_factory=list)
    repeated: int = 0
    step_us: int = 1
    audited: int = 0
    nested: set[str] = field(default_factory=set)
    thinned: Counter[tuple[int, bool]] = field(default_factory=Counter)
    thinned_events: Counter[int] = field(default_factory=Counter)
    halves: int = 0
    thinned_verbs: set[str] = field(default_factory=set)
    is_quoted: bool = False
