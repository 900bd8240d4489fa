-- As steps/walk.sql.
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
    job_id,
    attempt,
    answers,
    run_id,
    observed,
    last_seen,
    committed_at,
    day_residual,
    week_residual,
    pair_number,
    counters_left,
    has_own_entry,
    place,
    previous_kind,
    previous_recorded_at,
    day_sum
FROM walked
WHERE kind <> 'correction'
