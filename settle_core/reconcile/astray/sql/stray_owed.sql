-- What one answer may have been written for: so many rows of a list that were recorded one after
-- the other, or all of it. Not every set of them: there are too many, and one or other of those
-- has any sum by chance. least_at: what answers it was written after that.
SELECT
    b.list_number,
    b.list,
    b.account_id,
    b.currency,
    b.week_start,
    b.unit_date,
    a.place AS first_place,
    b.place AS last_place,
    b.recorded_at AS last_at,
    b.next_at,
    a.recorded_at AS first_at,
    b.since,
    b.like_at,
    a.place = 1 AND b.place = b.places AS is_whole,
    CASE WHEN a.place = b.place THEN b.equal_at ELSE b.recorded_at END AS least_at,
    CAST(b.total - a.total + a.amount AS money) AS amount
FROM stray_member AS a
INNER JOIN stray_member AS b
    ON
        b.list_number = a.list_number
        AND b.place >= a.place
        AND b.place < a.place + $run_max
WHERE a.list <> 'job'
UNION ALL
SELECT
    list_number,
    list,
    account_id,
    currency,
    week_start,
    unit_date,
    CAST(1 AS BIGINT) AS first_place,
    place AS last_place,
    recorded_at AS last_at,
    next_at,
    began_at AS first_at,
    since,
    like_at,
    TRUE AS is_whole,
    recorded_at AS least_at,
    total AS amount
FROM stray_member
WHERE
    place = places
    AND CASE WHEN list = 'job' THEN place > 1 ELSE place > $run_max END
