-- All late rows that were recorded within the windows in which a log is read: it must hold them.
SELECT
    CAST(r.entry_id AS VARCHAR) AS entry_id,
    CAST(r.account_id AS VARCHAR) AS account_id,
    r.effective_date,
    r.week_start,
    r.kind = 'counter' AS is_counter,
    CAST(r.amount * CAST($minor_per_major AS BIGINT) AS BIGINT) AS amount_minor,
    EPOCH_US(r.recorded_at) AS recorded_us,
    COALESCE(r.job_id, '') AS job_id,
    EPOCH_US(e.committed_at) AS committed_us
FROM late_row AS r
INNER JOIN entry AS e ON e.entry_id = r.entry_id
INNER JOIN log_window AS w
    ON EPOCH_US(r.recorded_at) BETWEEN w.from_us AND w.to_us
ORDER BY r.recorded_at, r.entry_id
