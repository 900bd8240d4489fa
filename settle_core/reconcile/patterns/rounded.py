"""Whether counter-entries are rounded, told from what they answer.

Nearly all of them are whole steps, many late entries are not, and of those that are not exact most
are what was owed, rounded. Where one of these does not hold, nothing is taken for rounded.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import duckdb
import numpy as np

from settle_core import sql
from settle_core.exports.arrays.arrow import Whole
from settle_core.reconcile.causes import sentences
from settle_core.reconcile.patterns.searched import Searched
from settle_core.reconcile.policies.inferred import Rounded
from settle_core.reconcile.search.rounding import EITHER, MODES, Rounding, rounded

# In minor units, the largest first.
STEPS: Final = sorted({5, *(n * 10**k for n in (10, 20, 25, 50) for k in range(6))}, reverse=True)
# Of counter-entries so many are whole steps: one of another amount may be wrong.
IN_STEPS_SHARE: Final = 0.95
# Of late entries so many are not: else whole steps are what is booked. Usual prices may be whole.
BETWEEN_SHARE: Final = 0.2
# So many counter-entries that are rounded, and of those that are not exact this share, are no
# chance; and they are off by as many amounts: who keeps a fee is off by one.
FITTING_MIN: Final = 12
FITTING_SHARE: Final = 0.5
AMOUNTS_MIN: Final = 4
# One mode tells nearly all that are off by less than a step; else which, nobody knows.
MODE_SHARE: Final = 0.9
# So many counter-entries are asked: more tell no more.
ASKED_MAX: Final = 2000


class _Asked(NamedTuple):
    """A counter-entry that is not exact, and what may have been owed at its place."""

    amount: int
    owed: tuple[int, ...]


def infer(
    con: duckdb.DuckDBPyConnection, held: Searched, minor_per_major: int, scale: int
) -> list[Rounded]:
    """Tell it of each currency, else of each account of it, and note it at the units.

    Args:
        con: with the table `entry`.
        held: the weeks to search.
        minor_per_major: of the amounts.
        scale: decimals of money.
    """
    found: list[Rounded] = []
    for currency, account_id, units in _groups(held):
        if any(each.currency == currency and not each.account_id for each in found):
            continue
        told = _of_units(held, units)
        if told is None or not _are_all_in_steps(
            con, told[0].step, minor_per_major, currency, account_id
        ):
            continue
        rounding, fitting, asked = told
        step = sentences.money(rounding.step, scale)
        found.append(Rounded(currency, account_id, rounding, step, fitting, asked))
        held.rounding |= dict.fromkeys(units, rounding)
    return found


def _groups(held: Searched) -> Iterator[tuple[str, str, list[int]]]:
    """The units of each currency; then, with the account, those of accounts that may be rounded."""
    if np.count_nonzero(held.is_counter) < FITTING_MIN:
        return
    of_currency: dict[str, list[int]] = defaultdict(list)
    of_account: dict[tuple[str, str], list[int]] = defaultdict(list)
    for number, key in enumerate(zip(held.currencies, held.account_ids, strict=True)):
        of_currency[key[0]].append(number)
        of_account[key].append(number)
    yield from ((currency, "", units) for currency, units in of_currency.items())
    counters = np.add.reduceat(held.is_counter.astype(np.int64), held.starts).tolist()
    for (currency, account_id), units in of_account.items():
        if sum(counters[k] for k in units) >= FITTING_MIN:
            yield currency, account_id, units


def _of_units(held: Searched, units: Sequence[int]) -> tuple[Rounding, int, int] | None:
    """How counter-entries of some units are rounded; how many of how many tell it."""
    if len(units) < len(held.starts):
        ends = held.starts + held.rows_in
        rows = np.concatenate([np.arange(held.starts[k], ends[k]) for k in units])
    else:
        rows = np.arange(len(held.amount))
    amount, is_counter = held.amount[rows], held.is_counter[rows]
    step = _step(amount[is_counter & (amount != 0)], amount[~is_counter])
    if not step:
        return None
    asked = list(_asked(held, units))
    fitting = Counter[str]()
    off = set[int]()
    near = 0
    for each in asked:
        close = [owed for owed in each.owed if abs(owed - each.amount) < step]
        near += bool(close)
        off.update(each.amount - owed for owed in close[:1])
        for mode in MODES:
            fitting[mode] += any(rounded(owed, step, mode) == each.amount for owed in close)
    most = max(fitting.values(), default=0)
    modes = tuple(mode for mode in MODES if fitting[mode] == most)
    if most < MODE_SHARE * near:
        modes, most = EITHER, near
    is_plain = most >= max(FITTING_MIN, FITTING_SHARE * len(asked)) and len(off) >= AMOUNTS_MIN
    return (Rounding(step, modes), most, len(asked)) if is_plain else None


def _step(counters: Whole, entries: Whole) -> int:
    """The largest step that nearly all counter-entries are whole ones of, and many entries not."""
    if len(counters) < FITTING_MIN:
        return 0
    for step in STEPS:
        if np.count_nonzero(counters % step == 0) >= IN_STEPS_SHARE * len(counters):
            between = np.count_nonzero(entries % step)
            return step if between >= BETWEEN_SHARE * max(len(entries), 1) else 0
    return 0


def _asked(held: Searched, units: Iterable[int]) -> Iterator[_Asked]:
    """Counter-entries in the order of recording that are nothing that may be exact."""
    count = 0
    for number in units:
        for each in _of_unit(held, number):
            yield each
            count += 1
            if count >= ASKED_MAX:
                return


def _of_unit(held: Searched, number: int) -> Iterator[_Asked]:
    start, size = int(held.starts[number]), int(held.rows_in[number])
    order = np.lexsort(
        (
            held.rank[start : start + size],
            held.is_counter[start : start + size],
            held.recorded_us[start : start + size],
        )
    )
    days = np.searchsorted(held.day_starts, start + order, side="right").tolist()
    week = int(held.start_minor[number])
    of_day = Counter[int]()
    last: dict[int, int] = {}
    own: dict[int, list[int]] = defaultdict(list)
    for place, day in zip((start + order).tolist(), days, strict=True):
        amount, job = int(held.amount[place]), int(held.job[place])
        if held.is_counter[place]:
            owed = {-of_day[day], -week, *own[job], *([last[day]] if day in last else [])}
            if amount not in owed and amount:
                yield _Asked(amount, tuple(sorted(owed, key=lambda each: abs(each - amount))))
        else:
            last[day] = -amount
            if job > 0:
                own[job].append(-amount)
        of_day[day] += amount
        week += amount


def _are_all_in_steps(
    con: duckdb.DuckDBPyConnection, step: int, minor_per_major: int, currency: str, account_id: str
) -> bool:
    """Whether those of weeks that are not searched are whole steps as well."""
    given: dict[str, object] = {
        "step": step,
        "minor_per_major": minor_per_major,
        "currency": currency,
        "account_id": account_id,
    }
    query = sql.text("reconcile/patterns", "counters_in_steps")
    ((counters, in_steps),) = con.execute(query, given).fetchall()
    return bool(in_steps >= IN_STEPS_SHARE * counters)
