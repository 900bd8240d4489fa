"""Answers that stand elsewhere: in another week, or on another day or account.

First the counter-entries that are the answer to one late entry. Of what is left, one may answer
several late entries at once (an amount and its fee, all that a day was owed), or several rows
together be the answer to one. What may be an answer, but is not surely, is told as a doubt.
"""

from datetime import datetime
from typing import Final

import duckdb

from settle_core import sql
from settle_core.exports.profiles.profile import Profile
from settle_core.reconcile.causes import cause
from settle_core.reconcile.policies.votes import Votes

# So long after its late entry a counter-entry in another week may be its answer by its amount
# alone: to reverse in the next open period is normal practice.
PRACTICE_US: Final = 14 * 86_400_000_000
# So many late entries in a row are tried as what one counter-entry answers, or rows as one answer;
# of more, all that are left of a unit or a job.
RUN_MAX: Final = 12
# Of equal sums so many before and after an answer are tried.
NEAR_MAX: Final = 20
TABLES: Final = (
    "stray_counter",
    "stray_account",
    "stray_pair",
    "stray_member",
    "stray_owed",
    "stray_answer",
    "stray_fit",
    "stray",
    "stray_place",
    "stray_doubt",
    "stray_spare",
    "stray_again",
)


def run(con: duckdb.DuckDBPyConnection, profile: Profile, as_of: datetime, level: Votes) -> None:
    """Create the tables `stray`, `stray_place` and `stray_doubt`: what may be answered by such.

    And `stray_again`: what answers once more what is answered at home.

    Args:
        con: after the search.
        profile: of the export.
        as_of: of the audit.
        level: what all weeks tell of whether days or weeks are balanced.
    """
    given: dict[str, object] = {
        "as_of": as_of,
        "grace_us": profile.grace_us,
        "moment_us": cause.MOMENT_US,
        "practice_us": PRACTICE_US,
        "near_max": NEAR_MAX,
        "run_max": RUN_MAX,
        "skew_us": profile.skew_us,
        "week_offset_days": profile.week_offset_days,
    }
    chosen: list[int] = []
    for name in TABLES:
        query = sql.text("reconcile/astray", name)
        used = {key: given[key] for key in sql.parameters(query)}
        con.sql(query, params=used or None).create(name)
        if name == "stray_account":
            accounts = con.execute(sql.text("reconcile/astray", "stray_weekly")).fetchall()
            weekly = [account for (account,) in accounts if level.is_for(account, "week")]
            given["weekly"] = ["", *weekly]
        elif name == "stray_pair":
            chosen = _disjoint(con)
            given["chosen"] = chosen
        elif name == "stray_fit":
            more, given["doubted"] = _fitting(con)
            given["chosen"] = chosen + more


def _disjoint(con: duckdb.DuckDBPyConnection) -> list[int]:
    """Numbers of stray pairs: the best first, each counter-entry and late entry in one at most."""
    chosen = [0]  # an empty list has no type
    taken: set[str] = set()
    for number, *pair in con.execute(sql.text("reconcile/astray", "ranked_pair")).fetchall():
        if taken.isdisjoint(pair):
            taken.update(pair)
            chosen.append(number)
    return chosen


def _fitting(con: duckdb.DuckDBPyConnection) -> tuple[list[int], list[int]]:
    """Numbers of the fits that stand, no row in two of them; and of those that may.

    Of the second a part of what they fit may be answered already: what is left of it then is not
    surely owed.
    """
    ranked = con.execute(sql.text("reconcile/astray", "ranked_fit")).fetchall()
    chosen = list[int]()
    doubted = [0]
    taken: set[str] = set()
    for number, is_sure, _, counters, entries in ranked:
        if is_sure and taken.isdisjoint(counters) and taken.isdisjoint(entries):
            taken.update(counters, entries)
            chosen.append(number)
    for number, _, is_in_time, counters, entries in ranked:
        if is_in_time and taken.isdisjoint(counters) and not taken.issuperset(entries):
            doubted.append(number)
    return chosen, doubted
