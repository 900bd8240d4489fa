-- All ids of accounts and entries in findings, if any of them is no whole number as it is written.
WITH told AS (
    SELECT account_id AS id FROM ruled.break_row
    UNION
    SELECT COALESCE(entry_id, '') AS id FROM ruled.break_row
)

SELECT id
FROM told
WHERE EXISTS (
    SELECT 1
    FROM told AS t
    WHERE t.id <> '' AND CAST(TRY_CAST(t.id AS BIGINT) AS VARCHAR) IS DISTINCT FROM t.id
)
