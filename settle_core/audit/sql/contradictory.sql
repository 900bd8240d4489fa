-- The weeks that were settled at more than one amount: which one counts is not in the data.
SELECT
    CAST(account_id AS VARCHAR) AS account_id,
    currency,
    week_start
FROM settlement
INNER JOIN repeated_settlement USING (account_id, currency, week_start)
GROUP BY account_id, currency, week_start
HAVING COUNT(DISTINCT settled_amount) > 1
