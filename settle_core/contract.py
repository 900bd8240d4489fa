"""The names of the data contract: columns, vocabularies and their order of precedence."""

from typing import Final

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
)
SETTLEMENT_REQUIRED: Final = ("account_id", "week_start", "settled_amount", "settled_at")
SETTLEMENT_OPTIONAL: Final = ("currency",)

FINDING_COLUMNS: Final = (
    "finding_id",
    "rule",
    "severity",
    "status",
    "cause",
    "evidence",
    "account_id",
    "week_start",
    "effective_date",
    "entry_id",
    "amount",
    "expected_amount",
    "effect",
    "currency",
    "unseen_entry_ids",
    "job_id",
    "recorded_at",
    "explanation",
)

# Most urgent first.
SEVERITIES: Final = ("high", "medium", "low", "info")
STATUSES: Final = ("open", "masked", "pending", "accepted")
CAUSES: Final = ("stale_read", "race", "repeated_job", "lost_job", "unknown")
EVIDENCE: Final = ("proved", "consistent", "undetermined")

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
