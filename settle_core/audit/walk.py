"""The walks behind findings: the judged rows of the day or week in which each one stands."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from itertools import accumulate, groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from settle_core import sql
from settle_core.audit import run_folder
from settle_core.contract import Finding
from settle_core.formats import abbreviate, scaled

if TYPE_CHECKING:
    import duckdb

Kind = Literal["entry", "counter"]
Level = Literal["day", "week"]
Policy = Literal["sum", "delta"]
Week = tuple[str, str, date]  # of an account in a currency, by its first day
Role = Literal[
    "late",
    "right",
    "duplicate",
    "wrong",
    "orphan",
    "compensating",
    "uncountered",
    "unexplained",
]
WRONG: frozenset[Role] = frozenset({"duplicate", "wrong", "orphan", "unexplained"})
NOT_RIGHT: frozenset[Role] = WRONG | {"compensating", "uncountered"}


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the walk; amounts in major units, instants UTC without a zone."""

    entry_id: str
    kind: Kind
    amount: Decimal
    recorded_at: datetime
    job_id: str | None
    role: Role
    expected: Decimal | None = None
    unseen: tuple[str, ...] = ()

    @property
    def effect(self) -> Decimal:
        """What this row put the residual off by: zero for one that is as it should be."""
        if self.role not in NOT_RIGHT:
            return Decimal(0)
        return self.amount - (self.expected or Decimal(0))


class Seen(NamedTuple):
    """What the writer of a counter-entry saw.

    ``residual``: the sum it read, less what was settled. ``after``: the step after which that was
    so, -1 for before the first one, None if it was so after none: then it missed steps in between.
    ``unseen``: positions of the steps that it did not see.
    """

    residual: Decimal
    after: int | None
    unseen: tuple[int, ...]


class Span(NamedTuple):
    """Steps from ``first`` up to, not including, ``end``, over which the day was off.

    ``end`` is the number of steps where it still is. ``effects``: by how much, one after another.
    """

    first: int
    end: int
    effects: tuple[Decimal, ...]


@dataclass(frozen=True)
class Walk:
    """The steps of one account, currency and day (or, at level week, week)."""

    account_id: str
    currency: str
    level: Level
    effective_date: date | None
    week_start: date
    steps: tuple[Step, ...]
    start: Decimal = Decimal(0)
    policy: Policy = "sum"

    def __repr__(self) -> str:
        """Tell which one it is."""
        where = f"account {self.account_id[:24]!r}, {self.effective_date or self.week_start}"
        return f"<walk of {where}: {len(self.steps)} steps, residual {self.final:f}>"

    @cached_property
    def residuals(self) -> tuple[Decimal, ...]:
        """The running residual after each step."""
        return tuple(accumulate((step.amount for step in self.steps), initial=self.start))[1:]

    @cached_property
    def effects(self) -> tuple[Decimal, ...]:
        """The running sum of the effects after each step: what is wrong, without what is owed."""
        return tuple(accumulate(step.effect for step in self.steps))

    @cached_property
    def position(self) -> dict[str, int]:
        """Where each entry stands."""
        return {step.entry_id: at for at, step in enumerate(self.steps)}

    @cached_property
    def names(self) -> dict[str, str]:
        """What to show for each entry's id."""
        unseen = (key for step in self.steps for key in step.unseen)
        return abbreviate([*(step.entry_id for step in self.steps), *unseen])

    @cached_property
    def job_names(self) -> dict[str, str]:
        """What to show for each job's id."""
        return abbreviate(step.job_id for step in self.steps if step.job_id)

    @property
    def final(self) -> Decimal:
        """The residual at the end."""
        return self.residuals[-1] if self.steps else self.start

    @property
    def wrong(self) -> list[int]:
        """Positions of the counter-entries that should not be as they are, in order."""
        return [at for at, step in enumerate(self.steps) if step.role in WRONG]

    def seen(self, at: int) -> Seen | None:
        """Tell what the writer of a wrong counter-entry saw.

        Args:
            at: the position of the counter-entry.

        Returns:
            None where it does not say: no unseen steps are known, or it answers one entry and
            read no sum at all (policy delta).
        """
        step = self.steps[at]
        places = sorted(self.position[key] for key in step.unseen if key in self.position)
        unseen = tuple(place for place in places if place < at)
        if not unseen or self.policy == "delta" or step.kind != "counter":
            return None
        observed = -step.amount
        after = unseen[0] - 1
        is_prefix = unseen == tuple(range(unseen[0], at))
        before = self.residuals[after] if after >= 0 else self.start
        return Seen(observed, after if is_prefix and before == observed else None, unseen)

    @cached_property
    def spans_off(self) -> list[Span]:
        """The stretches over which the settled amount was off by something wrong."""
        spans: list[Span] = []
        for at, effect in enumerate(self.effects):
            if not effect:
                continue
            if spans and spans[-1].end == at:
                last = spans.pop()
                changed = () if effect == last.effects[-1] else (effect,)
                spans.append(Span(last.first, at + 1, last.effects + changed))
            else:
                spans.append(Span(at, at + 1, (effect,)))
        return spans

    def seconds(self, span: Span) -> float | None:
        """How long a stretch lasted; None if it still does."""
        if span.end >= len(self.steps):
            return None
        first, end = self.steps[span.first], self.steps[span.end]
        return max((end.recorded_at - first.recorded_at).total_seconds(), 0.0)


