-- The weeks between the first settled week and the last that nobody was settled for: from
-- $first_week to $last_week, as things stood at $as_of; from a gap's first day to its last.
WITH week AS (
    SELECT DISTINCT week_start
    FROM settlement
    WHERE week_start >= $first_week AND week_start <= $last_week AND settled_at <= $as_of
),

following AS (
    SELECT
        week_start + 7 AS first_day,
        LEAD(week_start) OVER (ORDER BY week_start) AS next_week
    FROM week
)

SELECT
    first_day,
    next_week - 1 AS last_day
FROM following
WHERE next_week > first_day
ORDER BY first_day
