"""The copy of an export with what was planted in it, and an earlier one, in canonical form."""

from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

import duckdb
import pandas as pd

from settle_core.planted import LateRow
from settle_core.transplant import Transplant

SETTLEMENT_EDIT: Final = {
    "account_id": "str",
    "currency": "str",
    "week_start": "object",
    "settled_off": "int64",
    "is_second": "bool",
}
EDIT: Final = {
    "entry_id": "str",
    "off": "int64",
    "effective_date": "object",
    "is_removed": "bool",
}
PROFILE: Final = """
money.scale = {scale}
money.currency = "{currency}"
calendar.week_start = "{week_start}"
clock.skew_seconds = {skew}
clock.grace_minutes = {grace}
balancing.policy = "{policy}"
balancing.level = "{level}"
"""


def write(transplant: Transplant, folder: Path) -> Path:
    """Write the copy in canonical form, and the profile to read it with.

    Returns:
        The profile's path, beside the copy's folder.
    """
    audited = transplant.audited
    profile = audited.ledger.profile
    con = audited.ledger.con
    scale = {"major_per_minor": str(Decimal(1).scaleb(-profile.money_scale))}
    rows = pd.DataFrame(transplant.office.rows, columns=list(LateRow._fields))
    for column in ("attempt", "answers"):  # empty ones would make it a column of floats
        rows[column] = rows[column].astype("Int64")
    con.register("planted_row", rows)
    _register(con, "settlement_edit", SETTLEMENT_EDIT, transplant.settlement_edits)
    are_numbers = str(con.table("entry").types[0]) == "BIGINT"
    style = {"ids_are_numbers": are_numbers, "has_attempts": transplant.habits.has_attempts}
    # The earlier export has all that was planted, but for what was then edited or removed.
    for place, edits in ((folder / "previous", []), (folder, transplant.edits)):
        place.mkdir(parents=True, exist_ok=True)
        _register(con, "edit", EDIT, edits)
        entries = con.sql(_sql("entry"), params=scale | style)
        entries.write_parquet(str(place / "entries.parquet"))
        settlements = con.sql(_sql("settlement"), params=scale)
        settlements.write_parquet(str(place / "settlements.parquet"))
    for name in ("planted_row", "settlement_edit", "edit"):
        con.unregister(name)
    path = folder.with_suffix(".toml")
    text = PROFILE.format(
        scale=profile.money_scale,
        currency=profile.money_currency,
        week_start=profile.calendar_week_start,
        skew=profile.clock_skew_seconds,
        grace=profile.clock_grace_minutes,
        policy=profile.balancing_policy,
        level=profile.balancing_level,
    )
    path.write_text(text, "utf-8")
    return path


def _register(
    con: duckdb.DuckDBPyConnection, name: str, columns: dict[str, str], rows: list[Any]
) -> None:
    frame = pd.DataFrame(rows, columns=list(columns)).astype(columns)
    con.register(name, frame)


def _sql(name: str) -> str:
    return (files("settle_core") / "sql" / "power" / f"{name}.sql").read_text("utf-8")
