-- The accounts that have late entries without an answer, and such a counter-entry.
SELECT DISTINCT j.account_id
FROM judged_row AS j
INNER JOIN stray_account AS c ON c.account_id = j.account_id AND c.currency = j.currency
WHERE j.role = 'uncountered'
