-- The first day of each settled week.
SELECT DISTINCT week_start
FROM settled_week
ORDER BY week_start
