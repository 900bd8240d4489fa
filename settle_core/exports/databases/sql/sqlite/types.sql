-- The statement that tells which types of values are in each column. Only the database itself puts
-- names of columns into a statement.
SELECT printf(
    'SELECT %s FROM %s',
    (SELECT group_concat(printf('group_concat(DISTINCT typeof("%w"))', value), ', ')
        FROM json_each($columns)),
    $source
) AS statement
