-- The replayed rows of some accounts' weeks, each in the order that replay chose.
SELECT
    account_id,
    currency,
    week_start,
    effective_date,
    level,
    policy,
    entry_id,
    kind,
    role,
    amount,
    expected_amount,
    start_residual,
    recorded_at,
    job_id,
    unseen_entry_ids,
    place
FROM replay
WHERE
    (account_id, currency, week_start) IN (
        SELECT
            UNNEST(CAST($account_ids AS VARCHAR [])),
            UNNEST(CAST($currencies AS VARCHAR [])),
            UNNEST(CAST($week_starts AS DATE []))
    )
ORDER BY
    account_id,
    currency,
    week_start,
    CASE WHEN level = 'day' THEN effective_date END,
    place
