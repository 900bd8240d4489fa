-- The accounts of late entries that a counter-entry elsewhere may answer.
SELECT DISTINCT j.account_id
FROM judged_row AS j
INNER JOIN stray_counter AS c ON c.account_id = j.account_id AND c.currency = j.currency
WHERE j.role = 'uncountered'
