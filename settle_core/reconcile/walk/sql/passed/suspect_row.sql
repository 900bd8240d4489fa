-- As suspect_row.sql.
SELECT
    row_number,
    unit_number,
    account_id,
    currency,
    week_start,
    effective_date,
    entry_id,
    kind,
    amount,
    recorded_at,
    job_id,
    attempt,
    answers,
    run_id,
    observed,
    last_seen,
    committed_at,
    start_residual
FROM walked
WHERE row_number >= 0
