-- The counts of an audit's population.
SELECT
    CAST(COUNT(*) AS BIGINT) AS settled_weeks,
    CAST(COUNT(*) FILTER (WHERE residual <> 0) AS BIGINT) AS weeks_off,
    CAST(COALESCE(SUM(late_entries), 0) AS BIGINT) AS late_entries,
    CAST(COALESCE(SUM(counters), 0) AS BIGINT) AS counters,
    CAST(COUNT(DISTINCT account_id) AS BIGINT) AS accounts,
    CAST(COALESCE(SUM(row_count), 0) AS BIGINT) AS rows_in_settled_weeks
FROM settled_week
