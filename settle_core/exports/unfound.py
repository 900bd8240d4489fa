"""What a first profile did not find, in the words of the keys that would say it."""

from collections.abc import Mapping, Sequence
from typing import Final

from settle_core import contract
from settle_core.errors import Fault
from settle_core.formats import clean, toml_text

# Keys that read what a column alone does not tell, or that is written in another way.
KEYS: Final = {
    "effective_date": "csv.date_format, entries.effective",
    "amount": "entries.amount, csv.decimal, csv.thousands, csv.negative, csv.currency_marks",
    "kind": "entries.kinds",
    "recorded_at": "csv.timestamp_format",
    "week_start": "settlements.period, csv.date_format",
    "settled_amount": "settlements.amounts, csv.decimal, csv.thousands, csv.currency_marks",
    "settled_at": "csv.timestamp_format, settlements.period",
}
SHOWN_MAX: Final = 40  # columns that are named


def unread(tables: Mapping[str, Sequence[str]], profile: str) -> list[str]:
    """Comments on what a first profile leaves aside: columns it does not name, optional keys.

    Args:
        tables: the names of their columns.
        profile: its text.
    """
    ours = {*contract.ENTRY_REQUIRED, *contract.ENTRY_OPTIONAL, *contract.SETTLEMENT_REQUIRED}
    lines = []
    for table, names in tables.items():
        left = [n for n in names if n not in ours and toml_text(n) not in profile]
        more = f" and {len(left) - SHOWN_MAX} more" if len(left) > SHOWN_MAX else ""
        named = ", ".join(clean(name) for name in left[:SHOWN_MAX])
        lines += [f"# Not read of {clean(table)}: {named}{more}."] if left else []
    if not lines:
        return []
    there = {name for names in tables.values() for name in names}
    keys = [k for k in contract.ENTRY_OPTIONAL if k not in there and f"\n{k} = " not in profile]
    asked = f" If one of them is one of {', '.join(keys)}: name it in [entries.columns]."
    return ["", *lines[:-1], lines[-1] + asked] if keys else ["", *lines]


def columns(missing: Sequence[str], required: Sequence[str], where: str, left: str) -> Fault:
    """The fault of columns that are not to be found in a table.

    Args:
        missing: our names of them.
        required: all that were looked for.
        where: the table.
        left: its columns that may still be one.
    """
    path = "settlements" if {"week_start", "settled_at"} & set(required) else "entries"
    keys = dict.fromkeys(key for name in missing for key in KEYS.get(name, "").split(", ") if key)
    named = ", ".join(f"{path}.columns.{name}" for name in missing)
    return Fault(
        f"no column looks like {', '.join(missing)}",
        where=where,
        expected="a column for each that is required",
        found=left,
        todo=f"write the profile by hand: name the columns in {named}"
        + (f"; for what is written in another way see {', '.join(keys)}" if keys else ""),
    )
