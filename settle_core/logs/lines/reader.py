"""What all readers share: a line's place in its context, its transaction, and the log's clock."""

import re
from bisect import bisect_right
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from typing import Final

from settle_core.logs.lines import clock
from settle_core.logs.lines.model import (
    LONG_AGO,
    NEVER,
    Event,
    Found,
    Place,
    Statement,
    Transaction,
)
from settle_core.logs.lines.runs import Threads

# A pause of a log that is longer than this is noted: a missing file makes one.
SILENCE_US: Final = 50_000
# So many statements of a context outside of transactions are looked back at.
_LOOSE_MAX: Final = 1_000
_TEXTS_MAX: Final = 20_000
# What no transaction reaches over.
_APART: Final = frozenset({"begin", "commit", "rollback", "ping"})

_SQL: Final = re.compile(r"\b(?:SELECT\b.*\bFROM|INSERT INTO|UPDATE \S+ SET|COMMIT|BEGIN)\b")


class Reader:
    """Collects what the lines of one group say; a reader of a format says how a line is read."""

    kind = ""
    # Whether each transaction begins by a word of its own: an end without one has lost it.
    is_begun_by_word = False

    def __init__(self, group: str, zone: str) -> None:
        """Start with nothing; `zone` is that of times that carry none."""
        self.found = Found(group, self.kind)
        self.zone = zone
        # How fine the last line's stamp was: what it tells lies within so many microseconds.
        self.step = 1
        # How much later than what it tells the last line's stamp may be, where it is a collector's.
        self.late_us = 0
        # What was found or given as the form of a line's head, where that may be any.
        self.told_prefix = ""
        self._threads = Threads()
        self._order: defaultdict[str, int] = defaultdict(int)
        self._open: dict[str, Transaction] = {}
        self._loose: defaultdict[str, deque[Statement]] = defaultdict(
            lambda: deque(maxlen=_LOOSE_MAX)
        )
        # Texts come again and again: each is kept once, of the latest ones.
        self._texts: dict[str, str] = {}
        self._lasting: dict[str, str] = {}
        self._next: dict[str, str] = {}
        # Who learns from INSERTs what matters, and drops the rest; none where all is kept.
        self.saw: Callable[[Statement], None] | None = None
        self.was_dropped: Callable[[str], bool] | None = None
        self.has_cache = False
        # The first and the last instant of the file that is being read.
        self.span_us = (NEVER, LONG_AGO)

    @classmethod
    def takes(cls, line: str) -> bool:
        """Whether a line is of this format."""
        raise NotImplementedError

    def read(self, place: Place, line: str) -> None:
        """Take one line."""
        raise NotImplementedError

    def end(self) -> None:
        """Take what was begun when the log ends."""

    def stamp(self, text: str) -> int | None:
        """The instant of a line's stamp, None if it is none; notes how fine it is."""
        us = clock.instant(text, self.zone)
        if us is not None:
            self.step = clock.step(text)
            self.found.step_us = max(self.found.step_us, self.step)
        return us

    def at(self, us: int, *, is_ordered: bool = True) -> None:
        """Note the instant of a line; a step back tells of clocks where lines come in order."""
        found = self.found
        found.first_us = min(found.first_us, us)
        self.span_us = min(self.span_us[0], us), max(self.span_us[1], us)
        if found.last_us > us:
            if is_ordered:
                found.backwards_us = max(found.backwards_us, found.last_us - us)
            return
        if us - found.last_us > SILENCE_US and found.last_us > 0:
            found.silences.append((found.last_us, us))
        found.last_us = us

    def passed(self, from_us: int, to_us: int) -> None:
        """Note the times of lines that were passed over."""
        self.found.first_us = min(self.found.first_us, from_us)
        self.found.last_us = max(self.found.last_us, to_us)
        self.span_us = min(self.span_us[0], from_us), max(self.span_us[1], to_us)

    def event(self, event: Event) -> None:
        """Take an event of a job."""
        self.found.halves += self._threads.halves(event)
        self.found.events.append(event)

    def unread(self, line: str) -> None:
        """Count a line that could not be read, and apart from others one that holds SQL."""
        self.found.unread += 1
        self.found.garbled += _SQL.search(line) is not None

    def statement(self, statement: Statement) -> Statement:
        """Take a statement: give it its order and its transaction."""
        statement.context = context = self._once(statement.context)
        statement.text = self._once(statement.text)
        self._order[context] += 1
        statement.order = self._order[context]
        self.found.statements.append(statement)
        self.has_cache |= statement.is_cached
        verb = statement.verb
        if verb == "insert" and self.saw is not None:
            self.saw(statement)
        if verb == "begin":
            if context in self._open:
                self.found.nested.add(context)
            level = statement.parsed.isolation or self._next.pop(context, "")
            level = level or self._lasting.get(context, "")
            self._open[context] = Transaction(statement, isolation=level)
            statement.transaction = self._open[context]
        elif verb in {"commit", "rollback"}:
            statement.transaction = self._closed(statement)
        elif verb == "isolation":
            self._isolation(statement)
        elif context in self._open:
            own = self._open[context]
            statement.transaction = own
            own.is_torn |= statement.gap
            if verb == "select" and own.first_read is None and not statement.is_cached:
                own.first_read = statement
        elif self.is_begun_by_word:
            self._loose[context].append(statement)
        if verb in _APART:
            self._loose.pop(context, None)
        return statement

    def sent(self, context: str) -> int:
        """How many statements of a context are held, or that there were some."""
        was_dropped = self.was_dropped is not None and self.was_dropped(context)
        return self._order.get(context, 0) or int(was_dropped)

    def renumbered(self, context: str, left: Sequence[Statement], torn: Sequence[int]) -> None:
        """Number what is left of a context's statements anew, and in its gaps, `torn`."""
        if len(left) == self._order[context]:
            return
        orders = [statement.order for statement in left]
        for number in torn:
            gap = self.found.gaps[number]
            self.found.gaps[number] = gap._replace(order=bisect_right(orders, gap.order))
        for number, statement in enumerate(left, 1):
            statement.order = number
        self._order[context] = len(left)

    def forget(self, context: str) -> None:
        """Let go of a context of which nothing is left."""
        for held in (self._order, self._loose, self._open, self._next, self._lasting):
            held.pop(context, None)

    def _once(self, text: str) -> str:
        if len(self._texts) > _TEXTS_MAX:
            self._texts.clear()
        return self._texts.setdefault(text, text)

    def _closed(self, statement: Statement) -> Transaction | None:
        """The transaction that a statement ends."""
        ended = self._open.pop(statement.context, None)
        if ended is None and self.is_begun_by_word:
            ended = self._headless(statement.context)
        if ended is not None:
            ended.end = statement
            ended.is_torn |= statement.gap
        return ended

    def _headless(self, context: str) -> Transaction | None:
        """The transaction of what was sent before an end, of which the beginning is missing."""
        sent = self._loose.get(context, ())
        reads = (s for s in sent if s.verb == "select" and not s.is_cached)
        own = Transaction(first_read=next(reads, None), is_torn=True) if sent else None
        for statement in sent:
            statement.transaction = own
        return own

    def _isolation(self, statement: Statement) -> None:
        level, context = statement.parsed.isolation, statement.context
        own = self._open.get(context)
        if "session" in statement.text.lower():
            self._lasting[context] = level
        elif own is not None:
            own.isolation = level
        else:
            self._next[context] = level
