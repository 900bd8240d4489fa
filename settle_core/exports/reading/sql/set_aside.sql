-- How many rows are set aside, by the value that does it: those of most rows, and all together.
SELECT
    set_aside,
    COUNT(*) AS row_count,
    SUM(COUNT(*)) OVER () AS total
FROM raw
WHERE set_aside IS NOT NULL
GROUP BY set_aside
ORDER BY row_count DESC, set_aside
LIMIT 1000
