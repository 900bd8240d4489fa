"""Right ledgers read wrongly, and right readings of ledgers that were changed after settlement."""

import random
from collections import defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

from recorded import Entry, Export, Settlement

WEEK = timedelta(days=7)
CENTS = 100
Way = Callable[[Export], Export]


def _settlements(change: Callable[[Settlement], Settlement]) -> Way:
    return lambda export: export._replace(settlements=tuple(map(change, export.settlements)))


def _entries(change: Callable[[Entry], Entry]) -> Way:
    return lambda export: export._replace(entries=tuple(map(change, export.entries)))


def running_balance(export: Export) -> Export:
    """Each settlement states what the account has earned until then."""
    total: dict[str, Decimal] = defaultdict(Decimal)
    told = []
    for each in sorted(export.settlements, key=lambda s: s.week_start):
        total[each.account_id] += each.settled_amount
        told.append(each._replace(settled_amount=total[each.account_id]))
    return export._replace(settlements=tuple(told))


def two_weeks(export: Export) -> Export:
    """Every other settlement is left out and added to the one before."""
    first = min(s.week_start for s in export.settlements)
    amount = {(s.account_id, s.week_start): s for s in export.settlements}
    told = [
        s._replace(
            settled_amount=s.settled_amount + after.settled_amount, settled_at=after.settled_at
        )
        for s in export.settlements
        if (s.week_start - first) % (2 * WEEK) == timedelta()
        and (after := amount.get((s.account_id, s.week_start + WEEK)))
    ]
    return export._replace(settlements=tuple(told))


def entry_balance(export: Export) -> Export:
    """The column with the balance after the row was taken for its amount."""
    total: dict[str, Decimal] = defaultdict(Decimal)
    told = []
    for each in sorted(export.entries, key=lambda e: (e.recorded_at, int(e.entry_id))):
        total[each.account_id] += each.amount
        told.append(each._replace(amount=total[each.account_id]))
    return export._replace(entries=tuple(told))


def _swapped(day: date) -> date:
    return day.replace(day=day.month, month=day.day)


def rounded(number: str) -> str:
    """A long id as a spreadsheet holds it: zeros after the fifteenth digit."""
    return number[:15] + "0" * (len(number) - 15)


def long_ids(export: Export) -> Export:
    """Account ids of 18 digits, as the system has them."""
    entries = _entries(lambda e: e._replace(account_id=_long(e.account_id)))(export)
    return _settlements(lambda s: s._replace(account_id=_long(s.account_id)))(entries)


def _long(account: str) -> str:
    return f"{7_120_000_000_000_431 + 1_234_567 * int(account)}91"


def payouts(export: Export) -> Export:
    """The payout of each settlement is one of the entries, as many services export it."""
    last = max(int(e.entry_id) for e in export.entries)
    rows = tuple(
        export.entries[0]._replace(
            entry_id=str(last + k),
            account_id=s.account_id,
            effective_date=s.week_start,
            amount=-s.settled_amount,
            recorded_at=s.settled_at + timedelta(minutes=1),
        )
        for k, s in enumerate(export.settlements, 1)
    )
    return export._replace(entries=export.entries + rows)


def _on_import(export: Export) -> Export:
    last = max(e.recorded_at for e in export.entries)
    return _entries(lambda e: e._replace(recorded_at=last))(export)


