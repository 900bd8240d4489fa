-- The largest ids where ids are whole numbers; none where they are text.
SELECT
    (SELECT MAX(ABS(TRY_CAST(entry_id AS BIGINT))) FROM entry WHERE TYPEOF(entry_id) = 'BIGINT'),
    (
        SELECT MAX(ABS(TRY_CAST(account_id AS BIGINT)))
        FROM entry
        WHERE TYPEOF(account_id) = 'BIGINT'
    )
