-- The first day of each settled week, how many accounts' weeks it is, and how many of those are not
-- at their settled amount.
SELECT
    week_start,
    settled_weeks,
    weeks_off
FROM week_total
ORDER BY week_start