def walks_of_finding(con: "duckdb.DuckDBPyConnection", finding: Finding) -> tuple[Walk, ...]:
    """The walks of a finding: of its day, or of every replayed day of its week.

    Args:
        con: a connection with the table `replay`.
        finding: any finding; one with a day gets the walk that its entry stands in.
    """
    rows = replayed(con, [(finding.account_id, finding.currency, finding.week_start)])
    told = of_rows(rows, _decimals(finding))
    if finding.entry_id:
        told = [walk for walk in told if finding.entry_id in walk.position]
    return tuple(told)


def walks_of_findings(
    con: "duckdb.DuckDBPyConnection", findings: Iterable[Finding]
) -> tuple[Walk, ...]:
    """The walks of findings, each once, in their order; their weeks are read at once."""
    findings = tuple(findings)
    weeks: dict[Week, list[Walk]] = {
        (each.account_id, each.currency, each.week_start): [] for each in findings
    }
    told = {each.currency: _decimals(each) for each in findings if each.effect is not None}
    for key, of_week in groupby(replayed(con, weeks), key=lambda row: row[:3]):
        weeks[key] = of_rows(of_week, told.get(key[1]))
    found: dict[int, Walk] = {}
    for each in findings:
        of_finding = weeks[each.account_id, each.currency, each.week_start]
        chosen = [w for w in of_finding if not each.entry_id or each.entry_id in w.position]
        found |= {id(w): w for w in chosen}
    return tuple(found.values())


def replayed(con: "duckdb.DuckDBPyConnection", weeks: Collection[Week]) -> list[tuple[Any, ...]]:
    """The replayed rows of weeks, in the columns of `walk_steps.sql`.

    Args:
        con: a connection with the table `replay`.
        weeks: those that are asked for; of one that was not replayed there are none.
    """
    if not weeks:
        return []
    names = ("account_ids", "currencies", "week_starts")
    given = dict(zip(names, map(list, zip(*weeks, strict=True)), strict=True))
    return con.execute(sql.text("audit", "walk_steps"), given).fetchall()


def of_rows(rows: Iterable[tuple[Any, ...]], decimals: int | None = None) -> list[Walk]:
    """The walks of one account's week from its rows, in the columns of `walk_steps.sql`.

    One of each day, or one of the whole week where that is what is balanced.

    Args:
        rows: of the week.
        decimals: those of its currency; None: as many as the rows have.
    """
    days = groupby(rows, key=lambda row: row[3] if row[4] == "day" else None)
    return [_walk(list(group), decimals) for _, group in days]


def _decimals(finding: Finding) -> int | None:
    """How many decimals the amounts of a finding have: those of its currency."""
    amount = finding.amount if finding.effect is None else finding.effect
    return None if amount is None else -int(amount.as_tuple().exponent)


def open_run(folder: Path) -> "duckdb.DuckDBPyConnection":
    """A connection with the table `replay` of a run folder.

    Raises:
        Fault: the folder is not that of a run.
    """
    path = run_folder.file(folder, run_folder.REPLAY)
    import duckdb  # noqa: PLC0415  slow to import, and a report has no use for it

    con = duckdb.connect()
    con.read_parquet(str(path), hive_partitioning=False).create("replay")
    return con


def _walk(rows: list[tuple[Any, ...]], decimals: int | None) -> Walk:
    def shown(value: Decimal) -> Decimal:
        return value if decimals is None else scaled(value, decimals)

    account_id, currency, week_start, day, level, policy, *_ = rows[0]
    steps = tuple(
        Step(
            entry_id=entry_id,
            kind=kind,
            amount=shown(amount),
            recorded_at=recorded_at,
            job_id=job_id,
            role=role,
            expected=None if role == "uncountered" or expected is None else shown(expected),
            unseen=tuple(unseen.split(",")) if unseen else (),
        )
        for *_, entry_id, kind, role, amount, expected, _, recorded_at, job_id, unseen, _ in rows
    )
    return Walk(
        account_id=account_id,
        currency=currency,
        level=level,
        effective_date=day if level == "day" else None,
        week_start=week_start,
        steps=steps,
        start=shown(rows[0][11]),
        policy=policy,
    )
