-- The late rows of the days that a log may tell something of: of weeks that are replayed, and of
-- late entries that nothing answered.
WITH week AS (
    SELECT
        account_id,
        currency,
        week_start
    FROM suspect_week
    UNION
    SELECT
        account_id,
        currency,
        week_start
    FROM owed_row
    WHERE role = 'uncountered'
)

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
INNER JOIN week AS w
    ON
        w.account_id = r.account_id
        AND w.currency = r.currency
        AND w.week_start = r.week_start
ORDER BY r.recorded_at, r.entry_id
