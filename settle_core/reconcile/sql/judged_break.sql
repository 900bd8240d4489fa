-- What replay judged, in the columns of a finding, with the role that a rule chooses by.
SELECT
    account_id,
    currency,
    week_start,
    effective_date,
    entry_id,
    role,
    amount,
    expected_amount,
    effect,
    status,
    cause,
    evidence,
    unseen_entry_ids,
    job_id,
    recorded_at,
    explanation,
    other_causes
FROM replay
