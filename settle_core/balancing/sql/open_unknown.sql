-- Accounts to settle that never had an entry: their week is settled at zero.
INSERT INTO settle.account (account_id, currency)
SELECT DISTINCT
    p.account_id,
    $currency
FROM (SELECT UNNEST(CAST($account_ids AS VARCHAR [])) AS account_id) AS p
WHERE NOT EXISTS (SELECT 1 FROM settle.account AS a WHERE a.account_id = p.account_id)
ORDER BY p.account_id
ON CONFLICT DO NOTHING
