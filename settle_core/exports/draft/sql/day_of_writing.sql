-- How many rows there are, how many of them count for another day than that of their writing, or
-- one beside it in whatever zone, and how many are counter-entries.
SELECT
    COUNT(*) AS rows_read,
    COUNT(*) FILTER (
        WHERE ABS(effective_date - CAST(recorded_at AS DATE)) > 1
    ) AS others,
    COUNT(*) FILTER (WHERE kind = 'counter') AS counters
FROM entry
