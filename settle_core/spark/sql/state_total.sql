-- The same of all weeks.
SELECT
    CAST(COALESCE(SUM(known_rows) FILTER (WHERE is_settled), 0) AS BIGINT) AS in_settled,
    CAST(COALESCE(SUM(late_rows), 0) AS BIGINT) AS late_rows,
    CAST(COALESCE(SUM(timely_counters), 0) AS BIGINT) AS timely_counters
FROM week_state
