"""One account's settled week, taken out of the audit of its export."""

from datetime import date, datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any, NamedTuple

from settle_core import audit, finding, parameter, style
from settle_core.audit import Audit
from settle_core.errors import Fault
from settle_core.finding import Finding
from settle_core.step import Step, Walk


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
            rows = self.run.ledger.con.execute(_sql("step"), given).fetchall()
            days = groupby(rows, key=lambda row: row[0] if row[1] == "day" else None)
            found += [_walk(each, day, list(group)) for day, group in days]
        return tuple(found)

    def rows(self, sums: Sums) -> list[tuple[Any, ...]]:
        """Every row of the week in one currency, by the clock; columns as in the SQL file."""
        given = {
            "account_id": sums.account_id,
            "currency": sums.currency,
            "week_start": sums.week_start,
            "as_of": self.run.as_of,
        }
        return self.run.ledger.con.execute(_sql("row"), given).fetchall()

    @property
    def verdict(self) -> str:
        """The verdict on this week alone; never better than what the audit could see."""
        is_complete = self.run.verdict != "incomplete"
        return finding.verdict(self.findings, is_complete=is_complete)


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
    parameter.texts(export=export, account=account, week=week, finding=finding_id)
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
    rows = run.ledger.con.execute(_sql("week"), given).fetchall()
    if not rows:
        raise _missing(run, account, day)
    return AccountWeek(run, tuple(map(Sums._make, rows)))


@cache
def _sql(name: str) -> str:
    return (files("settle_core") / "sql" / "account_week" / f"{name}.sql").read_text("utf-8")


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
    weeks = run.ledger.con.execute(_sql("weeks_of"), {"account_id": account}).fetchall()
    if not weeks:
        return Fault(
            "no such account",
            where=run.export,
            expected=f"one of its {style.count(run.accounts, 'account')} with a settled week",
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


def _walk(of_week: Sums, day: date | None, rows: list[tuple[Any, ...]]) -> Walk:
    _, level, policy, *_ = rows[0]
    steps = tuple(
        Step(
            entry_id=entry_id,
            kind=kind,
            amount=amount,
            recorded_at=recorded_at,
            job_id=job_id,
            role=role,
            expected=None if role == "uncountered" else expected,
            unseen=tuple(unseen.split(",")) if unseen else (),
        )
        for *_, entry_id, kind, role, amount, expected, _, recorded_at, job_id, unseen, _ in rows
    )
    return Walk(
        account_id=of_week.account_id,
        currency=of_week.currency,
        level=level,
        effective_date=day,
        week_start=of_week.week_start,
        steps=steps,
        start=rows[0][8],
        policy=policy,
    )
