-- Ids as a spreadsheet leaves them when they have more digits than it can hold: 1.23457E+15, or
-- zeros after the fifteenth digit, of which other ids would show a few.
WITH written AS (
    SELECT
        'entries' AS section,
        'entry_id' AS name,
        CAST(entry_id AS VARCHAR) AS id
    FROM (SELECT entry_id FROM entry LIMIT 10000) AS some_entry
    UNION ALL
    SELECT
        'entries' AS section,
        'account_id' AS name,
        CAST(account_id AS VARCHAR) AS id
    FROM (SELECT DISTINCT account_id FROM entry) AS account
    UNION ALL
    SELECT
        'settlements' AS section,
        'account_id' AS name,
        CAST(account_id AS VARCHAR) AS id
    FROM (SELECT DISTINCT account_id FROM settlement) AS account
),

formed AS (
    SELECT
        section,
        name,
        MIN(id) FILTER (WHERE REGEXP_FULL_MATCH(id, '[1-9]([.,][0-9]+)?E[+][0-9]{2,}'))
            AS short_example,
        COUNT(*) FILTER (WHERE REGEXP_FULL_MATCH(id, '[1-9]([.,][0-9]+)?E[+][0-9]{2,}')) AS short,
        MIN(id) FILTER (WHERE REGEXP_FULL_MATCH(id, '[1-9][0-9]{15,}([.]0)?')) AS long_example,
        COUNT(*) FILTER (WHERE REGEXP_FULL_MATCH(id, '[1-9][0-9]{15,}([.]0)?')) AS long,
        COUNT(*) FILTER (WHERE REGEXP_FULL_MATCH(id, '[1-9][0-9]{14}0+([.]0)?')) AS zeroed,
        SUM(LENGTH(id) - 15) FILTER (WHERE REGEXP_FULL_MATCH(id, '[1-9][0-9]{14}0+')) AS zeros,
        COUNT(*) FILTER (WHERE REGEXP_FULL_MATCH(id, '[1-9][0-9]{13}[1-9]0+([.]0)?')) AS ragged
    FROM written
    GROUP BY section, name
)

SELECT
    section,
    name,
    COALESCE(short_example, long_example) AS example,
    CAST(GREATEST(short, zeroed) AS BIGINT) AS ids
FROM formed
WHERE short > 0 OR (zeroed = long AND zeros >= 6 AND ragged * 2 >= long)
ORDER BY section, name
