-- The test that is written first: a counter-entry with the account, day and amount of an earlier one.
SELECT
    user_id,
    date,
    amount
FROM ledgers
WHERE kind = 'counter'
QUALIFY ROW_NUMBER() OVER (PARTITION BY user_id, date, amount ORDER BY id) > 1
