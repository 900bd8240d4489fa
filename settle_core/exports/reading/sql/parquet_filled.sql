-- How many rows of a file have a value in a column, by its own count; NULL where it has none.
SELECT
    CASE
        WHEN COUNT(*) = COUNT(stats_null_count)
            THEN CAST(SUM(num_values) - SUM(stats_null_count) AS BIGINT)
    END AS filled
FROM PARQUET_METADATA($part)
WHERE path_in_schema = $name
