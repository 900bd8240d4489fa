-- Whether the ids of the first rows, as numbers, ascend from row to row, as those of a sequence in
-- order do: then none is there twice, which saves counting them all.
WITH neighbour AS (
    SELECT TRY_CAST(entry_id AS BIGINT) > LAG(TRY_CAST(entry_id AS BIGINT)) OVER () AS is_greater
    FROM (SELECT entry_id FROM stored_entry LIMIT $rows) AS first_entry
)

SELECT COUNT(*) FILTER (WHERE is_greater) = COUNT(*) - 1 AS is_ascending
FROM neighbour
