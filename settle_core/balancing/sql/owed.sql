-- Late entries that nothing answers yet, by account and week.
SELECT
    e.entry_id,
    s.account_id,
    s.currency,
    s.week_start
FROM settle.settlement AS s
INNER JOIN settle.entry AS e
    ON
        e.account_id = s.account_id
        AND e.currency = s.currency
        AND e.week_start = s.week_start
WHERE
    e.kind = 'entry'
    AND e.recorded_at > s.settled_at
    AND NOT EXISTS (SELECT 1 FROM settle.entry AS c WHERE c.answers = e.entry_id)
    AND (CAST($account_id AS VARCHAR) IS NULL OR s.account_id = $account_id)
    AND (CAST($week_start AS DATE) IS NULL OR s.week_start = $week_start)
ORDER BY s.account_id, s.currency, s.week_start, e.entry_id
