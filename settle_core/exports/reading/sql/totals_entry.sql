-- Control totals of the accepted entries, by currency.
SELECT
    currency,
    COUNT(*) AS row_count,
    SUM(amount) AS total,
    CAST(MIN(entry_id) AS VARCHAR) AS first_id,
    CAST(MAX(entry_id) AS VARCHAR) AS last_id
FROM entry
GROUP BY currency
ORDER BY currency
