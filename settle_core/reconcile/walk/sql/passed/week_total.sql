-- Each settled week of all accounts; see population.sql.
SELECT
    p.week_start,
    p.settled_weeks,
    COALESCE(w.weeks_off, 0) AS weeks_off
FROM passed_total AS p
LEFT JOIN (
    SELECT
        week_start,
        CAST(COUNT(*) FILTER (WHERE residual <> 0) AS BIGINT) AS weeks_off
    FROM settled_week
    GROUP BY week_start
) AS w ON w.week_start = p.week_start
