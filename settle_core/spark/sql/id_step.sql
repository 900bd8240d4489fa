-- Each id with the one before it, by blocks of ids, so that no one machine has to sort all of them.
SELECT
    block,
    entry_id,
    LAG(entry_id) OVER (PARTITION BY block ORDER BY entry_id NULLS FIRST) AS previous_id
FROM (
    SELECT
        entry_id,
        entry_id - entry_id % 1048576 AS block
    FROM whole_entry
) AS placed
