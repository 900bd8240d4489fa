-- Do the ids of late rows follow the clock? Counted are neighbours by id in an account, and those
-- that contradict the clock by more than $skew_us: many of those, and the ids are no sequence. Of
-- those that are further apart than any clock is off, a sequence contradicts next to none, and ids
-- at random every other one.
WITH neighbour AS (
    SELECT
        DATE_DIFF(
            'microsecond',
            recorded_at,
            LAG(recorded_at) OVER (PARTITION BY account_id ORDER BY entry_id)
        ) AS back_us
    FROM late_row
)

SELECT
    CAST(COUNT(back_us) AS BIGINT) AS pairs,
    CAST(COUNT(*) FILTER (WHERE back_us >= $skew_us) AS BIGINT) AS contradictions,
    CAST(COUNT(*) FILTER (WHERE ABS(back_us) > $off_us_max) AS BIGINT) AS far_pairs,
    CAST(COUNT(*) FILTER (WHERE back_us > $off_us_max) AS BIGINT) AS far_contradictions
FROM neighbour