# What a wrong profile makes of a right ledger, and a part of what the audit has to say of it.
WRONG_READINGS: dict[str, tuple[Way, str]] = {
    "opposite sign": (
        _settlements(lambda s: s._replace(settled_amount=-s.settled_amount)),
        "negate = true",
    ),
    "settlements in cents": (
        _settlements(lambda s: s._replace(settled_amount=s.settled_amount * CENTS)),
        "money",
    ),
    "entries in cents": (_entries(lambda e: e._replace(amount=e.amount * CENTS)), "money"),
    "opposite sign and cents": (
        _settlements(lambda s: s._replace(settled_amount=-s.settled_amount * CENTS)),
        "negate = true",
    ),
    "end taken for start": (
        _settlements(lambda s: s._replace(week_start=s.week_start + WEEK)),
        'means = "end"',
    ),
    "a week too early": (
        _settlements(lambda s: s._replace(week_start=s.week_start - WEEK)),
        "settlements.period",
    ),
    "running balance": (running_balance, "running balances"),
    "entries' running balance": (entry_balance, "running balances"),
    "two weeks": (two_weeks, "two weeks"),
    "foreign accounts": (
        _settlements(lambda s: s._replace(account_id=f"office {s.account_id}")),
        "account",
    ),
    "another form of ids": (
        _settlements(lambda s: s._replace(account_id=f"000{s.account_id}")),
        "another form",
    ),
    "foreign currency": (
        lambda export: _settlements(lambda s: s._replace(currency="eur"))(
            export._replace(look=export.look._replace(left_out=("answers",)))
        ),
        "currency",
    ),
    "unsigned": (_entries(lambda e: e._replace(amount=abs(e.amount))), "amounts have no sign"),
    "debit only": (
        _entries(lambda e: e._replace(amount=max(e.amount, Decimal()))),
        "one of two columns",
    ),
    "credit only": (
        _entries(lambda e: e._replace(amount=max(-e.amount, Decimal()))),
        "the settled amounts are not",
    ),
    "a day early": (
        _entries(lambda e: e._replace(effective_date=e.effective_date - timedelta(days=1))),
        "clock.zone",
    ),
    "a day late": (
        _entries(lambda e: e._replace(effective_date=e.effective_date + timedelta(days=1))),
        "clock.zone",
    ),
    "recorded when imported": (_on_import, "recorded_at"),
    "payouts among the entries": (payouts, "entries.skip"),
    "rounded ids": (
        lambda export: _settlements(lambda s: s._replace(account_id=rounded(s.account_id)))(
            _entries(lambda e: e._replace(account_id=rounded(e.account_id)))(long_ids(export))
        ),
        "rounded",
    ),
    "ids rounded in one file": (
        lambda export: _settlements(lambda s: s._replace(account_id=rounded(s.account_id)))(
            long_ids(export)
        ),
        "rounded",
    ),
    "ids as powers of ten": (
        lambda export: _settlements(lambda s: s._replace(account_id=f"{int(s.account_id):.5E}"))(
            long_ids(export)
        ),
        "rounded",
    ),
}
SWAPPED_DAYS: Way = _entries(lambda e: e._replace(effective_date=_swapped(e.effective_date)))


def few(export: Export, accounts: int = 3, weeks: int = 4, rows: int = 3) -> Export:
    """A small ledger: a few rows a week, settled at what they come to; what came late stays."""
    chosen = sorted({s.account_id for s in export.settlements}, key=int)[:accounts]
    first = min(s.week_start for s in export.settlements)
    settled_at = {(s.account_id, s.week_start): s.settled_at for s in export.settlements}
    kept: dict[tuple[str, date], list[Entry]] = defaultdict(list)
    late = []
    for each in export.entries:
        week = each.effective_date - timedelta(days=each.effective_date.weekday())
        if each.account_id not in chosen or not first <= week < first + weeks * WEEK:
            continue
        if each.recorded_at > settled_at[each.account_id, week]:
            late.append(each)
        else:
            kept[each.account_id, week].append(each)
    picked = {key: entries[:: max(1, len(entries) // rows)] for key, entries in kept.items()}
    settlements = tuple(
        s._replace(
            settled_amount=sum((e.amount for e in picked[s.account_id, s.week_start]), Decimal())
        )
        for s in export.settlements
        if (s.account_id, s.week_start) in picked
    )
    entries = sorted([e for p in picked.values() for e in p] + late, key=lambda e: int(e.entry_id))
    return export._replace(entries=tuple(entries), settlements=settlements)


def thinned(share: float) -> Way:
    """Rows of settled weeks were removed long after settlement, as retention does."""

    def thin(export: Export) -> Export:
        chance = random.Random(1)  # noqa: S311  no secret
        kept = [e for e in export.entries if chance.random() >= share]
        return export._replace(entries=tuple(kept))

    return thin


def edited(share: float) -> Way:
    """Rows of settled weeks were given another amount after settlement."""

    def edit(export: Export) -> Export:
        chance = random.Random(2)  # noqa: S311  no secret
        return _entries(
            lambda e: (
                e._replace(amount=e.amount + chance.randrange(1, 2000) / Decimal(100))
                if chance.random() < share
                else e
            )
        )(export)

    return edit


def turned(share: float) -> Way:
    """Rows of settled weeks had their sign turned after settlement."""

    def turn(export: Export) -> Export:
        chance = random.Random(3)  # noqa: S311  no secret
        return _entries(lambda e: e._replace(amount=-e.amount) if chance.random() < share else e)(
            export
        )

    return turn


def moved(share: float) -> Way:
    """Rows of settled weeks were dated a week later after settlement."""

    def move(export: Export) -> Export:
        chance = random.Random(4)  # noqa: S311  no secret
        return _entries(
            lambda e: (
                e._replace(effective_date=e.effective_date + WEEK) if chance.random() < share else e
            )
        )(export)

    return move
