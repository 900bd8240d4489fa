-- The last instant recorded, how many settlements there are, and how many, from which week to
-- which, fall in the weeks asked for.
SELECT
    GREATEST(
        (SELECT MAX(recorded_at) FROM entry), (SELECT MAX(settled_at) FROM settlement)
    ) AS latest,
    (SELECT COUNT(*) FROM settlement) AS settlements,
    COUNT(*) AS in_scope,
    MIN(week_start) AS first_week,
    MAX(week_start) AS last_week
FROM settlement
WHERE week_start >= $first_week AND week_start <= $last_week
