-- As pass_account.sql, with their currencies.
SELECT DISTINCT
    account_id,
    currency
FROM settlement
WHERE week_start >= $first_week AND week_start <= $last_week AND settled_at <= $as_of
ORDER BY account_id, currency
