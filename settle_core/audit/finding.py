"""Findings: breaks with an identity, a severity and a fixed order; the verdict; and their files."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from functools import partial
from heapq import nsmallest
from itertools import chain, islice, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Protocol, TypeVar, overload

from settle_core import contract, formats, sql
from settle_core.contract import Finding, Several

if TYPE_CHECKING:
    from settle_core.exports.reading.ledger import Ledger

T = TypeVar("T")


class _Sized(Protocol):
    """What has an effect, in a currency."""

    @property
    def currency(self) -> str: ...
    @property
    def effect(self) -> Decimal | None: ...


Sized = TypeVar("Sized", bound=_Sized)
# So many findings are held as text at once.
WRITTEN_TOGETHER: Final = 50_000
# So few are sooner told as objects than by a query that has to be planned.
FEW: Final = 500
# What stands before an id in a sentence; an amount stands behind "Counter-entry".
NAMED: Final = re.compile(r"(?:(?<![Cc]ounter-)\bentry|\bcounter-entry|\baccount|\bjob) $")


class OpenCent(NamedTuple):
    """A day or week whose findings do not add up to its residual."""

    account_id: str
    currency: str
    effective_date: date
    residual: Decimal
    explained: Decimal


class Findings(Sequence[Finding]):
    """The findings of an audit, in their fixed order: rows of the table `finding`.

    They are read when they are asked for, one alone or all together, and then kept.
    """

    def __init__(self, ledger: "Ledger", held: Sequence[Finding] | None = None) -> None:
        """Those of an audit whose rules ran; `held` are the same, where they were made already."""
        self.ledger = ledger
        self._held = None if held is None else tuple(held)
        self._count = len(ledger.con.table("finding")) if held is None else len(held)

    def __len__(self) -> int:
        """How many there are."""
        return self._count

    @overload
    def __getitem__(self, place: int) -> Finding: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Finding, ...]: ...
    def __getitem__(self, place: int | slice) -> Finding | tuple[Finding, ...]:
        """One of them, or some."""
        if self._held is None and isinstance(place, int) and 0 <= place < self._count:
            return next(iter(self._read(place, place + 1)))
        return self.all[place]

    def __iter__(self) -> Iterator[Finding]:
        """Each of them."""
        return iter(self.all)

    def __add__(self, others: Sequence[Finding]) -> tuple[Finding, ...]:
        """They and others, as tuples are added."""
        return self.all + tuple(others)

    def __mul__(self, times: int) -> tuple[Finding, ...]:
        """They, so many times."""
        return self.all * times

    def __eq__(self, other: object) -> bool:
        """Whether they are the same, one by one."""
        if not isinstance(other, Findings | tuple):
            return NotImplemented
        return len(self) == len(other) and self.all == tuple(other)

    def __hash__(self) -> int:
        """As that of a tuple of them."""
        return hash(self.all)

    def __repr__(self) -> str:
        """Say how many."""
        return repr(Several(self[:1])) if self._count == 1 else f"<{self._count:,} findings>"

    @property
    def is_held(self) -> bool:
        """Whether they were read, or made, already."""
        return self._held is not None

    @property
    def all(self) -> tuple[Finding, ...]:
        """All of them."""
        if self._held is None:
            self._held = tuple(self._read(0, self._count))
        return self._held

    def _read(self, first: int, last: int) -> Iterator[Finding]:
        given = {"first": first, "last": last}
        rows = self.ledger.con.cursor().execute(sql.text("audit", "finding_row"), given).fetchall()
        scale, decimals = self.ledger.scale, decimals_by_currency(self.ledger)
        for row in rows:
            told = Finding(*row)
            found = told._replace(
                unseen_entry_ids=_listed(told.unseen_entry_ids),
                other_causes=_listed(told.other_causes),
            )
            yield found if decimals[found.currency] >= scale else _at(found, decimals)


def largest(of: Iterable[Sized], most: int) -> list[Sized]:
    """Those with the largest effect, in the given order where these are alike.

    A thousand yen are not more than 900 euros: of several currencies the largest of each come
    first, then the second of each, the currency that stands there most often before the others.
    """
    by_currency: defaultdict[str, list[Sized]] = defaultdict(list)
    for each in of:
        by_currency[each.currency].append(each)
    ranked = [
        nsmallest(most, found, key=lambda each: -abs(each.effect or Decimal()))
        for _, found in sorted(by_currency.items(), key=lambda item: (-len(item[1]), item[0]))
    ]
    turns = zip_longest(*ranked)
    return [each for turn in turns for each in turn if each is not None][:most]


def biggest(of: Sequence[Finding], most: int) -> list[Finding]:
    """The entry-level findings with the biggest effect, open ones first."""
    told = [f for f in of if f.effective_date and f.severity != "info"]
    alike = (largest((f for f in told if f.status == each), most) for each in contract.STATUSES)
    return list(islice(chain.from_iterable(alike), most))


def _listed(text: Any) -> tuple[str, ...]:  # noqa: ANN401  as the table has it
    return tuple(text.split(",")) if text else ()


def _at(f: Finding, decimals: Mapping[str, int]) -> Finding:
    shown = decimals[f.currency]
    amounts = (f.amount, f.expected_amount, f.effect)
    amount, expected, effect = (a if a is None else formats.scaled(a, shown) for a in amounts)
    return f._replace(amount=amount, expected_amount=expected, effect=effect)


def decimals_by_currency(ledger: "Ledger") -> dict[str, int]:
    """The decimals that the amounts of findings are shown with."""
    rows = ledger.con.cursor().execute(sql.text("audit", "finding_currency")).fetchall()
    return {currency: ledger.decimals(currency) for (currency,) in rows}


def assemble(ledger: "Ledger") -> Findings:
    """Make the table `finding` of what the rules found.

    Each finding has its identity, the severity of its status, and a sentence with the decimals of
    its currency.
    """
    from settle_core.exports.arrays import tables  # noqa: PLC0415  with numpy, which not all need

    con = ledger.con
    con.execute(sql.text("audit", "finding_rest"))
    if ids := con.execute(sql.text("audit", "finding_ids")).fetchall():
        in_order = sorted((text for (text,) in ids), key=_natural)
        places = tables.of_rows(list(enumerate(in_order)), place=tables.WHOLE, id=tables.TEXT)
        with tables.registered(con, told_place=places):
            con.execute(sql.text("audit", "id_place"))
    con.execute(sql.text("audit", "finding_made"))
    decimals = decimals_by_currency(ledger)
    shorter = [currency for currency, shown in decimals.items() if shown < ledger.scale]
    if shorter:
        rows = con.execute(sql.text("audit", "finding_sentence"), {"currencies": shorter})
        said = [
            (place, _said(text, ledger.scale, decimals[currency]))
            for place, currency, text in rows.fetchall()
        ]
        sentences = tables.of_rows(said, place=tables.WHOLE, explanation=tables.TEXT)
        with tables.registered(con, new_sentence=sentences):
            con.execute(sql.text("audit", "finding_resaid"))
    return Findings(ledger)


def accepted(findings: Findings, now: Sequence[Finding]) -> Findings:
    """The same findings, some of which have another status or sentence now."""
    from settle_core.exports.arrays import tables  # noqa: PLC0415  with numpy, which not all need

    ledger = findings.ledger
    changed = [
        (f.finding_id, f.status, f.severity, f.explanation)
        for was, f in zip(findings, now, strict=True)
        if f is not was
    ]
    if changed:
        columns = ("finding_id", "status", "severity", "explanation")
        rows = tables.of_rows(changed, **dict.fromkeys(columns, tables.TEXT))
        with tables.registered(ledger.con, restated=rows):
            ledger.con.execute(sql.text("audit", "finding_restated"))
    return Findings(ledger, now)


def within(findings: Findings, first: date, last: date) -> Findings:
    """Those of the weeks that begin from one day to another; the table `finding` has them alone."""
    held = [f for f in findings if first <= f.week_start <= last] if findings.is_held else None
    given = {"first": first, "last": last}
    findings.ledger.con.execute(sql.text("audit", "finding_within"), given)
    return Findings(findings.ledger, held)


def counts(ledger: "Ledger") -> dict[str, int]:
    """How many findings each rule has that has some."""
    return dict(ledger.con.execute(sql.text("audit", "finding_count")).fetchall())


def restated(finding: Finding, status: str, note: str) -> Finding:
    """The finding with another status, and why in its explanation."""
    severity = finding.severity if status == finding.status else _severity(finding.severity, status)
    explanation = f"{finding.explanation} {note}"
    return finding._replace(status=status, severity=severity, explanation=explanation)


def verdict(findings: Sequence[Finding], *, is_complete: bool) -> str:
    """The worst that applies, of `contract.VERDICTS`; what is accepted or only told counts not."""
    if not is_complete:
        return "incomplete"
    statuses = {f.status for f in findings if f.severity != "info"}
    for status, name in (("open", "broken"), ("masked", "masked"), ("pending", "pending")):
        if status in statuses:
            return name
    return "reconciled"


class Outcome(NamedTuple):
    """What findings come to: which statuses count, and how many account weeks hold masked breaks.

    Those weeks are at their settled amount.
    """

    has_open: bool
    has_masked: bool
    has_pending: bool
    weeks_masked: int

    @property
    def verdict(self) -> str:
        """The verdict of a run that is whole."""
        if self.has_open:
            return "broken"
        return "masked" if self.has_masked else "pending" if self.has_pending else "reconciled"


def outcome(ledger: "Ledger") -> Outcome:
    """What the findings of an audit come to."""
    return Outcome(*ledger.con.execute(sql.text("audit", "finding_outcome")).fetchall()[0])


def at_scale(
    findings: Sequence[Finding], scale: int, decimals: Callable[[str], int]
) -> tuple[Finding, ...]:
    """Findings with the decimals of their currency, in their sentences too.

    Args:
        findings: with the decimals that money has in all of the run.
        scale: how many these are.
        decimals: how many a currency has.
    """
    return tuple(_scaled(f, scale, decimals(f.currency)) for f in findings)


def _scaled(f: Finding, scale: int, decimals: int) -> Finding:
    if decimals >= scale:
        return f
    f = _at(f, {f.currency: decimals})
    return f._replace(explanation=_said(f.explanation, scale, decimals))


def _said(sentence: str, scale: int, decimals: int) -> str:
    """A sentence whose amounts of so many decimals have fewer."""
    told = re.compile(rf"(?<![\w.,/-])-?(?:\d+\.\d{{{scale}}}|0\.00)(?![\w/]|[.,-]\w)")
    return told.sub(partial(_shown, decimals), sentence)


def _shown(decimals: int, found: re.Match[str]) -> str:
    """An amount in a sentence; what stands behind the name of a thing is an id, and stays."""
    if NAMED.search(found.string[: found.start()]):
        return found[0]
    return f"{formats.scaled(Decimal(found[0]), decimals):f}"


def open_cents(ledger: "Ledger") -> tuple[OpenCent, ...]:
    """Days (weeks, where those are balanced) whose entry-level effects miss their residual."""
    return tuple(map(OpenCent._make, ledger.con.execute(sql.text("audit", "open_cent")).fetchall()))


def write_csv(path: Path, findings: Sequence[Finding]) -> None:
    """Write findings as CSV (UTF-8, LF), text that a spreadsheet would run made harmless."""
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(formats.csv_line(contract.FINDING_COLUMNS))
        if isinstance(findings, Findings) and len(findings) > FEW:
            for lines in _lines(findings):
                file.write(lines)
            return
        for first in range(0, len(findings), WRITTEN_TOGETHER):
            columns = _columns(findings[first : first + WRITTEN_TOGETHER])
            cells = [_each_once(column, _cell) for column in columns]
            file.writelines(f"{','.join(row)}\n" for row in zip(*cells, strict=True))


def _lines(findings: Findings) -> Iterator[str]:
    """The same, told by the database."""
    ledger, count = findings.ledger, len(findings)
    con, decimals = ledger.con.cursor(), decimals_by_currency(ledger)
    con.execute(sql.text("audit", "finding_text"))
    for first in range(0, count, WRITTEN_TOGETHER):
        given = {
            "currencies": list(decimals),
            "decimals": list(decimals.values()),
            "scale": ledger.scale,
            "first": first,
            "last": first + WRITTEN_TOGETHER,
        }
        rows = con.execute(sql.text("audit", "finding_line"), given).fetchall()
        yield "".join(f"{line}\n" for (line,) in rows)


def _cell(text: str) -> str:
    return formats.csv_field(formats.harmless(text))


def store(ledger: "Ledger", findings: Sequence[Finding]) -> None:
    """Make the table `finding`: ids and lists as text, amounts DECIMAL, instants UTC."""
    if isinstance(findings, Findings) and findings.ledger is ledger:
        return  # they are its rows
    from settle_core.exports.arrays import tables  # noqa: PLC0415  with numpy, which not all need

    rows = list(zip(*_columns(findings), strict=True))
    texts = tables.of_rows(rows, **dict.fromkeys(contract.FINDING_COLUMNS, tables.TEXT))
    ledger.con.execute("DROP TABLE IF EXISTS finding")
    with tables.registered(ledger.con, finding_text=texts):
        ledger.con.sql(sql.text("audit", "finding")).create("finding")


def write_parquet(ledger: "Ledger", path: Path) -> None:
    """Write the table `finding` as Parquet, in the order of findings.csv."""
    ledger.write_parquet(ledger.con.table("finding"), path)


def _columns(findings: Sequence[Finding]) -> list[list[str]]:
    """The findings as text, column by column."""
    return [_each_once(column, _text) for column in zip(*findings, strict=True)]


def _each_once(values: Sequence[T], told: Callable[[T], str]) -> list[str]:
    """What is told of values, asked once of each; but equal decimals may be written in two ways."""
    if Decimal in set(map(type, values)):
        return [told(value) for value in values]
    known = {value: told(value) for value in set(values)}
    return [known[value] for value in values]


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return f"{value:f}"  # str() would write 0.00000001 as 1E-8
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds") + "Z"
    if isinstance(value, tuple):
        return ",".join(value)
    return str(value)


def _severity(of_rule: str, status: str) -> str:
    """A masked break has lost its effect, a pending one may yet be answered."""
    if of_rule == "info":
        return of_rule
    return {"masked": "medium", "pending": "low", "accepted": "info"}.get(status, of_rule)


def _natural(text: str) -> tuple[int, int, str]:
    """Whole numbers in their own order, before other text."""
    try:
        return (0, int(text), text)
    except ValueError:
        return (1, 0, text)
