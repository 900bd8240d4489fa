"""What a first profile did not find, in the words of the keys that would say it."""

from collections.abc import Sequence
from typing import Final

from settle_core.errors import Fault

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
