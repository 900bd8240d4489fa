-- Do the ids of late rows follow the clock? Counted are neighbours by id in an account, and those
-- that contradict the clock by more than $skew_us: many of those, and the ids are no sequence.
WITH neighbour AS (
    SELECT
        recorded_at,
        LAG(recorded_at) OVER (PARTITION BY account_id ORDER BY entry_id) AS previous_recorded_at
    FROM late_row
)

SELECT
    CAST(COUNT(previous_recorded_at) AS BIGINT) AS pairs,
    CAST(
        COUNT(*) FILTER (
            WHERE DATE_DIFF('microsecond', recorded_at, previous_recorded_at) >= $skew_us
        ) AS BIGINT
    ) AS contradictions
FROM neighbour
