-- The ids of rows by their keys.
SELECT
    key,
    entry_id
FROM row
WHERE LIST_CONTAINS(CAST($keys AS BIGINT[]), key)
