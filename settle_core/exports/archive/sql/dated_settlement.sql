-- Every settlement with the first day of its week.
SELECT
    week_start AS archived_week,
    *
FROM settlement
