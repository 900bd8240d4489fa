-- Fix the week's amount of these accounts, or of all that the book knows: the sum of what is there.
-- One instant for all, but never before a row that it covers.
INSERT INTO settle.settlement (account_id, currency, week_start, settled_amount, settled_at)
SELECT
    a.account_id,
    a.currency,
    $week_start,
    COALESCE(SUM(e.amount), 0),
    GREATEST(MIN(c.clock), MAX(e.recorded_at))
FROM settle.account AS a
CROSS JOIN (SELECT settle.clock() AS clock) AS c
LEFT JOIN settle.entry AS e
    ON
        e.account_id = a.account_id
        AND e.currency = a.currency
        AND e.week_start = $week_start
WHERE CAST($account_ids AS VARCHAR []) IS NULL OR a.account_id = ANY($account_ids)
GROUP BY a.account_id, a.currency
ORDER BY a.account_id, a.currency
