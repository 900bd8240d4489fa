-- Findings as they go to Parquet: ids and lists stay text, amounts are money, instants are UTC.
SELECT
    finding_id,
    rule,
    severity,
    status,
    cause,
    evidence,
    account_id,
    CAST(week_start AS DATE) AS week_start,
    CAST(NULLIF(effective_date, '') AS DATE) AS effective_date,
    entry_id,
    CAST(NULLIF(amount, '') AS money) AS amount,
    CAST(NULLIF(expected_amount, '') AS money) AS expected_amount,
    CAST(NULLIF(effect, '') AS money) AS effect,
    currency,
    unseen_entry_ids,
    job_id,
    TIMEZONE('UTC', CAST(NULLIF(recorded_at, '') AS TIMESTAMP WITH TIME ZONE)) AS recorded_at,
    explanation,
    other_causes
FROM finding_text
