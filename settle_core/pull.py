"""`settle pull`: an export of a real PostgreSQL database, whole and provably so."""

from pathlib import Path

from settle_core import address, control, snapshot
from settle_core.profile import Profile
from settle_core.snapshot import Snapshot


def pull(url: str, profile: Profile, out: str | Path) -> Path:
    """Export the tables that a profile names, as Parquet, from one read-only snapshot.

    The tables are called as the profile's files without their ending; of their columns those that
    the profile knows are exported, under their own names. `control.json` beside them holds the
    control totals that the database computed in that same snapshot. No password is written.

    Args:
        url: `postgresql://...`.
        profile: how the export will be read.
        out: a folder that does not exist yet, or is empty. Written whole or not at all.

    Returns:
        The folder.

    Raises:
        Fault: no connection, no such table or column, money in floats, a folder that holds
            something, or files that do not hold what the database has.
    """
    with (
        control.staged(Path(out)) as folder,
        address.connect(url) as con,
        Snapshot.taken(con) as taken,
    ):
        taken.export(snapshot.wanted(profile, ".parquet"), folder)
    return Path(out)
