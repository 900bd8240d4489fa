-- Ids that the next larger one does not follow at once, where ids are whole numbers and at least
-- every other one of them is there: of sparser ones a gap says nothing. `span`: from the smallest
-- to the largest.
WITH dense AS (
    SELECT
        COUNT(*) AS row_count,
        TRY_CAST(MAX(entry_id) AS BIGINT) - TRY_CAST(MIN(entry_id) AS BIGINT) + 1 AS span
    FROM entry
    HAVING
        LOWER(TYPEOF(MIN(entry_id))) = 'bigint'
        AND 2 * COUNT(*) >= TRY_CAST(MAX(entry_id) AS HUGEINT) - TRY_CAST(MIN(entry_id) AS HUGEINT)
        AND COUNT(*) <= TRY_CAST(MAX(entry_id) AS HUGEINT) - TRY_CAST(MIN(entry_id) AS HUGEINT)
),

neighbour AS (
    SELECT
        TRY_CAST(e.entry_id AS BIGINT) AS id,
        LEAD(TRY_CAST(e.entry_id AS BIGINT)) OVER (ORDER BY e.entry_id) AS next_id,
        d.row_count,
        d.span
    FROM entry AS e
    CROSS JOIN dense AS d
)

SELECT
    id,
    next_id,
    CAST(row_count AS BIGINT) AS row_count,
    CAST(span AS BIGINT) AS span
FROM neighbour
WHERE next_id > id + 1
