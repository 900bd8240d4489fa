"""The named steps from typed entries to the walk of each late row, one SQL file each.

A step's file name is its output table. An analyst can look at every one of them:
`ledger.sql("SELECT * FROM settled_week WHERE residual <> 0")`.
"""

import logging
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from settle_core import sql
from settle_core.errors import Fault
from settle_core.exports.arrays.whole_pass import Limits
from settle_core.exports.files import memory
from settle_core.exports.profiles import asked_weeks
from settle_core.exports.reading.ledger import Ledger
from settle_core.reconcile.search import clocks
from settle_core.reconcile.walk import cutoff, step, suspects, told_weeks

_LOG: Final = logging.getLogger(__name__)
DAY_US: Final = 86_400_000_000
# A column with one value over a longer time than this names no job.
JOB_SECONDS_MAX: Final = 3600
# NULL, as exports spell it.
NO_VALUE: Final = ("", "null", r"\n", "none", "nan", "nil", "n/a", "na", "<na>", "nat", "-")
LAST_DAY: Final = 6  # of a week, from its first


@dataclass(frozen=True)
class Scope:
    """What is told: the weeks from `first_week` to `last_week`, as things stood at `as_of`.

    How they are balanced, and where an answer stands, is told by the others as well: all weeks are
    judged, whichever are asked for.
    `settled_lag_us`: no week was settled sooner after its start; microseconds.
    """

    first_week: date
    last_week: date
    as_of: datetime
    settled_lag_us: int = 0

    @property
    def as_of_text(self) -> str:
        """The instant in ISO 8601, UTC, to the microsecond."""
        return f"{self.as_of.isoformat(timespec='microseconds')}Z"

    @property
    def parameters(self) -> dict[str, object]:
        """The scope as SQL parameters."""
        return {
            "first_week": self.first_week,
            "last_week": self.last_week,
            "as_of": self.as_of,
        }


def scope(ledger: Ledger, weeks: str = "", as_of: str = "") -> Scope:
    """Read the limits of an audit.

    Args:
        ledger: the export; gives the defaults: all weeks, and the last instant recorded in it.
        weeks: `FROM:TO`, first days of weeks, either may be missing, or one of them.
        as_of: an ISO 8601 instant, UTC unless it says otherwise.

    Raises:
        Fault: a limit that cannot be read, or nothing to audit within them.
    """
    first, last, at = asked(weeks, as_of)
    query = sql.text("reconcile/walk", "extent")
    parameters = {
        "first_week": first,
        "last_week": last,
        "as_of": at,
        "last_recorded": _last_recorded(ledger),
    }
    (found,) = ledger.con.execute(query, parameters).fetchall()
    latest, settlements, in_scope, settled_by, first_found, last_found, settled_lag_us = found
    if not ledger.inputs[0].rows_accepted or not settled_by:
        early = in_scope and not settled_by
        raise Fault(
            "nothing to audit",
            where=", ".join(i.path for i in ledger.inputs),
            expected="entries, and at least one settled week"
            + (f" in {weeks}" if weeks else "")
            + (f" that was settled by {as_of}" if early else ""),
            found=f"{ledger.inputs[0].rows_accepted} entries, {settlements} settlements"
            + _rejections(ledger),
            todo="check --as-of"
            if early
            else "check the profile"
            if ledger.rejected
            else "check the export and --weeks",
        )
    return Scope(first_found, last_found, at or latest, settled_lag_us)


def asked(weeks: str, as_of: str) -> tuple[date, date, datetime | None]:
    """The first and last week and the instant that are asked for. Raises Fault as `scope`."""
    first, last = asked_weeks.read(weeks)
    return first, last, _instant(as_of) if as_of else None


def run(ledger: Ledger, limits: Scope, *, is_passed: bool = True) -> None:
    """Run all steps over the ledger's connection.

    Where the rows are plain enough for the pass, it goes before: the steps then run on the weeks
    that it has not finished, in the schema `suspect`, until `suspects.whole`.

    Args:
        ledger: the export.
        limits: of the audit.
        is_passed: whether the pass may do its part; what comes out is the same.
    """
    memory.demand(ledger.con)
    given = parameters(ledger, limits)
    done: frozenset[str] = frozenset()
    if is_passed:
        done = suspects.load(ledger, Limits(as_of=limits.as_of), given)
    for number, name in enumerate(step.STEPS, start=1):
        _LOG.info("step %d of %d: %s", number, len(step.STEPS), name)
        if name in done:
            continue
        step.create(ledger.con, name, given)
        if name == "cutoff_row" and cutoff.moved(ledger.con, ledger.scale):
            ledger.con.execute(sql.text("reconcile/walk", "cutoff_clear"))
            for again in ("late_row", "settled_week"):
                step.relation(ledger.con, again, given).insert_into(again)
    if done:
        told_weeks.count(ledger, limits.first_week, limits.last_week)


def parameters(ledger: Ledger, limits: Scope) -> dict[str, object]:
    """What the steps take."""
    profile = ledger.profile
    return {
        "first_week": date.min,
        "last_week": date.max,
        "as_of": limits.as_of,
        "first_told": limits.first_week,
        "last_told": limits.last_week,
        "week_offset_days": profile.week_offset_days,
        "skew_us": profile.skew_us,
        "off_us_max": clocks.OFF_US_MAX,
        "policy": profile.balancing.policy,
        "level": profile.balancing.level,
        "job_id_means": profile.entries.job_id_means,
        "job_seconds_max": JOB_SECONDS_MAX,
        "no_value": list(NO_VALUE),
        # A late row is recorded after its week was settled, by a clock that may be off by the skew,
        # and its day is one of that week.
        "late_after_us": limits.settled_lag_us - LAST_DAY * DAY_US - profile.skew_us,
    }


def _last_recorded(ledger: Ledger) -> datetime | None:
    """The last instant at which an entry was recorded."""
    if ledger.passed:
        return datetime(1970, 1, 1) + timedelta(microseconds=ledger.passed.last_recorded)  # noqa: DTZ001
    ((found,),) = ledger.con.table("entry").max("recorded_at").fetchall()
    return found if isinstance(found, datetime) else None


def _rejections(ledger: Ledger) -> str:
    """How many rows were rejected, and why the first one was; empty if none."""
    if not ledger.rejected:
        return ""
    first = ledger.rejected[0]
    where = f"{first.file}, line {first.line}"
    return f", and {len(ledger.rejected)} rejected rows, the first in {where}: {first.reason}"


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError as error:
        raise Fault(
            "not an instant",
            where="--as-of",
            expected="ISO 8601, as 2026-11-23T09:00Z",
            found=repr(text),
        ) from error
    return instant.astimezone(UTC).replace(tzinfo=None) if instant.tzinfo else instant
