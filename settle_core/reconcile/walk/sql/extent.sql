-- The last instant recorded, of which $last_recorded is that of the entries, how many settlements
-- there are, and how many, from which week to which, fall in the weeks asked for; settled_by: how
-- many of these were there at $as_of, NULL: the last instant.
-- settled_lag_us: the least time from the start of a week to its settlement, of all weeks.
SELECT
    GREATEST(
        CAST($last_recorded AS TIMESTAMP), (SELECT MAX(settled_at) FROM settlement)
    ) AS latest,
    (SELECT COUNT(*) FROM settlement) AS settlements,
    COUNT(*) AS in_scope,
    COUNT(*) FILTER (WHERE settled_at <= COALESCE(CAST($as_of AS TIMESTAMP), settled_at))
        AS settled_by,
    MIN(week_start) AS first_week,
    MAX(week_start) AS last_week,
    (
        SELECT MIN(DATE_DIFF('microsecond', CAST(s.week_start AS TIMESTAMP), s.settled_at))
        FROM settlement AS s
    ) AS settled_lag_us
FROM settlement
WHERE week_start >= $first_week AND week_start <= $last_week
