-- Each settled week of all accounts: how many accounts' weeks it is, and how many of those are not
-- at their settled amount.
SELECT
    week_start,
    CAST(COUNT(*) AS BIGINT) AS settled_weeks,
    CAST(COUNT(*) FILTER (WHERE residual <> 0) AS BIGINT) AS weeks_off
FROM settled_week
WHERE week_start >= $first_told AND week_start <= $last_told
GROUP BY week_start
