"""Who answers whom: counter-entries are given late entries, by exchange where that gives more.

A matching grown along shortest exchanges has as many pairs as any (Berge 1957), and what was given
first, for the surer reason, keeps an entry that it may answer for that reason.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from settle_core.reconcile.search.model import Row

# The entries that a counter-entry may answer for some reason, the likeliest first.
Fitting = Callable[[Row], Iterator[Row]]


class Answers:
    """Late entries and what answers them.

    Attributes:
        of: by entry, the counter-entry that answers it, or the first of those that do.
        open: by amount, the entries that none answers, in the order given.
        due: of each amount, how many entries an answer is sought for.
    """

    def __init__(self, entries: Iterable[Row]) -> None:
        """Take the late entries, unanswered."""
        self.of: dict[str, Row] = {}
        self.open: defaultdict[int, list[Row]] = defaultdict(list)
        for row in entries:
            self.open[row.amount].append(row)
        self.due = Counter[int]()
        # By counter-entry that might answer another one: what it does answer, and what it may.
        self._held: dict[str, tuple[Row, Fitting]] = {}

    def fix(self, entry: Row, row: Row) -> None:
        """Let an entry be answered by a counter-entry, whatever else that may answer."""
        if entry.entry_id not in self.of:
            self.open[entry.amount].remove(entry)
        self.of[entry.entry_id] = row

    def entry(self, row: Row) -> Row:
        """What a counter-entry answers that was given an entry."""
        return self._held[row.entry_id][0]

    def give(self, rows: Sequence[Row], fitting: Fitting) -> list[Row]:
        """Give counter-entries an entry that is due, those left over by exchange.

        Returns:
            Those that have one.
        """
        given = self.give_at_once(rows, fitting)
        tried: set[str] = set()
        for row in rows:
            if not self.due.total():
                break
            if row.entry_id not in self._held and self._by_exchange(row, fitting, tried):
                given.append(row)
                tried.clear()
        return given

    def give_at_once(self, rows: Iterable[Row], fitting: Fitting) -> list[Row]:
        """Give counter-entries each the likeliest entry that is due; those that have one."""
        given = []
        for row in rows:
            due = (entry for entry in fitting(row) if self._is_due(entry))
            if self.due.total() and (entry := next(due, None)):
                self._exchange(entry, {entry.entry_id: row}, {}, fitting)
                given.append(row)
        return given

    def _by_exchange(self, row: Row, fitting: Fitting, tried: set[str]) -> bool:
        """Give a counter-entry an entry whose own one may as well answer another, and so on.

        Args:
            row: the counter-entry.
            fitting: what it may answer.
            tried: entries from which no way led to one that is due.
        """
        came: dict[str, Row] = {}
        instead: dict[str, Row] = {}
        takers = [row]
        for taker in takers:
            _, may_answer = self._held.get(taker.entry_id, (None, fitting))
            for entry in may_answer(taker):
                if entry.entry_id in tried:
                    continue
                tried.add(entry.entry_id)
                came[entry.entry_id] = taker
                if self._is_due(entry):
                    self._exchange(entry, came, instead, fitting)
                    return True
                holder = self.of.get(entry.entry_id)
                if holder and holder.entry_id in self._held:
                    takers.append(holder)
                elif not holder:
                    # Open, but no more of its amount are due: another one may be given up for it.
                    for equal, _ in self._held.values():
                        if equal.amount == entry.amount and equal.entry_id not in tried:
                            tried.add(equal.entry_id)
                            instead[equal.entry_id] = entry
                            takers.append(self.of[equal.entry_id])
        return False

    def _exchange(
        self, entry: Row, came: Mapping[str, Row], instead: Mapping[str, Row], fitting: Fitting
    ) -> None:
        """Let each counter-entry on the way to an entry answer the next one.

        Args:
            entry: the last one, that is due.
            came: by entry, what is to answer it.
            instead: by an entry that is given up, the equal one that is answered in its place.
            fitting: what the first one may answer.
        """
        self.due[entry.amount] -= 1
        self.open[entry.amount].remove(entry)
        left: Row | None = entry
        while left:
            if other := instead.get(left.entry_id):
                del self.of[left.entry_id]
                self.open[left.amount].remove(other)
                self.open[left.amount].append(left)
                left = other
            entry, taker = left, came[left.entry_id]
            left, may_answer = self._held.get(taker.entry_id, (None, fitting))
            self.of[entry.entry_id] = taker
            self._held[taker.entry_id] = entry, may_answer

    def _is_due(self, entry: Row) -> bool:
        return entry.entry_id not in self.of and self.due[entry.amount] > 0
