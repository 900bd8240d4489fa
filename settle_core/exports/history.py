"""What changed in settled weeks since an earlier export: rows removed, edited or slipped in."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from settle_core import sql
from settle_core.exports import agreement
from settle_core.exports.ledger import Ledger
from settle_core.exports.profile import Profile


class Change(NamedTuple):
    """A change in a settled week: a row, or its settlement, was removed, edited or added.

    `note` says where a row moved to, or came from.
    """

    account_id: str
    currency: str
    week_start: date
    entry_id: str
    change: str
    old_amount: Decimal
    new_amount: Decimal
    note: str = ""


class Comparison(NamedTuple):
    """What changed in settled weeks, and how well the two exports agree with their settlements."""

    changes: list[Change]
    agreement: tuple[str, str]


def load(ledger: Ledger, previous: str | Path, profile: Profile) -> str:
    """Create the tables `previous_entry`, `previous_settlement` and `history_change`.

    Args:
        ledger: the later export.
        previous: folder of the earlier one; empty: there is none, and the tables are.
        profile: how both are read.

    Returns:
        How well the earlier one agrees with its settlements; nothing where there is none.

    Raises:
        Fault: the earlier export cannot be read.
    """
    told = ""
    if previous:
        old = agreement.read(previous, profile)
        told = agreement.line(old)
        with TemporaryDirectory() as folder:
            for table in ("entry", "settlement"):
                path = str(Path(folder) / f"{table}.parquet")
                old.con.table(table).write_parquet(path)
                ledger.con.read_parquet(path).create(f"previous_{table}")
    else:
        ledger.con.sql(sql.text("exports", "none_entry")).create("previous_entry")
        ledger.con.sql(sql.text("exports", "none_settlement")).create("previous_settlement")
    parameters = {"week_offset_days": profile.week_offset_days, "skew_us": profile.skew_us}
    found = ledger.con.sql(sql.text("exports", "history_change"), params=parameters)
    # Without an earlier export there is nothing to compare, and no need to read all entries.
    (found if previous else found.limit(0)).create("history_change")
    return told


def compare(old: str | Path, new: str | Path, profile: Profile) -> Comparison:
    """What changed in the settled weeks of `old` until `new`. Raises Fault as `load` does."""
    ledger = agreement.read(new, profile)
    told = load(ledger, old, profile)
    return Comparison(changes(ledger), (told, agreement.line(ledger)))


def changes(ledger: Ledger) -> list[Change]:
    """The rows of `history_change`, in their order."""
    return [Change(*row) for row in ledger.con.execute("FROM history_change").fetchall()]
