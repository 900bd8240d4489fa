"""How a simulated system works, as choices; `simulator.kinds` names some sixty of them."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from simulator.ledger import DAY, MS, SECOND, WEEK

# Lots of a system, each how probable it is. What is not named never happens.
CHANCES: Final = {
    # of a job: never run; run twice at once; run again later, reading anew; run again with the
    # answer that the first run had computed; killed after the first of several rows
    "lost": 0.0,
    "twice": 0.0,
    "again": 0.0,
    "checkpoint": 0.0,
    "killed": 0.0,
    # of an answer: dated or booked elsewhere
    "other_day": 0.0,
    "other_account": 0.0,
    "other_week": 0.0,
    "open_week": 0.0,
    # of a job's later run: its answer is dated in the open week
    "again_open": 0.0,
    # of an account's settled week: its history is changed
    "edit": 0.0,
    "remove": 0.0,
    "move_week": 0.0,
    "move_account": 0.0,
    "replace": 0.0,
    # likewise: a counter-entry out of nowhere; a clerk's correction that puts nothing right;
    # settled twice; not settled at all, although others are
    "orphan": 0.0,
    "wrong_correction": 0.0,
    "resettle": 0.0,
    "unsettled": 0.0,
    # of a burst: a clerk looks at its day later and posts what is off
    "fix": 0.0,
    # of a late entry: its amount is below zero
    "negative": 0.15,
}


@dataclass(frozen=True)
class System:
    """A kind of system.

    Attributes:
        name: short; also of its export.
        policy, level: what a counter-entry is and restores.
        jobs: who answers: a job for each `entry`, one for a `burst` of entries with a check after
            each, a `nightly` batch over all days that are off, or `inline`: one transaction
            of entry and answer.
        read: how a check reads: `fresh`; `cached` (a job's second read repeats its first);
            `pinned` (what was committed when the job began); `replica` (up to `lag` ago);
            `shared` (a cache that forgets after `lag`, and that other jobs fill, too).
        cache_of: whose a shared cache is: `all`, or each `server` has its own.
        stale: the share of jobs that read so; the others read fresh.
        locked: whether a job holds the account's lock from before its read to its commit.
        think: milliseconds from read to write, least and most.
        queue: likewise, from a job's order to its begin.
        pause: likewise, between the checks of a burst's job.
        form: of an answer: `exact`; `split` (net and tax); `partial` (two credits, seconds apart);
            `capped` (rows of at most 50.00 until even); `rounded` (to whole units).
        amounts: `any`, `usual` (some come again) or `few` (all do).
        bursts, burst_max: how many groups of late entries, and of how many each at most.
        spread: microseconds within which a burst's entries come.
        hot: all late entries fall on one day of one account, within minutes.
        offsets, jitter: of the servers' clocks, in microseconds.
        begun: `recorded_at` is the instant at which the writer's transaction began.
        ids: `sequence`, `blocks` (each server has its own range) or `text`.
        job_column: what it holds: `job`, `run`, `class`, `host`, `NULL`, or `none`: not there.
        columns: optional ones that are there: attempt, answers, observed, last_seen, run_id.
        zone: of timestamps without offset; empty: UTC with offset.
        first: the simulation's first Monday.
        border: late entries come while the settlement runs.
        as_found: the export is taken right after the last answer: grace is not over.
        fix_kind: what a clerk's posting is called: `entry` or `correction`.
        previous: an export of an earlier instant is at hand, `earlier`; history is changed after.
        chances: over CHANCES.
        profile: more lines of the profile, as dotted keys.
        others: systems that balance some of the accounts instead; likewise `then`: from the half
            of the weeks on.
    """

    name: str
    policy: str = "sum"
    level: str = "day"
    jobs: str = "burst"
    read: str = "fresh"
    stale: float = 1.0
    cache_of: str = "all"
    lag: int = 2 * SECOND
    locked: bool = True
    think: tuple[int, int] = (1, 20)
    queue: tuple[int, int] = (2, 60)
    pause: tuple[int, int] = (1, 9)
    form: str = "exact"
    amounts: str = "any"
    accounts: int = 5
    weeks: int = 5
    bursts: int = 45
    burst_max: int = 3
    spread: int = 300 * MS
    hot: bool = False
    offsets: tuple[int, ...] = (0,)
    jitter: int = 0
    begun: bool = False
    ids: str = "sequence"
    job_column: str = "job"
    columns: tuple[str, ...] = ()
    zone: str = ""
    first: date = date(2026, 3, 2)
    border: bool = False
    as_found: bool = False
    fix_kind: str = "entry"
    previous: bool = False
    chances: tuple[tuple[str, float], ...] = ()
    profile: str = ""
    others: "tuple[System, ...]" = ()
    then: "System | None" = None

    def chance(self, name: str) -> float:
        """How probable something is."""
        return dict(self.chances).get(name, CHANCES[name])

    @property
    def earlier(self) -> int:
        """When the earlier export was taken."""
        return (self.weeks + 1) * WEEK + 2 * DAY

    @property
    def can_prove(self) -> bool:
        """Whether the export holds anything that can tell one cause from all others."""
        columns = set(self.columns)
        by_run = "run_id" in columns or self.job_column == "run"
        return by_run or "observed" in columns or {"attempt", "answers"} <= columns
