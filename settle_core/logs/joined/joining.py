"""Which logged INSERT wrote which row of the ledger, and between which instants it was committed.

Text, values and order join them; neither a log nor a ledger holds the other's number. Where rows
that look alike could be joined in more than one way, they are not joined.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Final, NamedTuple

from settle_core.exports.profiles.profile import Profile
from settle_core.logs.lines import clock
from settle_core.logs.lines.model import NEVER, Statement

# A row's own clock may be this far from the log's before it is taken for another row's insert.
APART_US: Final = 600_000_000
_NEAR_US: Final = 2_000_000
_QUARTER_US: Final = 900_000_000


class Names(NamedTuple):
    """The database's names of the columns, as the profile tells them; in small letters."""

    account: str
    day: str
    amount: str
    kind: str
    recorded: str
    job: str
    entry: str
    counters: frozenset[str]
    minor_per_unit: Decimal
    zone: str

    @classmethod
    def of(cls, profile: Profile) -> "Names":
        """The names of a profile."""

        def name(ours: str) -> str:
            return profile.column("entry", ours).lower()

        is_minor = profile.entries.money.unit == "minor"
        return cls(
            account=name("account_id"),
            day=name("effective_date"),
            amount=name("amount"),
            kind=name("kind"),
            recorded=name("recorded_at"),
            job=name("job_id"),
            entry=name("entry_id"),
            counters=frozenset(profile.entries.kinds.counter),
            minor_per_unit=Decimal(1 if is_minor else 10 ** profile.own_scale("entry")),
            zone=profile.clock.zone,
        )


class LateRow(NamedTuple):
    """A row of the ledger that was recorded after its week was settled; amount in minor units."""

    entry_id: str
    account: str
    day: date
    week: date
    is_counter: bool
    amount: int
    recorded_us: int
    job: str
    committed_us: int | None = None


class Inserted(NamedTuple):
    """A row that a logged INSERT wrote."""

    statement: Statement
    account: str
    day: str
    amount: int
    is_counter: bool | None
    recorded_us: int | None
    job: str


@dataclass(frozen=True, slots=True)
class Written:
    """A row of the ledger with the INSERT that wrote it; visible from some instant in between."""

    row: LateRow
    statement: Statement
    job: str
    visible_from_us: int
    visible_to_us: int

    @property
    def end(self) -> Statement | None:
        """The COMMIT, None where the INSERT was its own transaction."""
        own = self.statement.transaction
        return own.end if own is not None else None

    def committed(self) -> "Written":
        """The same, not visible before the time of its commit by the server, where that is known.

        That time is set before the commit is written and seen: it bounds from below only.
        """
        at = self.row.committed_us
        if at is None or not self.visible_from_us <= at <= self.visible_to_us:
            return self
        return replace(self, visible_from_us=at)


def inserted(statements: Iterable[Statement], names: Names) -> list[Inserted]:
    """The rows of the ledger that logged statements wrote."""
    found = []
    for statement in statements:
        parsed = statement.parsed
        if parsed.verb != "insert" or not {names.account, names.day, names.amount} <= set(
            parsed.columns
        ):
            continue
        for values in parsed.rows:
            if len(values) != len(parsed.columns):
                continue
            named = dict(zip(parsed.columns, values, strict=True))
            amount = minor(named[names.amount], names)
            account, day = named[names.account], named[names.day]
            if amount is None or account is None or day is None:
                continue
            kind, at = named.get(names.kind), named.get(names.recorded)
            found.append(
                Inserted(
                    statement,
                    account,
                    day[:10],
                    amount,
                    None if kind is None else kind in names.counters,
                    None if at is None else clock.instant(at, names.zone),
                    named.get(names.job) or statement.job,
                )
            )
    return found


def minor(text: str | None, names: Names) -> int | None:
    """An amount in minor units, None if it is none."""
    if text is None:
        return None
    try:
        amount = Decimal(text) * names.minor_per_unit
    except InvalidOperation:
        return None
    return int(amount) if amount == amount.to_integral_value() else None


def join(rows: Sequence[LateRow], logged: Sequence[Inserted]) -> dict[str, Written]:
    """The rows that were found in the log, by id."""
    pool: defaultdict[tuple[str, str, int], list[Inserted]] = defaultdict(list)
    for each in logged:
        own = each.statement.transaction
        if own is None or not own.is_rolled_back:
            pool[each.account, each.day, each.amount].append(each)
    alike: defaultdict[tuple[str, str, int], list[LateRow]] = defaultdict(list)
    for row in rows:
        alike[row.account, row.day.isoformat(), row.amount].append(row)
    ahead_us = _ahead(alike, pool)
    joined: dict[str, Written] = {}
    for key, same in alike.items():
        for row, each in _paired(same, pool.get(key, []), ahead_us):
            joined[row.entry_id] = _written(row, each)
    return joined


