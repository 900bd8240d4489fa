-- How many rows lie in the gaps, of which $first_days and $last_days are the ends, by $as_of.
SELECT COUNT(*) AS row_count
FROM entry AS e
INNER JOIN (
    SELECT
        UNNEST($first_days::DATE []) AS first_day,
        UNNEST($last_days::DATE []) AS last_day
) AS g ON e.effective_date BETWEEN g.first_day AND g.last_day
WHERE e.recorded_at <= $as_of
