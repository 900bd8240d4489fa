-- The statement that computes the control totals of these columns, as control_totals.sql does of a
-- file.
SELECT CONCAT(
    'SELECT COUNT(*), CAST(COALESCE(SUM(',
    CASE WHEN $amount = '' THEN '0' ELSE CONCAT('`', REPLACE($amount, '`', '``'), '`') END,
    '), 0) AS CHAR), CAST(MIN(', i.ident, ') AS CHAR), CAST(MAX(', i.ident, ') AS CHAR), ',
    'CAST(COALESCE(SUM(CAST(CONV(SUBSTR(MD5(CONCAT_WS(CHAR(31 USING utf8mb4), ',
    (SELECT GROUP_CONCAT(
        CONCAT(
            'COALESCE(CONCAT(CAST(`', REPLACE(c.name, '`', '``'), '` AS CHAR), ''',
            CASE WHEN c.is_instant THEN 'Z' ELSE '' END, '''), CHAR(30 USING utf8mb4))'
        ) ORDER BY c.place SEPARATOR ', '
    )
        FROM JSON_TABLE($columns, '$[*]' COLUMNS (
            place FOR ORDINALITY,
            name VARCHAR(255) PATH '$.name',
            is_instant INT PATH '$.is_instant'
        )) AS c),
    ')), 1, 15), 16, 10) AS DECIMAL(65, 0))), 0) AS CHAR) FROM ', $source
) AS statement
FROM (
    SELECT CASE
        WHEN $ident_is_text
            THEN CONCAT(
                'CAST(`', REPLACE($ident, '`', '``'), '` AS CHAR) COLLATE utf8mb4_bin'
            )
        ELSE CONCAT('`', REPLACE($ident, '`', '``'), '`')
    END AS ident
) AS i
