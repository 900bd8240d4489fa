"""What a log says beside the ledger is let go while it is read, so that memory does not grow by it.

A log of many gigabytes may lie all in the minutes of late rows. What connections and jobs sent that
never touch the ledger's tables is counted and dropped. Of what others sent between two statements
that matter only so much is kept that whatever is asked of it later is answered the same: is there
a statement of a kind after this one, or before that one; was it cached without having been read;
is a transaction torn. Where it shows later that a context that was dropped matters after all, or
that a table is the ledger's, all is read again, and that is kept.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from settle_core.logs.joined import joining
from settle_core.logs.joined.joining import LateRow, Names
from settle_core.logs.lines.model import Statement, key_of
from settle_core.logs.lines.sql_text import asks_server
from settle_core.logs.scanned.event_thinning import EventThinning

if TYPE_CHECKING:
    from settle_core.logs.lines.reader import Reader

# So many statements are held before any is dropped.
HELD_MOST: Final = 50_000
# What has sent none of so many latest statements has ended, as a rule.
LATEST: Final = 10_000
# After so many readings that dropped too much, contexts are dropped at the end only.
PASSES_MOST: Final = 3
# Between two statements that matter so many are kept as they are, and of more the first ones.
BETWEEN_MOST: Final = 30
_FIRST: Final = 3
_WORDS: Final = frozenset({"begin", "commit", "rollback"})
_MASK: Final = (1 << 61) - 1

Kind = tuple[str, bool, bool, bool, bool]


class Thinning:
    """Drops what cannot matter from what the readers of some logs hold."""

    def __init__(self, names: Names, rows: Iterable[LateRow]) -> None:
        """Start with no table known to be the ledger's; `rows` are all that a log may tell of."""
        rows = list(rows)
        self._names = names
        self._keys = {(row.account, row.day.isoformat(), row.amount) for row in rows}
        self._bound = self._bound_events = HELD_MOST
        self._events = EventThinning(row.entry_id for row in rows)
        self._passes = 0
        # What is known to matter, and was found to matter after it had been dropped.
        self._tables: set[str] = set()
        self._jobs = {row.job for row in rows} - {""}
        self._kept: set[int] = set()
        self._dropped: set[int] = set()
        self._dropped_jobs: set[int] = set()
        self._made: defaultdict[int, set[int]] = defaultdict(set)
        self.is_active = False
        self.is_amiss = False

    def again(self) -> None:
        """Begin to read anew, with what is known now."""
        self._passes += 1
        self._dropped.clear()
        self._dropped_jobs.clear()
        self._made.clear()
        self._bound = self._bound_events = HELD_MOST
        self._events.again()
        self.is_active = self.is_amiss = False

    def was_dropped(self, context: str) -> bool:
        """Whether a context sent what is not held any more."""
        return hash(context) in self._dropped

    def saw(self, statement: Statement) -> None:
        """Learn from an INSERT: its table may be the ledger's, and it may name a job."""
        for each in joining.inserted((statement,), self._names):
            if (each.account, each.day, each.amount) in self._keys:
                if each.statement.parsed.table not in self._tables:
                    self._tables.add(each.statement.parsed.table)
                    self.is_amiss |= self.is_active
                self._jobs.add(each.job)
                self.is_amiss |= hash(each.job) in self._dropped_jobs

    def check(self, readers: Iterable["Reader"]) -> None:
        """Drop what can be dropped where more is held than there should be."""
        readers = list(readers)
        if sum(len(each.found.statements) for each in readers) > self._bound:
            self._thin(readers, is_end=False)
            held = sum(len(each.found.statements) for each in readers)
            self._bound = held + max(held, HELD_MOST)
        if sum(len(each.found.events) for each in readers) > self._bound_events:
            self._thin_events(readers, is_end=False)
            held = sum(len(each.found.events) for each in readers)
            self._bound_events = held + max(held, HELD_MOST)

    def end(self, readers: Iterable["Reader"]) -> None:
        """Drop the rest: what is left does not hang on when it was dropped."""
        readers = list(readers)
        if self.is_active:
            self._thin(readers, is_end=True)
        if self._events.is_active:
            self._thin_events(readers, is_end=True)

    def _thin_events(self, readers: Sequence["Reader"], *, is_end: bool) -> None:
        jobs = {each.job for reader in readers for each in reader.found.statements}
        latest = max(len(each.found.events) for each in readers)
        latest = latest if self._passes >= PASSES_MOST else LATEST
        jobs |= self._jobs
        self.is_amiss |= self._events.thin(readers, jobs, None if is_end else latest)

    def _thin(self, readers: Sequence["Reader"], *, is_end: bool) -> None:
        self.is_active = True
        for reader in readers:
            self._of(reader, is_end=is_end)

    def _of(self, reader: "Reader", *, is_end: bool) -> None:
        held = reader.found.statements
        sent: defaultdict[str, list[Statement]] = defaultdict(list)
        for statement in held:
            sent[statement.context].append(statement)
        latest = held if self._passes >= PASSES_MOST else held[-LATEST:]
        at_work = set() if is_end else {each.context for each in latest}
        touched = self._touched(held)
        kept: set[int] = set()
        torn: defaultdict[str, list[int]] = defaultdict(list)
        for number, gap in enumerate(reader.found.gaps):
            torn[gap.context].append(number)
        for context, own in sent.items():
            self._answer(context, own)
            matters = [self._matters(each, touched) for each in own]
            is_ours = any(matters) or any(each.job in self._jobs for each in own if each.job)
            number = hash(context)
            if is_ours and number in self._dropped and number not in self._kept:
                self.is_amiss = True
            if is_ours:
                self._kept.add(number)
            if is_ours or context in at_work or number in self._kept:
                left = _reduced(own, matters)
                reader.renumbered(context, left, torn[context])
            else:
                left = []
                self._dropped.add(number)
                self._dropped_jobs.update(hash(each.job) for each in own[:1] if each.job)
                self._made.pop(number, None)
                reader.forget(context)
            kept.update(map(id, left))
            self._let_go(reader, number, own, kept)
        reader.found.statements = [each for each in held if id(each) in kept]

    def _let_go(
        self, reader: "Reader", number: int, own: Sequence[Statement], kept: set[int]
    ) -> None:
        """Keep of what is dropped how much it was, and what a whole log is asked for."""
        found = reader.found
        made = self._made[number] if number not in self._dropped else set()
        for each in own:
            if id(each) not in kept:
                each.transaction = None  # a circle, and nobody looks for those during an audit
                found.thinned[each.place.file, each.context.endswith("|")] += 1
                found.thinned_verbs.add(each.verb)
                found.is_quoted |= '"' in each.text
                if reader.has_cache and each.verb == "select" and not each.is_cached:
                    made.add(hash(key_of(each)))
        if not made:
            self._made.pop(number, None)

    def _touched(self, held: Iterable[Statement]) -> set[int]:
        """The transactions in which the ledger was."""
        return {
            id(each.transaction)
            for each in held
            if each.transaction is not None and self._is_of_ledger(each)
        }

    def _is_of_ledger(self, statement: Statement) -> bool:
        return statement.gap or statement.parsed.table in self._tables

    def _matters(self, statement: Statement, touched: set[int]) -> bool:
        if self._is_of_ledger(statement) or statement.is_answered is False:
            return True
        own = statement.transaction
        is_ours = own is not None and (own.end is None or id(own) in touched)
        if statement.verb in _WORDS:
            # MariaDB's transactions begin without a word, and pools end more than they began.
            is_whole = own is not None and own.begin is not None and own.end is not None
            return is_ours or not (is_whole or statement.context.startswith("MariaDB"))
        return is_ours and own is not None and own.first_read is statement

    def _answer(self, context: str, own: Sequence[Statement]) -> None:
        """Note of cached reads whether the log holds the one that they repeat."""
        if not any(each.is_cached and each.is_answered is None for each in own):
            return
        made = set(self._made.get(hash(context), ()))
        for each in own:
            if each.is_cached and each.is_answered is None:
                each.is_answered = hash(key_of(each)) in made
            elif each.verb == "select" and not each.is_cached:
                made.add(hash(key_of(each)))


