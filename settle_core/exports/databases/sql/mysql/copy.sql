-- The statement that reads these columns as text, instants with their zone, in a fixed order of
-- rows. Only the database itself puts names of columns into a statement.
SELECT CONCAT(
    'SELECT ',
    (SELECT GROUP_CONCAT(
        CONCAT(
            'CONCAT(CAST(`', REPLACE(c.name, '`', '``'), '` AS CHAR), ''',
            CASE WHEN c.is_instant THEN 'Z' ELSE '' END, ''')'
        ) ORDER BY c.place SEPARATOR ', '
    )
        FROM JSON_TABLE($columns, '$[*]' COLUMNS (
            place FOR ORDINALITY,
            name VARCHAR(255) PATH '$.name',
            is_instant INT PATH '$.is_instant'
        )) AS c),
    ' FROM ', $source, ' ORDER BY ',
    (SELECT GROUP_CONCAT(
        CONCAT('`', REPLACE(s.name, '`', '``'), '`') ORDER BY s.place SEPARATOR ', '
    )
        FROM JSON_TABLE($sorted_by, '$[*]' COLUMNS (
            place FOR ORDINALITY, name VARCHAR(255) PATH '$'
        )) AS s)
) AS statement
