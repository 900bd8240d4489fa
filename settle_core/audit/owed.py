"""The set-based plan: all counter-entries that an export owes now, in one pass. Nothing is posted.

What `Book` would have posted entry by entry, what the audit calls an uncountered entry, and what
this plans are the same: the plan is made from the audit's own tables. It answers what is owed and
no more. A wrong counter-entry is put right by a correction, not by a counter-entry.
"""

from pathlib import Path
from typing import NamedTuple

from settle_core import sql, staging
from settle_core.errors import Fault
from settle_core.exports.archive import checked
from settle_core.exports.profiles.profile import Profile
from settle_core.exports.reading.ledger import Ledger
from settle_core.reconcile import replay
from settle_core.reconcile.walk import steps


class Total(NamedTuple):
    """What a plan comes to in one currency; `total` in major units, as text."""

    currency: str
    counters: int
    total: str


def plan(export: str | Path, profile: Profile, as_of: str = "") -> Ledger:
    """Plan the counter-entries that an export owes.

    Args:
        export: the folder of the exported files.
        profile: how it is read.
        as_of: plan for what was recorded up to this instant; empty: the last one in the export.

    Returns:
        The ledger, with the table `plan` in the columns of the contract's `entry`. Each row names
        the late entry that it `answers`; `recorded_at` is the instant planned for.

    Raises:
        Fault: the input cannot be worked with, or is not whole: a plan from a part of a ledger
            would post what was never owed.
    """
    steps.asked("", as_of)  # before any row is read
    todo = "mend the export, or the profile: nothing is planned from a part of it"
    ledger = checked.read_whole(export, profile, todo)
    limits = steps.scope(ledger, as_of=as_of)
    steps.run(ledger, limits)
    replay.run(ledger, limits)
    is_number = str(ledger.con.table("entry").types[0]) == "BIGINT"
    parameters = {"ids_are_numbers": is_number, "as_of": limits.as_of}
    ledger.con.sql(sql.text("audit", "owed"), params=parameters).create("plan")
    return ledger


def totals(ledger: Ledger) -> list[Total]:
    """What the plan comes to, by currency."""
    return [Total(*row) for row in ledger.con.execute(sql.text("audit", "owed_total")).fetchall()]


def demand_new(path: Path) -> None:
    """Raise Fault unless a plan can go into this file: by its ending, and as `staging` does."""
    if path.suffix not in {".csv", ".parquet"}:
        raise Fault(
            "no such format", where=str(path), expected=".csv or .parquet", found=path.suffix
        )
    staging.demand_new(path)


def write(ledger: Ledger, path: Path) -> None:
    """Write the plan as CSV or Parquet, by the file's ending. Raises Fault as `demand_new`."""
    demand_new(path)
    with staging.new_file(path) as made:
        if path.suffix == ".parquet":
            ledger.con.table("plan").write_parquet(str(made), compression="zstd")
        else:
            ledger.con.sql(sql.text("audit", "owed_text")).write_csv(str(made), header=True)
