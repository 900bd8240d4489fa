-- How much was audited: what the pass has finished, and the weeks that it has not.
SELECT
    CAST($settled_weeks AS BIGINT) AS settled_weeks,
    CAST(COUNT(*) FILTER (WHERE residual <> 0) AS BIGINT) AS weeks_off,
    CAST($settled_weeks - COUNT(*) FILTER (WHERE settled_sum <> settled_amount) AS BIGINT)
        AS agreeing,
    CAST($late_entries + COALESCE(SUM(late_entries), 0) AS BIGINT) AS late_entries,
    CAST($counters + COALESCE(SUM(counters), 0) AS BIGINT) AS counters,
    CAST($accounts AS BIGINT) AS accounts,
    CAST($rows_in_settled_weeks AS BIGINT) AS rows_in_settled_weeks
FROM settled_week
WHERE week_start >= $first_told AND week_start <= $last_told
