-- The statement that computes the control totals of these columns, as control_totals.sql does of a
-- file. SQLite has no exact sum and no digest: the functions `exact_sum` and `digest` are lent.
SELECT printf(
    'SELECT COUNT(*), exact_sum(%s), CAST(MIN(%s) AS TEXT), CAST(MAX(%s) AS TEXT),'
    || ' exact_sum(digest(%s)) FROM %s',
    CASE WHEN $amount = '' THEN '0' ELSE printf('"%w"', $amount) END,
    printf(CASE WHEN $ident_is_text THEN 'CAST("%w" AS TEXT)' ELSE '"%w"' END, $ident),
    printf(CASE WHEN $ident_is_text THEN 'CAST("%w" AS TEXT)' ELSE '"%w"' END, $ident),
    (SELECT group_concat(printf('CAST("%w" AS TEXT)', value), ', ') FROM json_each($columns)),
    $source
) AS statement
