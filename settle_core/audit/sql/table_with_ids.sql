-- The tables of an audit that have ids as whole numbers, and which columns these are.
SELECT table_name, LIST(column_name) AS ids
FROM information_schema.columns
WHERE
    table_schema = 'main'
    AND column_name LIKE '%\_id' ESCAPE '\'
    AND data_type IN ('BIGINT', 'INTEGER')
    AND table_name NOT IN ('raw_entry', 'raw_settlement')
GROUP BY table_name
ORDER BY table_name
