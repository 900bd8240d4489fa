-- What the database counts of its own memory.
SELECT CAST(COALESCE(SUM(memory_usage_bytes), 0) AS BIGINT) AS used
FROM DUCKDB_MEMORY()
