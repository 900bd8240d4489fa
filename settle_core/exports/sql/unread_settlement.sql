-- Lines of the CSV of `settlement` that are no records, as DuckDB kept them while reading.
SELECT
    line,
    MIN(error_message) AS reason,
    MIN(csv_line) AS row_text
FROM unread_settlement
GROUP BY line
ORDER BY line
