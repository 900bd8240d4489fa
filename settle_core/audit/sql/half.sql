-- The halves of pairs that are one break, each with the others: counter-entries, and the late
-- entries that they answer.
WITH half AS (
    SELECT DISTINCT
        pair_number,
        half_id
    FROM stray_half
    WHERE stray_kind = 'misplaced'
)

SELECT
    a.half_id,
    LIST(b.half_id ORDER BY b.half_id) AS other_ids
FROM half AS a
INNER JOIN half AS b ON b.pair_number = a.pair_number AND b.half_id <> a.half_id
GROUP BY a.half_id
