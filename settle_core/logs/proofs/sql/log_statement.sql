-- Statements as logged near the days that are not plain; instants by the log's own clock.
CREATE OR REPLACE TABLE log_statement AS
SELECT
    CAST(file AS VARCHAR) AS file,
    CAST(line AS BIGINT) AS line,
    CAST(context AS VARCHAR) AS context,
    CAST(job_id AS VARCHAR) AS job_id,
    CAST(verb AS VARCHAR) AS verb,
    CAST(table_name AS VARCHAR) AS table_name,
    CAST(text AS VARCHAR) AS text,
    CAST(is_cached AS BOOLEAN) AS is_cached,
    CASE WHEN ABS(from_us) < 1000000000000000000 THEN MAKE_TIMESTAMP(from_us) END AS began_at,
    CASE WHEN ABS(to_us) < 1000000000000000000 THEN MAKE_TIMESTAMP(to_us) END AS ended_at,
    CASE WHEN ABS(seen_from_us) < 1000000000000000000 THEN MAKE_TIMESTAMP(seen_from_us) END
        AS snapshot_after,
    CASE WHEN ABS(seen_to_us) < 1000000000000000000 THEN MAKE_TIMESTAMP(seen_to_us) END
        AS snapshot_before
FROM told
