-- The test that comes to mind first: a counter-entry with the account, day and amount of another.
SELECT
    user_id,
    date,
    amount
FROM ledgers
WHERE kind = 'counter'
QUALIFY ROW_NUMBER() OVER (PARTITION BY user_id, date, amount ORDER BY id) > 1
