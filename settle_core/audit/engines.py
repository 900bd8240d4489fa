"""An export read for an audit, with the pass on the engine that the environment names."""

from collections.abc import Mapping
from pathlib import Path

from settle_core.exports.archive import checked
from settle_core.exports.arrays.whole_pass import Limits
from settle_core.exports.draft.fitting_profile import profile_of
from settle_core.exports.profiles import asked_weeks
from settle_core.exports.reading.ledger import Ledger
from settle_core.reconcile.walk import steps
from settle_core.reconcile.walk.steps import Scope
from settle_core.spark import reading
from settle_core.spark.reading import EngineUsed


def read(export: str | Path, asked: Mapping[str, str]) -> tuple[Ledger, Scope, EngineUsed | None]:
    """Read an export.

    Args:
        export: its folder.
        asked: the parameters of the audit.

    Returns:
        The ledger, the limits of the audit, and what did the pass, None if it was done here.

    Raises:
        Fault: it cannot be read, or looks read wrongly; or the engine is not there.
    """
    weeks, as_of, log = asked["weeks"], asked["as_of"], asked.get("log", "")
    profile = profile_of(export, asked["profile"])
    asked_weeks.demand_whole(weeks, profile)
    with reading.cluster(log) as cluster:
        if cluster is None:
            is_all = not (as_of or log)
            ledger = checked.read(export, profile, is_all=is_all)
            return ledger, steps.scope(ledger, weeks, as_of), None
        ledger = cluster.read(Path(export), profile)
        limits = steps.scope(ledger, weeks, as_of)
        if as_of:
            cluster.narrow(ledger, Limits(as_of=limits.as_of))
        return ledger, limits, cluster.engine
