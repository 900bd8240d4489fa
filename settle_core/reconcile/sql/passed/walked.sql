-- Their late rows, walked by the arrays of the pass. What an export may tell of a row besides is
-- looked up, where it tells it.
WITH told AS (
    SELECT
        entry_id,
        attempt,
        answers,
        run_id,
        observed,
        last_seen,
        committed_at
    FROM entry
    WHERE
        (
            attempt IS NOT NULL
            OR answers IS NOT NULL
            OR run_id IS NOT NULL
            OR observed IS NOT NULL
            OR last_seen IS NOT NULL
            OR committed_at IS NOT NULL
        )
        AND entry_id IN (SELECT r.entry_id FROM passed_row AS r)
)

SELECT
    p.account_id,
    CAST($currency AS VARCHAR) AS currency,
    p.week_start,
    p.effective_date,
    p.entry_id,
    CASE p.kind WHEN 0 THEN 'entry' WHEN 1 THEN 'counter' ELSE 'correction' END AS kind,
    CAST(p.amount AS money) AS amount,
    p.recorded_at,
    p.settled_at,
    p.job_id AS exported_job_id,
    CASE WHEN p.has_job THEN p.job_id END AS job_id,
    t.attempt,
    t.answers,
    t.run_id,
    t.observed,
    t.last_seen,
    t.committed_at,
    CAST(p.day_residual AS money) AS day_residual,
    CAST(p.week_residual AS money) AS week_residual,
    p.pair_number,
    p.counters_left,
    p.has_own_entry,
    p.place,
    CASE p.previous_kind WHEN 0 THEN 'entry' WHEN 1 THEN 'counter' END AS previous_kind,
    CASE WHEN p.previous_kind < 2 THEN p.previous_recorded_at END AS previous_recorded_at,
    CAST(p.day_sum AS money) AS day_sum,
    p.is_owed,
    p.row_number,
    p.unit_number,
    CAST(p.start_residual AS money) AS start_residual
FROM passed_row AS p
LEFT JOIN told AS t ON t.entry_id = p.entry_id
