"""An export or an archive read and checked, as every command begins.

An archive is read by its own profile, its rows are typed already.
"""

from pathlib import Path

from settle_core.exports.archive import version_rows
from settle_core.exports.checks.agreement import checked
from settle_core.exports.files import control_totals
from settle_core.exports.profiles.profile import Profile
from settle_core.exports.reading.ledger import Ledger


def read(folder: str | Path, profile: Profile, *, is_all: bool = False) -> Ledger:
    """Read an export, and refuse it if it looks read wrongly. Raises as `demand` does.

    Args:
        folder: the export, or an archive.
        profile: how to read it; an archive is read by its own.
        is_all: whether an audit of all of it follows, so that the pass may go along.
    """
    return checked(version_rows.read(folder, profile, is_all=is_all))


def read_whole(folder: str | Path, profile: Profile, todo: str, *, is_all: bool = False) -> Ledger:
    """Read an export of which a part is not enough. Raises as `read` does.

    Args:
        folder: the export, or an archive.
        profile: how to read it.
        todo: what to do about a row that was rejected.
        is_all: as for `read`.

    Raises:
        Fault: a row was rejected, or a control total is off.
    """
    ledger = read(folder, profile, is_all=is_all)
    ledger.rejected.demand_none(folder, todo)
    control_totals.demand(Path(folder))
    return ledger
