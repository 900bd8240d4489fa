-- Which weeks of settlements there are, and how many settlements.
SELECT
    DATE_DIFF('day', DATE '1970-01-01', MIN(week_start)) AS first_day,
    DATE_DIFF('day', DATE '1970-01-01', MAX(week_start)) AS last_day,
    COUNT(*) AS row_count
FROM settlement
WHERE week_start >= $first_week AND week_start <= $last_week AND settled_at <= $as_of
