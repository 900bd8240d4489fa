-- The settled weeks under audit: one row per account, currency and week, settled by $as_of.
-- Where a week was settled more than once, the first settlement fixed its amount.
WITH numbered AS (
    SELECT
        account_id,
        currency,
        week_start,
        settled_amount,
        settled_at,
        ROW_NUMBER()
            OVER (
                PARTITION BY account_id, currency, week_start
                ORDER BY settled_at, settled_amount
            )
        AS settlement_number
    FROM settlement
    WHERE
        week_start >= $first_week
        AND week_start <= $last_week
        AND settled_at <= $as_of
)

SELECT
    account_id,
    currency,
    week_start,
    settled_amount,
    settled_at
FROM numbered
WHERE settlement_number = 1