def _reduced(own: Sequence[Statement], matters: Sequence[bool]) -> list[Statement]:
    """What is kept of a context: all that matters, and of what lies between what tells the kinds.

    Asked is later whether a kind comes before the next of another one, or since the last one; so
    the first and the last of each kind tell as much as all.
    """
    left: list[Statement] = []
    run: list[Statement] = []
    for statement, is_kept in zip(own, matters, strict=True):
        if not is_kept:
            run.append(statement)
            continue
        left += [*_between(run), statement]
        run = []
    return left + _between(run)


def _between(run: Sequence[Statement]) -> list[Statement]:
    if sum(1 + each.skipped[0] for each in run) <= BETWEEN_MOST:
        return list(run)
    kinds = [_kind(each) for each in run]
    first = {kind: at for at, kind in reversed(list(enumerate(kinds)))}
    last = {kind: at for at, kind in enumerate(kinds)}
    chosen = {*range(_FIRST), *first.values(), *last.values()}
    left: list[Statement] = []
    count = told = 0
    for at, statement in enumerate(run):
        count, told = count + statement.skipped[0], (told + statement.skipped[1]) & _MASK
        if at in chosen:
            statement.skipped = count, told
            left.append(statement)
            count = told = 0
        else:
            word = hash((statement.verb, statement.parsed.table))
            count, told = count + 1, (told + word) & _MASK
    return left


def _kind(statement: Statement) -> Kind:
    parsed = statement.parsed
    return (
        statement.verb,
        parsed.is_sum,
        not parsed.table and not asks_server(statement.text),
        "rollback" in statement.text.lower(),
        statement.is_cached,
    )
