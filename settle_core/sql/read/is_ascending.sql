-- Whether the ids ascend from row to row, as those of a sequence in order do: then none is there
-- twice, which saves counting them all. Text is compared as text, which serves as well here.
WITH neighbour AS (
    SELECT entry_id > LAG(entry_id) OVER () AS is_above
    FROM entry
)

SELECT COUNT(*) FILTER (WHERE is_above) = (SELECT COUNT(*) FROM entry) - 1 AS is_ascending
FROM neighbour
