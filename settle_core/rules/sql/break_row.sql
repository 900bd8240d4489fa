-- The place of what rules find, before it is told: nobody asks for it.
CREATE SCHEMA IF NOT EXISTS ruled;

-- The breaks that rules find, as they tell them. Required of a rule is what has no value by itself.
CREATE OR REPLACE TABLE ruled.break_row (
    of_rule VARCHAR,
    account_id VARCHAR DEFAULT ERROR('returns no account_id'),
    currency VARCHAR DEFAULT ERROR('returns no currency'),
    week_start DATE DEFAULT ERROR('returns no week_start'),
    explanation VARCHAR DEFAULT ERROR('returns no explanation'),
    status VARCHAR,
    cause VARCHAR,
    evidence VARCHAR,
    effective_date DATE,
    entry_id VARCHAR,
    amount money,
    expected_amount money,
    effect money,
    unseen_entry_ids VARCHAR,
    job_id VARCHAR,
    recorded_at TIMESTAMP,
    other_causes VARCHAR
)
