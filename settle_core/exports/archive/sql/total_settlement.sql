-- Control totals of each week's settlements, by currency, and what the pass counts of them.
SELECT
    archived_week,
    currency,
    COUNT(*) AS row_count,
    SUM(settled_amount) AS total,
    CAST(MIN(week_start) AS VARCHAR) AS first_id,
    CAST(MAX(week_start) AS VARCHAR) AS last_id,
    0 AS counters,
    COUNT(*) FILTER (WHERE settled_amount = 0) AS zeros,
    COUNT(*) FILTER (WHERE settled_amount < 0) AS negatives,
    GREATEST(MAX(settled_amount), -MIN(settled_amount)) AS largest,
    EPOCH_US(MAX(settled_at)) AS last_us
FROM archived_settlement
GROUP BY archived_week, currency
ORDER BY archived_week, currency
