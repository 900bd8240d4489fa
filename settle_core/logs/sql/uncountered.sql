-- The late entries that nothing answered, with the late rows of their day (or week, where that is
-- what is balanced).
SELECT
    u.entry_id AS uncountered_id,
    r.entry_id,
    r.kind = 'counter' AS is_counter,
    CAST(r.amount * CAST($minor_per_major AS BIGINT) AS BIGINT) AS amount_minor,
    EPOCH_US(r.recorded_at) AS recorded_us,
    r.level,
    CAST(u.start_residual * CAST($minor_per_major AS BIGINT) AS BIGINT) AS start_minor
FROM replay AS u
INNER JOIN replay AS r
    ON
        r.account_id = u.account_id
        AND r.currency = u.currency
        AND r.week_start = u.week_start
        AND (u.level = 'week' OR r.effective_date = u.effective_date)
WHERE u.role = 'uncountered'
ORDER BY u.entry_id, r.recorded_at, r.entry_id
