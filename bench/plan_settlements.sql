-- What the weeks of `entries` held when they were settled.
SELECT
    account_id,
    CAST(DATE_TRUNC('week', effective_date) AS DATE) AS week_start,
    CAST(SUM(amount) AS DECIMAL(18, 2)) AS settled_amount,
    $settled_at AS settled_at
FROM entries
WHERE recorded_at <= $settled_at
GROUP BY ALL
ORDER BY ALL
