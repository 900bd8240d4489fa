-- Whether a column of a Parquet file has no value in any row, as the file says itself.
SELECT COALESCE(SUM(stats_null_count) = SUM(num_values), TRUE) AS is_empty
FROM parquet_metadata($part)
WHERE path_in_schema = $name
