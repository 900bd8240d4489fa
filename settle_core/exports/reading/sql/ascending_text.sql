-- As ascending_number.sql, as text.
WITH neighbour AS (
    SELECT entry_id > LAG(entry_id) OVER () AS is_above
    FROM (SELECT entry_id FROM stored_entry LIMIT $rows) AS first_entry
)

SELECT COUNT(*) FILTER (WHERE is_above) = COUNT(*) - 1 AS is_ascending
FROM neighbour
