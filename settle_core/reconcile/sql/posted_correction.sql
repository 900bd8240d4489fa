-- The corrections of settled weeks, in the order of recording.
SELECT
    CAST(account_id AS VARCHAR) AS account_id,
    currency,
    week_start,
    CAST(entry_id AS VARCHAR) AS entry_id,
    effective_date,
    CAST(amount * CAST($minor_per_major AS BIGINT) AS BIGINT) AS amount_minor,
    EPOCH_US(recorded_at) AS recorded_us
FROM late_row
WHERE kind = 'correction'
ORDER BY account_id, currency, week_start, recorded_at, entry_id
