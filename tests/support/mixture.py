"""Exports in which accounts, or times, are balanced in different ways; built by drawing lots."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import NamedTuple

from ledgers import MONDAY, SETTLED, Ledger, Truth, settings_for, write_export
from oracle_records import Row, Settlement
from systems import ACTS, CLEAN, Desk

from settle_core.audit import audit

Act = Callable[[Desk], None]
Key = tuple[str, str, int]
FAULTS = {"duplicate_counter", "wrong_counter", "orphan_counter", "uncountered_entry"}
# Amounts that come again; all are positive, so that no late entries cancel out.
USUAL = (1500, 4990, 2000, 10000)


class Way(NamedTuple):
    """How an account is balanced."""

    policy: str
    level: str


class Mixture(NamedTuple):
    """Rows and settlements, and what is wrong in them."""

    rows: list[Row]
    settlements: list[Settlement]
    truth: list[Truth]

    def audited(self, folder: Path) -> audit.Audit:
        """Write it as an export and audit that, with nothing said of how it is balanced."""
        ledger = Ledger(self.rows, self.settlements, settings_for("in_order"), [])
        return audit.run(write_export(ledger, folder / "export"), "canonical")

    @property
    def faults(self) -> set[Key]:
        """Account, day and amount in minor units of what is wrong."""
        return {
            (str(t.account_id), str(t.effective_date), t.amount)
            for t in self.truth
            if t.rule in FAULTS
        }


def found(result: audit.Audit) -> set[Key]:
    """Account, day and amount in minor units of what an audit calls wrong."""
    return {
        (f.account_id, str(f.effective_date), minor(f.amount))
        for f in result.findings
        if f.rule in FAULTS | {"misplaced_counter"}
    }


def minor(amount: Decimal | None) -> int:
    """An amount in minor units."""
    return int((amount or Decimal()).scaleb(2))


def week_of(key: Key) -> tuple[str, date]:
    """The account and week of a row."""
    day = date.fromisoformat(key[1])
    return key[0], day - timedelta(days=day.weekday())


def build(seed: int, ways: Sequence[Sequence[Way]], faulty: float, weeks: int = 6) -> Mixture:
    """Let accounts work for some weeks each.

    Args:
        seed: of the lots.
        ways: for each account, how it is balanced, the weeks shared evenly among them.
        faulty: how probable a fault is at each turn. If it is, no amount comes again: of equal
            ones nobody can tell which is the lost one and which the answered.
        weeks: how many.
    """
    lots = Random(seed)  # noqa: S311  lots, not secrets
    rows: list[Row] = []
    truth: list[Truth] = []
    settlements = []
    for account, changing in enumerate(ways, start=1):
        for week in range(weeks):
            way = changing[week * len(changing) // weeks]
            start = MONDAY + timedelta(weeks=week)
            days = [start + timedelta(days=d) for d in lots.sample(range(7), 7)]
            kept = [days] if way.level == "week" else [[day] for day in days[: lots.randint(1, 3)]]
            written: list[Row] = []
            for group in kept:
                amounts = lots.sample(range(1, 90000), 60) if faulty else _often_equal(lots)
                desk = Desk(account, group, amounts, len(rows))
                desk.now = SETTLED + timedelta(days=week, minutes=lots.randint(0, 60))
                for _ in range(lots.randint(1, 3)):
                    acts = ACTS[way.policy] if lots.random() < faulty else CLEAN[way.policy]
                    lots.choice(acts)(desk)
                for row in desk.unanswered:
                    desk.note("uncountered_entry", row, 0, "lost_job")
                written += desk.rows
                truth += desk.truth
            written.sort(key=lambda row: row.recorded_at)  # ids are given out in that order
            rows += [r._replace(entry_id=len(rows) + i) for i, r in enumerate(written)]
            settlements.append(Settlement(account, start, 0, SETTLED))
    return Mixture(rows, settlements, truth)


def _often_equal(lots: Random) -> list[int]:
    return [lots.choice((lots.randint(1, 90000), *USUAL)) for _ in range(60)]
