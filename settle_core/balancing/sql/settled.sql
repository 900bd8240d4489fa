-- The settlements that there are of a week, of these accounts or of all.
SELECT
    account_id,
    week_start,
    settled_amount,
    settled_at,
    currency
FROM settle.settlement
WHERE
    week_start = $week_start
    AND (CAST($account_ids AS VARCHAR []) IS NULL OR account_id = ANY($account_ids))
ORDER BY account_id, currency
