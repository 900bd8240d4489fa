"""What changed in settled weeks since an earlier export: rows removed, edited or slipped in."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final, NamedTuple

import duckdb

from settle_core import sql
from settle_core.errors import Fault
from settle_core.exports.archive import archive, checked, version_rows
from settle_core.exports.checks import agreement
from settle_core.exports.files import source
from settle_core.exports.profiles.profile import Profile
from settle_core.exports.reading.ledger import Ledger

_TODO: Final = "mend the export, or the profile: a row that was not read would look like a change"


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
        old = checked.read_whole(previous, profile, _TODO)
        told = agreement.line(old)
        _set_beside(ledger, old)
    else:
        ledger.con.sql(sql.text("exports", "none_entry")).create("previous_entry")
        ledger.con.sql(sql.text("exports", "none_settlement")).create("previous_settlement")
    found = _change(ledger, None)
    # Without an earlier export there is nothing to compare, and no need to read all entries.
    (found if previous else found.limit(0)).create("history_change")
    return told


def demand_there(previous: str | Path) -> None:
    """Raise Fault if there is no such earlier export: to be asked before the later one is read."""
    if not archive.is_archive(previous):
        source.demand_folder(Path(previous))


def _set_beside(ledger: Ledger, old: Ledger) -> None:
    with TemporaryDirectory() as folder:
        for table in ("entry", "settlement"):
            path = str(Path(folder) / f"{table}.parquet")
            old.con.table(table).write_parquet(path)
            ledger.con.read_parquet(path, hive_partitioning=False).create(f"previous_{table}")


def _change(ledger: Ledger, made_at: datetime | None) -> duckdb.DuckDBPyRelation:
    """The changes; the earlier export was made at `made_at`, or when its last row was recorded."""
    profile = ledger.profile
    parameters = {"week_offset_days": profile.week_offset_days, "skew_us": profile.skew_us}
    query = sql.text("exports", "history_change")
    return ledger.con.sql(query, params={**parameters, "made_at": made_at})


def compare(old: str | Path, new: str | Path, profile: Profile) -> Comparison:
    """What changed in the settled weeks of `old` until `new`. Raises Fault as `load` does."""
    demand_there(old)  # the later one is read first
    if archive.is_archive(old) and archive.is_archive(new):
        return _of_archives(Path(old), Path(new))
    ledger, told = beside(old, new, profile)
    return Comparison(changes(ledger), told)


def beside(old: str | Path, new: str | Path, profile: Profile) -> tuple[Ledger, tuple[str, str]]:
    """The later export with `history_change` in it, and how well each agrees. Raises Fault."""
    ledger = checked.read_whole(new, profile, _TODO)
    told = load(ledger, old, profile)
    return ledger, (told, agreement.line(ledger))


def _of_archives(old: Path, new: Path) -> Comparison:
    """The same of two archives, of which only the weeks are read that have other parts.

    A row that moved is in two weeks, and both have.
    """
    then, now = archive.load(old), archive.load(new)
    if then.profile.week_offset_days != now.profile.week_offset_days:
        raise Fault(
            "the weeks of the archives begin on other days",
            where=str(new),
            expected=then.profile.calendar.week_start,
            found=now.profile.calendar.week_start,
            todo="archive one of the exports again by the other's profile",
        )
    weeks = archive.differing(then, now)
    earlier = version_rows.read_weeks(old, then, weeks)
    ledger = version_rows.read_weeks(new, now, weeks)
    _set_beside(ledger, earlier)
    made_at = max((held.last_at for held in then.files if held.table == "entry"), default=None)
    _change(ledger, made_at).create("history_change")
    return Comparison(changes(ledger), (then.agreement, now.agreement))


def changes(ledger: Ledger) -> list[Change]:
    """The rows of `history_change`, in their order."""
    return [Change(*row) for row in ledger.con.execute("FROM history_change").fetchall()]
