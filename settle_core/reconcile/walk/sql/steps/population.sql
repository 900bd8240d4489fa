-- How much was audited: weeks, rows and accounts. agreeing: weeks settled at the sum of what was
-- recorded by then.
SELECT
    CAST(COUNT(*) AS BIGINT) AS settled_weeks,
    CAST(COUNT(*) FILTER (WHERE residual <> 0) AS BIGINT) AS weeks_off,
    CAST(COUNT(*) FILTER (WHERE settled_sum = settled_amount) AS BIGINT) AS agreeing,
    CAST(COALESCE(SUM(late_entries), 0) AS BIGINT) AS late_entries,
    CAST(COALESCE(SUM(counters), 0) AS BIGINT) AS counters,
    CAST(COUNT(DISTINCT account_id) AS BIGINT) AS accounts,
    CAST(COALESCE(SUM(row_count), 0) AS BIGINT) AS rows_in_settled_weeks
FROM settled_week
WHERE week_start >= $first_told AND week_start <= $last_told
