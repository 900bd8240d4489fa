-- The last instant recorded, how many settlements there are, and how many fall in the weeks asked for.
SELECT
    GREATEST(
        (SELECT MAX(recorded_at) FROM entry), (SELECT MAX(settled_at) FROM settlement)
    ) AS latest,
    (SELECT COUNT(*) FROM settlement) AS settlements,
    (
        SELECT COUNT(*)
        FROM settlement
        WHERE week_start >= $first_week AND week_start <= $last_week
    ) AS in_scope
