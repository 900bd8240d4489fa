-- By how much local instants are ahead of UTC, by year from 1990 to 2049, in the session's zone or
-- in none. Where the offset changes is looked for by the hour, and in such an hour by the second.
-- In spring an hour is left out and in autumn one comes twice: which instant is meant there is
-- DuckDB's to say.
WITH hour AS (
    SELECT UNNEST(
        GENERATE_SERIES(
            TIMESTAMP '1990-01-01',
            CASE WHEN $is_zoned THEN TIMESTAMP '2050-01-01' ELSE TIMESTAMP '1990-01-01' END,
            INTERVAL 1 HOUR
        )
    ) AS moment
),

hourly AS (
    SELECT
        moment,
        EPOCH_US(moment) - EPOCH_US(CAST(moment AS TIMESTAMP WITH TIME ZONE)) AS ahead,
        LEAD(EPOCH_US(moment) - EPOCH_US(CAST(moment AS TIMESTAMP WITH TIME ZONE)))
            OVER (ORDER BY moment) AS ahead_next
    FROM hour
    WHERE $is_zoned
),

second AS (
    SELECT
        UNNEST(
            GENERATE_SERIES(
                moment + INTERVAL 1 SECOND, moment + INTERVAL 1 HOUR, INTERVAL 1 SECOND
            )
        ) AS moment
    FROM hourly
    WHERE ahead <> ahead_next
),

every AS (
    SELECT
        moment,
        ahead
    FROM hourly
    UNION
    SELECT
        moment,
        EPOCH_US(moment) - EPOCH_US(CAST(moment AS TIMESTAMP WITH TIME ZONE)) AS ahead
    FROM second
    UNION
    SELECT
        moment,
        0 AS ahead
    FROM hour
    WHERE NOT $is_zoned
),

change AS (
    SELECT
        moment,
        ahead
    FROM every
    QUALIFY ahead IS DISTINCT FROM LAG(ahead) OVER (ORDER BY moment)
),

held AS (
    SELECT
        moment AS local_from,
        COALESCE(LEAD(moment) OVER (ORDER BY moment), TIMESTAMP '2050-01-01') AS local_until,
        ahead
    FROM change
)

SELECT
    y.year,
    GREATEST(h.local_from, MAKE_TIMESTAMP(y.year, 1, 1, 0, 0, 0)) AS local_from,
    LEAST(h.local_until, MAKE_TIMESTAMP(y.year + 1, 1, 1, 0, 0, 0)) AS local_until,
    TO_MICROSECONDS(h.ahead) AS utc_offset
FROM held AS h
INNER JOIN (SELECT CAST(UNNEST(RANGE(1990, 2050)) AS INTEGER) AS year) AS y
    ON
        h.local_from < MAKE_TIMESTAMP(y.year + 1, 1, 1, 0, 0, 0)
        AND h.local_until > MAKE_TIMESTAMP(y.year, 1, 1, 0, 0, 0)
ORDER BY y.year, h.local_from
