-- Control totals: whether all values are there, and what they add up to.
SELECT
    COUNT(*) AS row_count,
    SUM(CAST(amount AS DECIMAL(18, 2))) AS total,
    MIN(entry_id) AS first_id,
    MAX(entry_id) AS last_id,
    COUNT(account_id) AS accounts,
    COUNT(effective_date) AS days,
    COUNT(recorded_at) AS instants,
    COUNT(*) FILTER (WHERE kind IN ('entry', 'counter')) AS kinds
FROM entries
