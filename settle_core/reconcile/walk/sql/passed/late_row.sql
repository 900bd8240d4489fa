-- As steps/late_row.sql.
SELECT
    account_id,
    currency,
    week_start,
    effective_date,
    entry_id,
    kind,
    amount,
    recorded_at,
    settled_at,
    exported_job_id AS job_id,
    attempt,
    answers,
    run_id,
    observed,
    last_seen,
    committed_at
FROM walked
