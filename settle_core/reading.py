"""How the values of an export are read: typed, exact, and NULL where that cannot be.

SQL macros read an amount, a day and an instant; which ones depends on how the file stores them.
"""

import re
from importlib.resources import files
from typing import Any, Final

import duckdb
from duckdb import ColumnExpression, ConstantExpression

from settle_core import schema
from settle_core.profile import Profile

# Required and optional columns of each table.
COLUMNS: Final = {
    "entry": (schema.ENTRY_REQUIRED, schema.ENTRY_OPTIONAL),
    "settlement": (schema.SETTLEMENT_REQUIRED, schema.SETTLEMENT_OPTIONAL),
}


def names(profile: Profile, table: str) -> dict[str, str]:
    """The export's name of each of our columns."""
    mapping = profile.entries_columns if table == "entry" else profile.settlements_columns
    required, optional = COLUMNS[table]
    return {ours: mapping.get(ours, ours) for ours in required + optional}


def store(
    con: duckdb.DuckDBPyConnection, profile: Profile, table: str, stored: dict[str, str]
) -> None:
    """Create `stored_<table>`: the columns that the export has, typed.

    Args:
        con: connection with the view `raw_<table>` and the type `money`.
        profile: how to read it.
        table: entry or settlement.
        stored: the exported type of each of our columns that is there.
    """
    is_entry = table == "entry"
    con.execute(_sql(_amount(stored["amount" if is_entry else "settled_amount"], profile)))
    con.execute(_sql(_day(stored["effective_date" if is_entry else "week_start"])))
    con.execute(_sql(_instant(stored["recorded_at" if is_entry else "settled_at"], profile)))
    typed = con.sql(_sql(table), params=_parameters(profile, is_entry=is_entry))
    kept = [ColumnExpression(name) for name in typed.columns if name in stored]
    typed.select(*kept).create(f"stored_{table}")


def view(con: duckdb.DuckDBPyConnection, profile: Profile, table: str) -> None:
    """Create the table as a view: what is stored, and what the export does not have."""
    stored = con.table(f"stored_{table}")
    required, optional = COLUMNS[table]
    absent = {
        "currency": ConstantExpression(profile.money_currency),
        "observed": ConstantExpression(None).cast(con.type("money")),
    }
    nothing = ConstantExpression(None).cast("VARCHAR")
    stored.select(
        *(
            ColumnExpression(name)
            if name in stored.columns
            else absent.get(name, nothing).alias(name)
            for name in required + optional
        )
    ).create_view(table)


def _sql(name: str) -> str:
    return (files("settle_core") / "sql" / "read" / f"{name}.sql").read_text("utf-8")


def _amount(stored: str, profile: Profile) -> str:
    """The macro that reads an amount stored as that type."""
    unit = "_minor" if profile.money_unit == "minor" else ""
    return f"amount_{'text' if stored == 'VARCHAR' else 'stored'}{unit}"


def _day(stored: str) -> str:
    return "day_text" if stored == "VARCHAR" else "day_stored"


def _instant(stored: str, profile: Profile) -> str:
    if stored == "VARCHAR" and profile.csv_timestamp_format:
        return "instant_form"
    return "instant_utc" if stored == "TIMESTAMP" and profile.clock_zone == "UTC" else "instant_any"


def _parameters(profile: Profile, *, is_entry: bool) -> dict[str, Any]:
    mark = re.escape(profile.csv_decimal)
    decimals_max = profile.money_scale if profile.money_unit == "major" else 0
    shared: dict[str, Any] = {
        "amount_pattern": rf"[+-]?[0-9]+({mark}[0-9]{{0,{decimals_max}}}0*)?",
        "decimal": profile.csv_decimal,
        "unit_factor": profile.unit_factor,
        "date_format": profile.csv_date_format,
        "timestamp_format": profile.csv_timestamp_format,
        "currency": profile.money_currency,
    }
    if is_entry:
        shared["kind_entry"] = list(profile.kinds_entry)
        shared["kind_counter"] = list(profile.kinds_counter)
        shared["kind_correction"] = list(profile.kinds_correction)
    return shared
