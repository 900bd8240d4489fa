-- The settled weeks of one account.
SELECT DISTINCT week_start
FROM settled_week
WHERE CAST(account_id AS VARCHAR) = $account_id
ORDER BY week_start
