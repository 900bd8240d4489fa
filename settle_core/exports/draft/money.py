"""What a first profile says of money: decimals, unit, currency, and which column is the amount."""

from collections.abc import Sequence
from typing import Final

from settle_core.errors import Fault
from settle_core.exports.draft import inference, written_numbers
from settle_core.exports.draft.choices import Choice, Form, Open
from settle_core.exports.draft.column_values import Column
from settle_core.exports.draft.inference import Role, Table
from settle_core.exports.profiles.currencies import DECIMALS
from settle_core.exports.profiles.keys import SCALE_MAX
from settle_core.formats import toml_text

WITHOUT_CENTS: Final = frozenset({"JPY", "KRW", "CLP", "ISK", "VND", "HUF"})
CENT_WORDS: Final = ("cent", "minor", "pence", "rappen")
SCALE_USUAL: Final = 2
CURRENCIES: Final = {"\N{EURO SIGN}": "EUR", "\N{POUND SIGN}": "GBP", "$": "USD"}
# Others than those without cents, as a column of amounts may be called.
COMMON: Final = (
    *("EUR", "USD", "GBP", "CHF", "SEK", "NOK", "DKK", "PLN", "CZK", "CAD", "AUD", "NZD"),
    *("INR", "BRL", "MXN", "ZAR", "SGD", "HKD", "CNY"),
)


def others(table: Table, section: str, amount: Column, taken: set[str]) -> list[Open]:
    """Other columns of money beside the one that is called so: net beside gross."""
    ours = "amount" if section == "entries" else "settled_amount"
    how = written_numbers.written(amount)
    rivals = [
        c.name
        for c in table.columns
        if c.name not in taken
        and inference.FITS["amount"](c)
        and written_numbers.written(c) == how
        and (not any(how[0] in v for v in amount.values) or any(how[0] in v for v in c.values))
        and not (inference.name_score("entry_id", c) or inference.name_score("account_id", c))
    ]
    if not rivals:
        return []
    forms = [Form(f"{amount.name} is the amount", ())]
    for name in rivals:
        sets = ((f"{section}.columns", ours, toml_text(name)),)
        forms.append(Form(f"{name} is the amount", sets))
    return [Open(tuple(forms), if_needed=True)]


def money(columns: Sequence[Column], ours: dict[str, Role]) -> dict[str, Choice]:
    """How many decimals amounts have, in which unit they are, and their currency.

    Raises:
        Fault: they have more decimals than money has, as what was a float once.
    """
    points = [written_numbers.written(c)[0] or "." for c in columns]
    most = max(map(written_numbers.decimals, (c.values for c in columns), points))
    if most > SCALE_MAX:
        raise Fault(
            "amounts have more decimals than money has",
            where=", ".join(c.name for c in columns),
            expected=f"at most {SCALE_MAX}",
            found=f"{most}, as of a float",
            todo="export them as they are stored, or rounded where they were rounded",
        )
    has_marks = any(mark in v for c in columns for v in c.values for mark in ".,")
    currencies = set(ours["currency"].column.values) if "currency" in ours else set()
    is_named = any(word in c.name.lower() for c in columns for word in CENT_WORDS)
    if has_marks:
        scale = Choice(str(max(most, SCALE_USUAL)), f"at most {most} decimals", is_sure=most > 1)
        unit = Choice('"major"', "amounts have decimals", is_sure=True)
    elif currencies and currencies <= WITHOUT_CENTS:
        scale = Choice("0", "a currency without cents", is_sure=True)
        unit = Choice('"major"', "a currency without cents", is_sure=True)
    else:
        why = "a column's name says so" if is_named else "all amounts are whole numbers"
        scale = Choice(str(SCALE_USUAL), "usual; 3 for TND or KWD, 0 for JPY", is_sure=False)
        unit = Choice('"minor"', why, is_named)
    money = {"scale": scale, "unit": unit}
    if currencies and not has_marks:
        del money["scale"]  # those of each currency are known
    if "currency" not in ours:
        mark = written_numbers.mark(columns[0])
        told = CURRENCIES.get(mark, mark if mark.isupper() and mark.isascii() else "")
        why = f"amounts have {mark}" if told else "no column tells the currency"
        named = {c.name.strip() for c in columns} & {*DECIMALS, *COMMON}
        if not told and len(named) == 1:
            (told,) = named
            why = f"the column of amounts is called {told}"
        is_sure = bool(told) and mark != "$"
        money["currency"] = Choice(toml_text(told or "EUR"), why, is_sure)
    return money
