-- Control totals of the accepted settlements, by currency; a settlement has no id but its week.
SELECT
    currency,
    COUNT(*) AS row_count,
    SUM(settled_amount) AS total,
    CAST(MIN(week_start) AS VARCHAR) AS first_id,
    CAST(MAX(week_start) AS VARCHAR) AS last_id
FROM settlement
GROUP BY currency
ORDER BY currency
