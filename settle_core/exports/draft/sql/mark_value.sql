-- The values of a column, the usual ones first, with how many rows have each and how many are late.
SELECT
    COALESCE(value, '') AS value,
    COUNT(*) AS row_count,
    COUNT(*) FILTER (WHERE is_late) AS late
FROM valued_row
GROUP BY COALESCE(value, '')
ORDER BY row_count DESC, value
LIMIT $values_max