def _ahead(
    alike: Mapping[tuple[str, str, int], Sequence[LateRow]],
    pool: Mapping[tuple[str, str, int], Sequence[Inserted]],
) -> int:
    """How far the log's clock is ahead of the ledger's by its zone: whole quarters of an hour."""
    quarters = Counter(
        round((pool[key][0].statement.from_us - rows[0].recorded_us) / _QUARTER_US)
        for key, rows in alike.items()
        if len(rows) == 1 and len(pool.get(key, ())) == 1
    )
    usual = quarters.most_common(1)
    return usual[0][0] * _QUARTER_US if usual and usual[0][1] > quarters.total() / 2 else 0


def _paired(
    rows: list[LateRow], logged: list[Inserted], ahead_us: int
) -> list[tuple[LateRow, Inserted]]:
    """Pairs of rows that look alike; both lists are in their own order."""
    pairs: list[tuple[LateRow, Inserted]] = []
    left = _in_order(logged)
    # What is told apart by the values first, then what only order tells apart.
    groups: defaultdict[tuple[int, ...], list[LateRow]] = defaultdict(list)
    for row in rows:
        groups[tuple(i for i, each in enumerate(left) if _fits(row, each, ahead_us))].append(row)
    taken: set[int] = set()
    for fitting, same in sorted(groups.items(), key=lambda item: len(item[0])):
        free = [i for i in fitting if i not in taken]
        if len(free) == len(same):
            chosen = free
        elif len(free) > len(same):
            chosen = _nearest(same, free, left, ahead_us)
        else:
            continue
        taken.update(chosen)
        pairs += [(row, left[i]) for row, i in zip(same, chosen, strict=False)]
    return pairs


def _in_order(logged: Sequence[Inserted]) -> list[Inserted]:
    """By when they were sent, but those of one context as they stand: its clock may be set back."""
    latest_us: dict[str, int] = {}
    sent_us: dict[int, int] = {}
    for each in sorted(logged, key=lambda each: each.statement.order):
        context, from_us = each.statement.context, each.statement.from_us
        sent_us[id(each)] = latest_us[context] = max(latest_us.get(context, from_us), from_us)
    return sorted(logged, key=lambda each: sent_us[id(each)])


def _nearest(
    rows: list[LateRow], free: list[int], logged: list[Inserted], ahead_us: int
) -> list[int]:
    """Where more were logged than are in the ledger: the nearest in time, if that is clear."""
    chosen: list[int] = []
    for row in rows:
        left = [i for i in free if i not in chosen]
        near = [i for i in left if _gap_us(row, logged[i], ahead_us) <= _NEAR_US]
        if len(near) != 1:
            return []
        chosen += near
    return chosen


def _gap_us(row: LateRow, each: Inserted, ahead_us: int) -> int:
    return abs(row.recorded_us + ahead_us - each.statement.from_us)


def _fits(row: LateRow, each: Inserted, ahead_us: int) -> bool:
    if each.is_counter is not None and each.is_counter != row.is_counter:
        return False
    if row.job and each.job and row.job != each.job:
        return False
    if each.recorded_us is not None:
        # The ledger may have been exported with whole milliseconds or seconds.
        step = 1_000_000 if row.recorded_us % 1_000_000 == 0 else 1
        step = 1_000 if step == 1 and row.recorded_us % 1_000 == 0 else step
        return each.recorded_us // step == row.recorded_us // step
    return _gap_us(row, each, ahead_us) <= APART_US


def _written(row: LateRow, each: Inserted) -> Written:
    statement = each.statement
    own = statement.transaction
    if own is None:
        visible = statement.from_us, statement.to_us
    elif own.end is None:
        visible = statement.from_us, NEVER
    else:
        visible = statement.from_us if own.is_torn else own.end.from_us, own.end.to_us
    return Written(row, statement, each.job, visible[0], visible[1])


def written_order(written: Written, rank: int) -> tuple[int, int]:
    """Rows as they were written: of two that missed one another, the later one is blamed."""
    number = written.row.entry_id
    return int(number) if number.isdecimal() else rank, written.visible_to_us
