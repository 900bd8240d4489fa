-- The statement that reads these columns as text, in a fixed order of rows.
SELECT printf(
    'SELECT %s FROM %s ORDER BY %s',
    (SELECT group_concat(printf('CAST("%w" AS TEXT)', value), ', ') FROM json_each($columns)),
    $source,
    (SELECT group_concat(printf('"%w"', value), ', ') FROM json_each($sorted_by))
) AS statement
