"""Kinds of misreading that one look tells, each refused by its own name.

They are told by what is in the files, not by a rival reading that would fit better: ids that lost
digits, files that share nothing, amounts without a sign, weeks that end before they are over.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Final, NamedTuple

import duckdb

from settle_core import formats, sql
from settle_core.errors import Fault
from settle_core.exports.profiles.profile import Profile

# Fewer weeks prove nothing.
WEEKS_MIN: Final = 4
# Fewer counter-entries tell nothing of signs, not even if all are alike.
COUNTERS_MIN: Final = 2
# A spreadsheet holds fifteen digits.
ROUNDED_FROM: Final = 10**15


class Count(NamedTuple):
    """Settled weeks of a currency, and how many agree; `telling` ones are not weeks of nothing."""

    currency: str
    weeks: int
    agreeing: int
    telling: int
    telling_agreeing: int


def demand_whole_ids(con: duckdb.DuckDBPyConnection) -> None:
    """Refuse ids that have lost digits: whose they are cannot be known any more."""
    largest = con.execute(sql.text("exports/checks", "largest_id")).fetchall()[0]
    if all(number is not None and number < ROUNDED_FROM for number in largest):
        return
    for section, name, example, ids in con.execute(
        sql.text("exports/checks", "rounded_id")
    ).fetchall():
        raise Fault(
            f"{name} was rounded by a spreadsheet",
            where=section,
            expected="ids with all their digits",
            found=f"{formats.count(ids, 'id')} as {example}",
            todo="export it again, with that column as text",
        )


def demand_shared(con: duckdb.DuckDBPyConnection, profile: Profile, count: Count) -> None:
    """Refuse files that share no account, or no currency."""
    if count.weeks < WEEKS_MIN:
        return
    ((accounts, shared, alike, settled, written, any_written),) = con.execute(
        sql.text("exports/checks", "account_form"), {"currency": count.currency}
    ).fetchall()
    if shared * 2 < accounts and alike >= accounts:
        raise Fault(
            "account ids have another form in one file than in the other",
            expected="the same text in both",
            found=f"{written} in entries, {settled} in settlements",
            todo="export one of the columns anew, as text",
        )
    if not shared:
        raise Fault(
            "the files share no account",
            expected="accounts of the settlements among those of the entries",
            found=f"{settled} in settlements, {any_written} in entries",
            todo="map account_id in entries.columns or settlements.columns to the same thing",
        )
    if count.currency:
        _demand_currency(con, profile, count)


def _demand_currency(con: duckdb.DuckDBPyConnection, profile: Profile, count: Count) -> None:
    signs = con.execute(sql.text("exports/checks", "sign_count")).fetchall()
    currencies = [currency for currency, *_ in signs]
    if count.currency not in currencies:
        default = profile.money.currency
        if alike := [c for c in currencies if _bare(c) == _bare(count.currency)]:
            raise Fault(
                "a currency is written in another way in one file than in the other",
                expected="the same text in both",
                found=f"{alike[0]!r} in entries, {count.currency!r} in settlements",
                todo="export one of the columns anew, as in the other file",
            )
        raise Fault(
            "settlements are in a currency that no entry has",
            expected="currencies of the settlements among those of the entries",
            found=f"{count.currency} in settlements, {', '.join(currencies[:5])} in entries",
            todo="map currency in entries.columns and settlements.columns, or set money.currency, "
            f"which is {default}",
        )


def _bare(currency: str) -> str:
    return currency.strip().upper()


def demand_signs(con: duckdb.DuckDBPyConnection, profile: Profile, counts: Sequence[Count]) -> None:
    """Refuse counter-entries that have the sign of what they answer, or no amount."""
    settled = {c.currency for c in counts}
    for currency, entries, zeros, negatives, counters, empty, echoes in con.execute(
        sql.text("exports/checks", "sign_count")
    ).fetchall():
        if currency not in settled or negatives not in {0, entries - zeros}:
            continue
        if _is_most(echoes, counters):
            raise _unsigned(
                profile,
                f"{formats.count(counters, 'counter-entry', 'counter-entries')} and all entries "
                "with the same sign",
            )
        if _is_most(empty, counters + empty):
            raise _unsigned(
                profile,
                f"{formats.count(empty, 'counter-entry', 'counter-entries')} with amount 0, no row "
                "of the other sign: one of two columns, debit and credit, is not read",
            )


def _is_most(some: int, of: int) -> bool:
    """Whether it is the rule; of a few only if it is all of them."""
    return (of >= WEEKS_MIN and some * 2 > of) or (of >= COUNTERS_MIN and some == of)


def demand_no_payouts(con: duckdb.DuckDBPyConnection) -> None:
    """Refuse entries among which the payouts of the settlements stand: they are none."""
    ((weeks, paid),) = con.execute(sql.text("exports/checks", "paid_out")).fetchall()
    if weeks >= WEEKS_MIN and paid * 5 >= weeks * 4:
        raise Fault(
            "payouts stand among the entries",
            expected="entries that settlements are made of, without the settlements themselves",
            found=f"for {formats.count(paid)} of {formats.count(weeks, 'settled week')} an entry "
            "that takes the settled amount away, recorded when it was settled",
            todo="set entries.skip or entries.only so that they are set aside; "
            'settlements.agreement = "any" audits it all the same',
        )


def _unsigned(profile: Profile, found: str) -> Fault:
    column = profile.column("entry", "amount")
    return Fault(
        "amounts have no sign",
        expected="amounts that take away to be negative",
        found=found,
        todo=f'set entries.amount = {{ column = "{column}", direction = ..., plus = [...], minus = '
        "[...] }, or { debit = ..., credit = ..., positive = ... }; "
        'settlements.agreement = "any" audits it all the same',
    )


def demand_sides(con: duckdb.DuckDBPyConnection, profile: Profile, count: Count) -> None:
    """Refuse amounts of which one side is missing, or that would agree with other signs."""
    signs = con.execute(sql.text("exports/checks", "sign_count")).fetchall()
    of_currency = [row for row in signs if row[0] == count.currency]
    for _, entries, zeros, negatives, *_ in of_currency:
        off = count.telling - count.telling_agreeing
        if negatives not in {0, entries - zeros} or off < WEEKS_MIN:
            return
        weeks = con.execute(
            sql.text("exports/checks", "off_row"), {"currency": count.currency}
        ).fetchall()
        side = -1 if negatives else 1
        is_above = bool(weeks) and all((w[4] - w[3]) * side > 0 for w in weeks)
        if is_above and zeros * 20 >= entries:
            raise _unsigned(
                profile,
                f"{formats.count(zeros)} of {formats.count(entries, 'row')} with amount 0, no row "
                "of the other sign: one of two columns, debit and credit, is not read",
            )
        mended = [w for w in weeks if _is_mended_by_signs(*w[3:])]
        if is_above and len(mended) >= WEEKS_MIN and len(mended) * 5 >= len(weeks) * 3:
            account, currency, week, *both, _ = mended[0]
            settled, read = (formats.scaled(a, profile.decimals(currency)) for a in both)
            raise _unsigned(
                profile,
                f"no row of the other sign; for example account {account}, week {week}: settled at "
                f"{settled:f}, recorded by then {read:f}, which agree if some of its rows are "
                "taken away",
            )


def _is_mended_by_signs(settled: Decimal, read: Decimal, amounts: Sequence[Decimal]) -> bool:
    """Whether the week agrees if some of its rows have the other sign."""
    sums = {Decimal()}
    for amount in amounts:
        sums |= {each + amount for each in sums}
    return (read - settled) / 2 in sums


def demand_order(con: duckdb.DuckDBPyConnection) -> None:
    """Refuse weeks that were settled before they were half over, where no amount can tell."""
    ((weeks, early, week, settled_at),) = con.execute(
        sql.text("exports/checks", "settled_early")
    ).fetchall()
    if weeks >= WEEKS_MIN and early * 10 >= weeks * 9:
        raise Fault(
            "weeks were settled before they were half over",
            expected="a settlement after its week",
            found=f"{formats.count(early)} of {formats.count(weeks)}, the first week {week}, "
            f"settled at {settled_at}",
            todo='set settlements.period: means = "end" or "last_day", if that is not the start; '
            'settlements.agreement = "any" audits it all the same',
        )
