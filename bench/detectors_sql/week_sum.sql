-- Reconciliation by totals: the weeks whose sum is not the settled amount.
SELECT
    l.user_id,
    s.week_start
FROM ledgers AS l
INNER JOIN settlements AS s
    ON s.user_id = l.user_id AND s.week_start = CAST(DATE_TRUNC('week', l.date) AS DATE)
GROUP BY l.user_id, s.week_start
HAVING SUM(l.amount) <> ANY_VALUE(s.amount)
