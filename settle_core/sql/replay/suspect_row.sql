-- The late rows of weeks that need replay, in minor units and microseconds, in the order of
-- recording.
SELECT
    CAST(w.account_id AS VARCHAR) AS account_id,
    w.currency,
    w.week_start,
    w.effective_date,
    CAST(w.entry_id AS VARCHAR) AS entry_id,
    w.kind = 'counter' AS is_counter,
    CAST(w.amount * CAST($minor_per_major AS BIGINT) AS BIGINT) AS amount_minor,
    EPOCH_US(w.recorded_at) AS recorded_us,
    CASE WHEN $ids_are_sequence THEN TRY_CAST(w.entry_id AS BIGINT) ELSE EPOCH_US(w.recorded_at) END
        AS id_rank,
    w.job_id,
    w.attempt,
    w.answers,
    CAST(
        (s.settled_sum - s.settled_amount) * CAST($minor_per_major AS BIGINT) AS BIGINT
    ) AS start_minor
FROM walk AS w
INNER JOIN suspect_week AS d
    ON d.account_id = w.account_id AND d.currency = w.currency AND d.week_start = w.week_start
INNER JOIN settled_week AS s
    ON s.account_id = w.account_id AND s.currency = w.currency AND s.week_start = w.week_start
ORDER BY w.account_id, w.currency, w.week_start, w.effective_date, w.recorded_at, w.entry_id
