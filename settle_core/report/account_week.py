"""One account's week in depth, a piece for each cell: both clocks, what each writer saw."""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from settle_core import formats, notebook, sql
from settle_core.audit import audit, finding
from settle_core.audit.audit import Audit
from settle_core.audit.walk import NOT_RIGHT, WRONG, Step, Walk, of_rows, replayed
from settle_core.contract import Finding
from settle_core.errors import Fault
from settle_core.exports.files import memory
from settle_core.report import aggregates, narrative
from settle_core.report.html import (
    Cell,
    Column,
    Html,
    join,
    paragraph,
    pill,
    sheet,
    strong,
    table,
    tiles,
)


class Sums(NamedTuple):
    """What one currency of the week was settled at and what it is now; instants are UTC."""

    account_id: str
    currency: str
    week_start: date
    settled_at: datetime
    settled_amount: Decimal
    settled_sum: Decimal
    current_sum: Decimal
    residual: Decimal
    late_entries: int
    counters: int


class AccountWeek(NamedTuple):
    """An account's settled week within the audit of its whole export.

    ``sums`` has one row for each currency of the week.
    """

    run: Audit
    sums: tuple[Sums, ...]

    def __repr__(self) -> str:
        """Tell which one it is."""
        found = f"{len(self.findings)} findings"
        return f"<account {self.account_id[:24]!r}, week of {self.week_start}: {found}>"

    @property
    def account_id(self) -> str:
        """The account."""
        return self.sums[0].account_id

    @property
    def week_start(self) -> date:
        """The first day of the week."""
        return self.sums[0].week_start

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of the week."""
        key = self.account_id, self.week_start
        return tuple(f for f in self.run.findings if (f.account_id, f.week_start) == key)

    @property
    def walks(self) -> tuple[Walk, ...]:
        """The walk of each day (of the week, where weeks are balanced) with late entries."""
        found = []
        for each in self.sums:
            given = {
                "account_id": each.account_id,
                "currency": each.currency,
                "week_start": each.week_start,
            }
            con = self.run.ledger.con
            rows = replayed(con, [(each.account_id, each.currency, each.week_start)])
            if not rows:  # no replay was needed
                query = sql.text("report", "account_week/walk_by_clock")
                rows = con.execute(query, given).fetchall()
            found += of_rows(rows, self.run.ledger.decimals(each.currency))
        return tuple(found)

    def rows(self, sums: Sums) -> list[tuple[Any, ...]]:
        """Every row of the week in one currency, by the clock; columns as in the SQL file."""
        given = {
            "account_id": sums.account_id,
            "currency": sums.currency,
            "week_start": sums.week_start,
            "as_of": self.run.as_of,
        }
        query = sql.text("report", "account_week/row")
        found = self.run.ledger.con.execute(query, given).fetchall()
        return [_shown(self.run, sums.currency, row) for row in found]

    @property
    def verdict(self) -> str:
        """The verdict on this week alone; never better than what the audit could see."""
        is_complete = self.run.verdict != "incomplete"
        return finding.verdict(self.findings, is_complete=is_complete)


@memory.told()
def of(  # noqa: PLR0913  the notebook's parameters
    export: str, profile: str, account: str, week: str, *, finding_id: str = "", as_of: str = ""
) -> AccountWeek:
    """Audit an export and take one account's week out of it.

    Args:
        export: the folder of the exported files.
        profile: a built-in name or a TOML file; empty: the built-in one that fits.
        account: the account.
        week: any day of the week, as YYYY-MM-DD.
        finding_id: or enough of its beginning; given, account and week are those of the finding.
        as_of: ISO 8601 instant; empty: the last one in the export.

    Raises:
        Fault: a parameter is no text, or there is no such account, settled week or finding.
    """
    notebook.texts(export=export, account=account, week=week, finding=finding_id)
    if finding_id:
        run = audit.run(export, profile, as_of=as_of)
        return take(run, *_place(run, finding_id))
    day = _day(week)  # before the audit: a misspelt day is told at once
    return take(audit.run(export, profile, as_of=as_of), account, day)


def take(run: Audit, account: str, day: date) -> AccountWeek:
    """Take the week that a day stands in out of an audit.

    Raises:
        Fault: there is no such account, or no such settled week of it.
    """
    given = {"account_id": account, "day": day}
    rows = run.ledger.con.execute(sql.text("report", "account_week/week"), given).fetchall()
    if not rows:
        raise _missing(run, account, day)
    return AccountWeek(run, tuple(Sums._make(_shown(run, row[1], row)) for row in rows))


def _shown(run: Audit, currency: str, row: Iterable[Any]) -> tuple[Any, ...]:
    """A row with the decimals of its currency."""
    decimals = run.ledger.decimals(currency)
    return tuple(formats.scaled(v, decimals) if isinstance(v, Decimal) else v for v in row)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Fault(
            "not a date",
            where="parameter week",
            expected="a day of a settled week, as 2026-08-31",
            found=repr(text),
        ) from error


def _place(run: Audit, finding_id: str) -> tuple[str, date]:
    found = [f for f in run.findings if f.finding_id.startswith(finding_id)]
    if len(found) != 1:
        raise Fault(
            "more than one finding" if found else "no such finding",
            where=run.export,
            expected="a finding_id, or enough of its beginning",
            found=", ".join(f.finding_id for f in found[:5]) or repr(finding_id),
            todo="take one from findings.csv of a run over this export",
        )
    return found[0].account_id, found[0].week_start


def _missing(run: Audit, account: str, day: date) -> Fault:
    weeks = run.ledger.con.execute(
        sql.text("report", "account_week/weeks_of"), {"account_id": account}
    ).fetchall()
    if not weeks:
        return Fault(
            "no such account",
            where=run.export,
            expected=f"one of its {formats.count(run.accounts, 'account')} with a settled week",
            found=repr(account),
            todo="set account to the account_id of a finding",
        )
    (first,), (last,) = weeks[0], weeks[-1]
    return Fault(
        "the week is not settled",
        where=f"account {account} of {run.export}",
        expected=f"a day of one of its {len(weeks)} settled weeks, {first} to {last}",
        found=f"{day}",
    )


_ANSWERS: Final = {
    "masked": "It does now, but only because a later counter-entry took a wrong one back.",
    "pending": "Not yet: a late entry still waits for its counter-entry.",
    "reconciled": "Yes, to the cent.",
    "incomplete": "Not known: the audit is not complete, and what it did not see proves nothing.",
}
_ROLES: Final = {
    "on time": "on time",
    "late": "late entry",
    "right": "counter-entry, right",
    "duplicate": "counter-entry where nothing was owed",
    "wrong": "counter-entry of a wrong amount",
    "orphan": "counter-entry that answers nothing",
    "unexplained": "counter-entry, not explained",
    "compensating": "counter-entry that took a break back",
    "uncountered": "late entry, not answered",
}


def headline(week: AccountWeek) -> Html:
    """Ask whether the week kept its amount, and give the verdict as a word."""
    words = f"Did account {week.account_id} keep the week of {formats.day(week.week_start)}?"
    end = aggregates.week_end(week.week_start)
    settled = ", ".join(dict.fromkeys(formats.instant(each.settled_at) for each in week.sums))
    meta = (
        f"Export {week.run.export_name}, {formats.day(week.week_start)} to {formats.day(end)}, "
        f"settled {settled}, as of {formats.instant(week.run.as_of)}."
    )
    return join(
        sheet(),
        Html(f"<h1>{join(words).text}</h1>"),
        paragraph(pill(week.verdict), " ", _answer(week), kind="answer"),
        paragraph(meta, kind="meta"),
        paragraph(narrative.agreement(week.run), kind="note"),
    )


def _answer(week: AccountWeek) -> str:
    if week.verdict != "broken":
        return _ANSWERS[week.verdict]
    off = [each for each in week.sums if each.residual]
    if not off:
        return "Its sum did, but not every row in it is right."
    parts = ", ".join(_money(each.residual, each.currency) for each in off)
    return f"No: it is off by {parts}."


def figures(week: AccountWeek) -> Html:
    """Give what was settled, what stands now and the difference, for each currency."""
    made = []
    for each in week.sums:
        unit = f", {formats.brief(each.currency, 12)}"
        items = [
            ([formats.amount(each.settled_amount)], f"settled{unit}", ""),
            ([formats.amount(each.current_sum)], f"sum now{unit}", ""),
            (
                [formats.amount(each.residual)],
                f"residual{unit}",
                "bad" if each.residual else "good",
            ),
            ([formats.count(each.late_entries)], "late entries", ""),
            ([formats.count(each.counters)], "counter-entries", ""),
        ]
        made.append(tiles(items))
    return join(*made)


def _money(value: Decimal | None, currency: str) -> str:
    return "" if value is None else f"{formats.signed(value)} {formats.brief(currency, 12)}"


def told(week: AccountWeek) -> Html:
    """Tell each finding of the week: condition, cause, effect, status."""
    if not week.findings:
        return paragraph("No finding in this week.")
    rows: list[list[Cell]] = [
        [
            each.finding_id[:8],
            formats.words(each.rule),
            formats.brief(each.entry_id, 24),
            pill(each.status),
            f"{formats.words(each.cause)}, {each.evidence}",
            _money(each.effect, each.currency).replace(" ", "\N{NO-BREAK SPACE}"),
            formats.prose(each.explanation),
        ]
        for each in week.findings
    ]
    titles = ("finding", "rule", "entry", "status", "cause", "effect")
    return table([*map(Column, titles), Column("explanation", is_wide=True)], rows)


def clocks(week: AccountWeek) -> Html:
    """List every row of the week on both clocks, with the settlement where it stands."""
    rows: list[list[Cell]] = []
    for each in week.sums:
        rows += _by_clock(week, each)
    is_one = len(week.sums) == 1
    unit = f", {formats.brief(week.sums[0].currency, 12)}" if is_one else ""
    titles = [Column("recorded at, UTC"), Column("effective date"), Column("entry")]
    titles += [Column(f"amount{unit}", is_number=True)]
    titles += [Column(f"sum of the week{unit}", is_number=True)]
    titles += [] if is_one else [Column("currency")]
    titles += [Column("job"), Column("what it is")]
    return table(titles, rows)


def _by_clock(week: AccountWeek, sums: Sums) -> list[list[Cell]]:
    found = week.rows(sums)
    jobs = formats.abbreviate(row[-1] for row in found if row[-1])
    unit = [formats.brief(sums.currency, 12)] if len(week.sums) > 1 else []
    rows: list[list[Cell]] = []
    for key, day, at, _, role, amount, total, job in found:
        what = strong(_ROLES[role]) if role in NOT_RIGHT else _ROLES[role]
        when = f"{formats.day(at)} {formats.clock(at)}"
        name = formats.brief(key, 24)
        rows.append([when, day, name, amount, total, *unit, jobs.get(job, ""), what])
    before = sum(1 for row in found if row[4] == "on time")
    settled = strong(f"{formats.day(sums.settled_at)} {formats.clock(sums.settled_at)}")
    line: list[Cell] = [settled, strong("settled"), "", "", sums.settled_amount, *unit]
    rows.insert(before, [*line, "", strong("the amount is fixed from here on")])
    return rows


def seen(week: AccountWeek) -> Html:
    """Say of each counter-entry what was owed at its place, and what its writer saw."""
    walks = week.walks
    explained = {f.entry_id: f.explanation for f in week.findings if f.entry_id}
    is_one = len(week.sums) == 1
    rows: list[list[Cell]] = []
    for walk in walks:
        unit = [] if is_one else [formats.brief(walk.currency, 12)]
        for at, step in enumerate(walk.steps):
            if step.kind != "counter":
                continue
            saw = explained.get(step.entry_id, "").partition(": ")[2] or _saw(walk, at)
            rows.append(
                [
                    formats.day(walk.effective_date or walk.week_start),
                    walk.names[step.entry_id],
                    walk.job_names.get(step.job_id or "", ""),
                    _judged(step),
                    step.amount,
                    step.expected,
                    step.effect or None,
                    *unit,
                    formats.prose(saw[:1].upper() + saw[1:]),
                ]
            )
    if not rows:
        return paragraph("No counter-entry was recorded after this week was settled.")
    titles = ["day", "entry", "job", "is", "posted", "owed", "effect"]
    titles += [] if is_one else ["currency"]
    return table([*map(Column, titles), Column("what its writer saw", is_wide=True)], rows)


def _judged(step: Step) -> str | Html:
    if step.role == "compensating":
        return step.role
    return strong("wrong") if step.role in WRONG else "right"


def _saw(walk: Walk, at: int) -> str:
    """Say what the writer of a right counter-entry saw."""
    step = walk.steps[at]
    if walk.policy == "delta":
        return "one late entry, which it answers; no sum is read"
    missed = ", ".join(walk.names[key] for key in step.unseen)
    residual = formats.signed(-step.amount)
    return f"a residual of {residual}" + (f", without {missed}" if missed else "")


def put_right(week: AccountWeek) -> Html:
    """List the entries that would put the week right, and check that they do."""
    ids = {each.finding_id for each in week.findings}
    proposed = [each for each in week.run.corrections if ids & set(each.finding_ids)]
    if not proposed:
        return paragraph("No correction is proposed: nothing is open in this week.")
    rows: list[list[Cell]] = [
        [each.effective_date, each.amount, formats.brief(each.currency, 12), each.correction_id]
        for each in proposed
    ]
    total = sum((each.amount for each in proposed), Decimal(0))
    left = sum((each.residual for each in week.sums), Decimal(0)) + total
    note = "Proposed, not posted."
    if len(week.sums) == 1:
        note += f" With them the week is off by {formats.amount(left)}."
    titles = ("effective date", "amount", "currency", "correction")
    return join(table([*map(Column, titles)], rows), paragraph(note, kind="note"))
