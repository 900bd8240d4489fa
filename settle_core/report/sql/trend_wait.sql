-- How long late entries waited for the next counter-entry of their day (week, where weeks are
-- balanced), in microseconds; of the replayed weeks, which are all that a run folder keeps.
SELECT DATE_DIFF('microsecond', recorded_at, answered_at) AS wait_us
FROM (
    SELECT
        kind,
        recorded_at,
        MIN(recorded_at) FILTER (WHERE kind = 'counter') OVER (
            PARTITION BY
                account_id, currency, week_start, CASE WHEN level = 'day' THEN effective_date END
            ORDER BY place
            ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
        ) AS answered_at
    FROM READ_PARQUET($path)
)
WHERE kind = 'entry' AND answered_at IS NOT NULL
ORDER BY wait_us
