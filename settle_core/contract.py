"""The names of the data contract: columns, vocabularies and their order of precedence."""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NamedTuple, TypeVar

T = TypeVar("T")

ENTRY_REQUIRED: Final = (
    "entry_id",
    "account_id",
    "effective_date",
    "amount",
    "kind",
    "recorded_at",
)
ENTRY_OPTIONAL: Final = (
    "job_id",
    "attempt",
    "answers",
    "currency",
    "memo",
    "observed",
    "last_seen",
    "run_id",
    "committed_at",
)
SETTLEMENT_REQUIRED: Final = ("account_id", "week_start", "settled_amount", "settled_at")
SETTLEMENT_OPTIONAL: Final = ("currency",)
_LONGEST: Final = 24  # characters of an id where a row is told in one line
_CAPITAL: Final = re.compile(r"(?<!^)(?=[A-Z])")


class Several(tuple[T, ...]):
    """Rows of one kind, of which a notebook's cell says how many, not each of them."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Say how many."""
        kind = _CAPITAL.sub(" ", type(self[0]).__name__).lower() if self else "row"
        return f"<{len(self):,} {kind}{'' if len(self) == 1 else 's'}>"


class Finding(NamedTuple):
    """A finding: a break with its cause, effect and identity. Amounts in major units.

    The fields are the columns of findings.csv and findings.parquet, in their order. A rule's query
    returns those without a default here, and any of the others but `finding_id` and `severity`.
    """

    finding_id: str
    rule: str
    severity: str
    status: str = "open"
    cause: str = "unknown"
    evidence: str = "undetermined"  # or "consistent" or "proved": how sure the cause is
    account_id: str = ""
    week_start: date = date.min
    effective_date: date | None = None
    entry_id: str = ""
    amount: Decimal | None = None
    expected_amount: Decimal | None = None
    effect: Decimal | None = None  # posted minus owed
    currency: str = ""
    unseen_entry_ids: tuple[str, ...] = ()
    job_id: str = ""
    recorded_at: datetime | None = None  # UTC, without a zone
    explanation: str = ""
    other_causes: tuple[str, ...] = ()  # what else the cause may be

    def __repr__(self) -> str:
        """Tell which one it is in one line; `_asdict()` has all of it."""
        place = f"account {self.account_id[:_LONGEST]!r}, {self.effective_date or self.week_start}"
        entry = f", entry {self.entry_id[:_LONGEST]!r}" if self.entry_id else ""
        off = "" if self.effect is None else f", off by {self.effect:f} {self.currency[:_LONGEST]}"
        return f"<finding {self.finding_id[:8]} {self.rule}, {self.status}: {place}{entry}{off}>"


FINDING_COLUMNS: Final = Finding._fields
# Those that hold several values, in text separated by commas.
FINDING_LISTS: Final = ("unseen_entry_ids", "other_causes")

# What a rule says of the rows that it finds. counter, entry: rows of the ledger that are not as
# they should be, wrong counter-entries or late entries; their effects add up to the residual of
# their day. week: a settled week that does not hold. told: worth knowing, off is nothing by it.
BREAKS: Final = ("counter", "entry", "week", "told")
# What a finding's effect is. own: the break's. opposite: it takes another one's back. residual: it
# is the sum of the others in its week.
EFFECTS: Final = ("own", "opposite", "residual")

# Most urgent first.
SEVERITIES: Final = ("high", "medium", "low", "info")
STATUSES: Final = ("open", "masked", "pending", "accepted")
CAUSES: Final = ("stale_read", "race", "repeated_job", "lost_job", "unknown")

# Worst first: the verdict of a run is the worst that applies.
VERDICTS: Final = ("incomplete", "broken", "masked", "pending", "reconciled")
EXIT_CODES: Final = {"incomplete": 2, "broken": 1, "masked": 1, "pending": 0, "reconciled": 0}

POLICIES: Final = ("sum", "delta")
LEVELS: Final = ("day", "week")

# corrections.csv of a run folder, and the importable file that is made of it.
PROPOSED_COLUMNS: Final = (
    "correction_id",
    "account_id",
    "effective_date",
    "amount",
    "currency",
    "finding_ids",
)
CORRECTION_COLUMNS: Final = (
    "entry_id",
    "account_id",
    "effective_date",
    "amount",
    "kind",
    "recorded_at",
    "currency",
    "memo",
)
