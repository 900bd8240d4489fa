-- Whether the ids ascend from row to row, as text or as numbers, as those of a sequence in order
-- do: then none is there twice, which saves counting them all.
WITH neighbour AS (
    SELECT
        entry_id > LAG(entry_id) OVER () AS is_above,
        TRY_CAST(entry_id AS BIGINT) > LAG(TRY_CAST(entry_id AS BIGINT)) OVER () AS is_greater
    FROM stored_entry
)

SELECT
    GREATEST(COUNT(*) FILTER (WHERE is_above), COUNT(*) FILTER (WHERE is_greater))
    = COUNT(*) - 1 AS is_ascending
FROM neighbour
