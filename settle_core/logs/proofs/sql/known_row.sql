-- The ledger's rows of some accounts and days, and when its last row was recorded.
SELECT
    CAST(e.account_id AS VARCHAR) AS account_id,
    e.effective_date,
    CAST(e.amount * CAST($minor_per_major AS BIGINT) AS BIGINT) AS amount_minor,
    (SELECT EPOCH_US(MAX(recorded_at)) FROM entry) AS last_us
FROM (SELECT 1)
LEFT JOIN (
    SELECT entry.*
    FROM entry
    INNER JOIN told AS t
        ON
            CAST(entry.account_id AS VARCHAR) = t.account_id
            AND entry.effective_date = TRY_CAST(t.day AS DATE)
) AS e ON TRUE
