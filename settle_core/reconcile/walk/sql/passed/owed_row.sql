-- As steps/owed_row.sql.
SELECT
    account_id,
    currency,
    week_start,
    effective_date,
    entry_id,
    kind,
    CASE
        WHEN kind = 'counter' THEN 'right'
        WHEN counters_left = 0 AND amount <> 0 THEN 'uncountered'
        ELSE 'late'
    END AS role,
    amount,
    recorded_at,
    job_id,
    place
FROM walked
WHERE is_owed
