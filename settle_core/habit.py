"""What an analyst's export is like, so that faults planted in it look like their own."""

import random
from collections.abc import Iterator
from datetime import UTC, date
from importlib.resources import files
from typing import Any, Final, NamedTuple

from settle_core.audit import Audit
from settle_core.desk import MINUTE_US, SECOND_US
from settle_core.errors import Fault

# A scene at a desk takes less than this, so that it is over and past its grace by then.
SCENE_US: Final = 6 * 60 * MINUTE_US
LAG_US: Final = 24 * 60 * MINUTE_US


class Target(NamedTuple):
    """A settled week in which nothing happened late and nothing is wrong; the instant is UTC."""

    account_id: str
    currency: str
    week_start: date
    settled_us: int


class Habits(NamedTuple):
    """How an export's late rows come: amounts in minor units, and how long after settlement.

    `grain_us` is how fine its clock is; the rest says which columns its counter-entries fill.
    """

    amounts: tuple[int, ...]
    lags_us: tuple[int, ...]
    grain_us: int
    has_jobs: bool
    has_attempts: bool
    has_answers: bool


def of(audited: Audit, seed: int) -> Habits:
    """The habits of an audited export.

    Raises:
        Fault: it holds no amount at all.
    """
    minor = {"minor_per_major": 10**audited.ledger.profile.money_scale}
    amounts = tuple(amount for (amount,) in _rows(audited, "amount", minor | {"seed": seed}))
    if not amounts:
        expected = "entries with an amount"
        raise Fault("nothing to plant", where=audited.export, expected=expected, found="none")
    lags = tuple(lag for (lag,) in _rows(audited, "lag", {"seed": seed}))
    ((seconds, milliseconds, *columns),) = _rows(audited, "style")
    grain = SECOND_US if seconds else 1000 if milliseconds else 1
    return Habits(amounts, lags or (LAG_US,), grain, *columns)


def targets(audited: Audit, seed: int, most: int) -> list[Target]:
    """At most so many weeks to plant a fault in, in random order."""
    limit = {"settled_by_us": last_us(audited) - SCENE_US, "seed": seed, "weeks_max": most}
    return [Target(*row) for row in _rows(audited, "quiet_week", limit)]


def last_us(audited: Audit) -> int:
    """The last instant at which a late entry is past its grace when the audit looks."""
    as_of = audited.as_of.replace(tzinfo=UTC).timestamp()
    return round(as_of) * SECOND_US - audited.ledger.profile.grace_us


def start_us(habits: Habits, target: Target, last: int, rng: random.Random) -> int:
    """When a scene in a week begins: as late as late entries come, but over by `last`."""
    lag = rng.choice(habits.lags_us)
    room = last - SCENE_US - target.settled_us
    return target.settled_us + (lag if lag <= room else rng.randint(1, max(1, room)))


def balancing(audited: Audit, account_id: str) -> tuple[str, str]:
    """The policy and the level of an account, as far as the audit could infer them."""
    profile, inferred = audited.ledger.profile, audited.inferred
    policy, level = profile.balancing_policy, profile.balancing_level
    if policy == "auto":
        policy = inferred.policy.of_account(account_id) or inferred.policy.majority()
    if level == "auto":
        level = inferred.level.of_account(account_id) or inferred.level.majority()
    return policy, level


def first_entries(audited: Audit, weeks: list[Target]) -> Iterator[tuple[Target, str, date, int]]:
    """Each week's first entry: its id, day and amount in minor units."""
    import pandas as pd  # noqa: PLC0415  slow to import

    frame = pd.DataFrame(
        [(number, *week[:3]) for number, week in enumerate(weeks)],
        columns=["number", "account_id", "currency", "week_start"],
    )
    con = audited.ledger.con
    con.register("target", frame)
    minor = {"minor_per_major": 10**audited.ledger.profile.money_scale}
    rows = _rows(audited, "first_entry", minor)
    con.unregister("target")
    for number, entry_id, day, amount in rows:
        yield weeks[number], entry_id, day, amount


def _rows(audited: Audit, name: str, parameters: dict[str, Any] | None = None) -> list[Any]:
    query = (files("settle_core") / "sql" / "power" / f"{name}.sql").read_text("utf-8")
    return audited.ledger.con.execute(query, parameters).fetchall()
