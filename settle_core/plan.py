"""What is to be simulated, and whether it can be."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from settle_core import act, schema
from settle_core.errors import Fault
from settle_core.planted import OF_HISTORY

FIRST_WEEK: Final = date(2026, 1, 5)
# Faults of a week's settlement or history; the others happen at a desk.
OF_WEEK: Final = ("settled_amount_mismatch", "duplicate_settlement")
FAULTS: Final = (*act.FAULTY["sum"], *OF_WEEK, *OF_HISTORY, "id_gap")
# More scenes than this share of the weeks, or days, would leave no room to choose.
CROWDED: Final = 0.5


@dataclass(frozen=True)
class Plan:
    """What is simulated; see `simulate.simulate`."""

    seed: int
    accounts: int
    weeks: int
    entries_per_week: int
    late_share: float
    faults: Mapping[str, int]
    policy: str
    level: str
    job_ids: bool

    @property
    def entries(self) -> int:
        """How many are written in time."""
        return self.accounts * self.weeks * self.entries_per_week

    @property
    def last_week(self) -> date:
        """The one week that is not settled."""
        return FIRST_WEEK + timedelta(weeks=self.weeks - 1)

    def policy_of(self, account: int) -> str:
        """How an account is balanced; mixed: every other one by each policy."""
        return ("sum", "delta")[account % 2] if self.policy == "mixed" else self.policy

    def level_of(self, account: int) -> str:
        """What its counter-entries restore; mixed: two accounts the day, two the week."""
        return ("day", "week")[account // 2 % 2] if self.level == "mixed" else self.level


def check(plan: Plan) -> None:
    """Raise a Fault if a value is out of range, or a policy cannot have a fault."""

    def demand(ok: bool, name: str, expected: str, found: object) -> None:  # noqa: FBT001
        if not ok:
            raise Fault("bad value", where=name, expected=expected, found=repr(found))

    demand(plan.accounts >= 1, "accounts", ">= 1", plan.accounts)
    two_weeks = 2  # one settled, one not
    demand(plan.weeks >= two_weeks, "weeks", ">= 2", plan.weeks)
    demand(plan.entries_per_week >= 1, "entries_per_week", ">= 1", plan.entries_per_week)
    demand(0 <= plan.late_share <= 1, "late_share", "0 to 1", plan.late_share)
    demand(plan.policy in {*schema.POLICIES, "mixed"}, "policy", "sum, delta, mixed", plan.policy)
    demand(plan.level in {*schema.LEVELS, "mixed"}, "level", "day, week or mixed", plan.level)
    for name, count in plan.faults.items():
        demand(name in FAULTS, "faults", f"one of {', '.join(FAULTS)}", name)
        demand(count >= 0, f"faults, {name}", ">= 0", count)
    # Where gaps are more than that, they are usual, and the rule is silent.
    gaps, most = plan.faults.get("id_gap", 0), 1 + plan.entries // 1000
    demand(gaps <= most, "faults, id_gap", f"at most {most} in so few entries", gaps)
    if plan.faults.get("masked") and plan.policy == "delta":
        raise Fault(
            "the delta policy never masks a fault",
            where="faults",
            expected="policy sum or mixed",
            found="masked",
            todo="leave it out, or choose another policy",
        )


def late_entries(plan: Plan) -> int:
    """How many late entries a plan wants, if there is room for them and for its faults."""
    weeks = plan.accounts * (plan.weeks - 1)
    faults = sum(plan.faults.values()) + plan.faults.get("misplaced", 0)
    late = round(weeks * plan.entries_per_week * plan.late_share)
    slots = weeks * (7 if plan.level == "day" else 1) - 7 * faults
    for what, count, room in (("faults", faults, weeks), ("late entries", late, slots)):
        if count > CROWDED * room:
            raise Fault(
                f"too many {what} for so few weeks",
                expected=f"at most {max(0, int(CROWDED * room))}",
                found=str(count),
                todo="simulate more accounts or weeks",
            )
    return late
