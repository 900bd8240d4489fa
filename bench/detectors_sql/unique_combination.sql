-- The unique-combination test of data-quality tools: account, day, amount and kind must be unique.
SELECT
    user_id,
    date,
    amount
FROM ledgers
QUALIFY ROW_NUMBER() OVER (PARTITION BY user_id, date, amount, kind ORDER BY id) > 1
