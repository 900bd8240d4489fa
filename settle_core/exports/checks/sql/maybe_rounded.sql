-- Whether any of the ids that rounded_id.sql asks looks as one that a spreadsheet may have left,
-- where all accounts of the entries are settled ones. Most ledgers have none.
SELECT COUNT(*) > 0 AS is_any
FROM (
    SELECT CAST(entry_id AS VARCHAR) AS id
    FROM (SELECT entry_id FROM entry LIMIT 10000) AS some_entry
    UNION ALL
    SELECT CAST(account_id AS VARCHAR) AS id
    FROM passed_account
) AS written
WHERE REGEXP_FULL_MATCH(id, '[1-9]([.,][0-9]+)?E[+][0-9]{2,}|[1-9][0-9]{15,}([.]0)?')
