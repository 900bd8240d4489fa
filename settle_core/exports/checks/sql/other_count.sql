-- How many weeks of the sample would agree by each other reading, alone or with amounts of the
-- opposite sign or of another unit. A week of nothing tells nothing.
WITH factor AS (
    SELECT *
    FROM (
        VALUES
        (1, 1), (-1, 1), (100, 1), (1, 100), (1000, 1), (1, 1000), (-100, 1), (-1, 100)
    ) AS f (settled_times, read_times)
)

SELECT
    o.currency,
    o.name,
    f.settled_times,
    f.read_times,
    CAST(COUNT(*) AS BIGINT) AS agreeing
FROM other_reading AS o
CROSS JOIN factor AS f
WHERE
    CAST(o.settled_amount AS DECIMAL(38, 8)) * f.settled_times
    = CAST(o.read_amount AS DECIMAL(38, 8)) * f.read_times
    AND o.settled_amount <> 0
GROUP BY o.currency, o.name, f.settled_times, f.read_times
ORDER BY o.currency, o.name, f.settled_times, f.read_times
