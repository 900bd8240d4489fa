-- Control totals of each week's entries, by currency, and what the pass counts of them.
SELECT
    archived_week,
    currency,
    COUNT(*) AS row_count,
    SUM(amount) AS total,
    CAST(MIN(entry_id) AS VARCHAR) AS first_id,
    CAST(MAX(entry_id) AS VARCHAR) AS last_id,
    COUNT(*) FILTER (WHERE kind = 'counter') AS counters,
    COUNT(*) FILTER (WHERE amount = 0) AS zeros,
    COUNT(*) FILTER (WHERE amount < 0) AS negatives,
    GREATEST(MAX(amount), -MIN(amount)) AS largest,
    EPOCH_US(MAX(recorded_at)) AS last_us
FROM archived_entry
GROUP BY archived_week, currency
ORDER BY archived_week, currency
