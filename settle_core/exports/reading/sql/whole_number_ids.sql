-- Whether every id of an entry, and every account, is a whole number as it stands ('7', not '007'):
-- only then is it ordered as one. Otherwise ids are text and their order means nothing.
SELECT
    NOT EXISTS (
        SELECT 1
        FROM stored_entry
        WHERE
            TYPEOF(entry_id) NOT IN ('BIGINT', 'INTEGER')
            AND CAST(TRY_CAST(entry_id AS BIGINT) AS VARCHAR)
            IS DISTINCT FROM CAST(entry_id AS VARCHAR)
    ) AS entry_ids,
    NOT EXISTS (
        SELECT 1
        FROM stored_entry
        WHERE
            TYPEOF(account_id) NOT IN ('BIGINT', 'INTEGER')
            AND CAST(TRY_CAST(account_id AS BIGINT) AS VARCHAR)
            IS DISTINCT FROM CAST(account_id AS VARCHAR)
        UNION ALL
        SELECT 1
        FROM stored_settlement
        WHERE
            TYPEOF(account_id) NOT IN ('BIGINT', 'INTEGER')
            AND CAST(TRY_CAST(account_id AS BIGINT) AS VARCHAR)
            IS DISTINCT FROM CAST(account_id AS VARCHAR)
    ) AS account_ids
