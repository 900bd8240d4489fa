-- Weeks that were settled more than once.
SELECT
    account_id,
    currency,
    week_start,
    CAST(COUNT(*) AS BIGINT) AS times
FROM settlement
GROUP BY account_id, currency, week_start
HAVING COUNT(*) > 1
