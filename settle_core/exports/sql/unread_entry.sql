-- Lines of the CSV of `entry` that are no records, as DuckDB kept them while reading.
SELECT
    line,
    MIN(error_message) AS reason,
    MIN(csv_line) AS row_text
FROM unread_entry
GROUP BY line
ORDER BY line
