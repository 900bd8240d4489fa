-- The rows that make up weeks that disagree, of weeks with few rows: to see whether the other sign
-- of some would mend them.
SELECT
    w.account_id,
    w.currency,
    w.week_start,
    w.settled_amount,
    w.read_amount,
    LIST(e.amount ORDER BY e.amount) AS amounts
FROM read_week AS w
INNER JOIN entry AS e
    ON
        e.account_id = w.account_id
        AND e.currency = w.currency
        AND e.effective_date >= w.week_start
        AND e.effective_date < w.week_start + 7
        AND e.recorded_at <= w.settled_at
WHERE NOT w.is_agreeing AND w.currency = $currency AND e.amount <> 0
GROUP BY ALL
HAVING COUNT(*) <= 12
ORDER BY w.week_start, w.account_id
LIMIT 40
