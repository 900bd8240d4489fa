-- Columns of a relation, those under a domain as what the domain is made of.
SELECT
    c.column_name,
    c.data_type,
    c.numeric_precision,
    c.numeric_scale
FROM information_schema.columns AS c
INNER JOIN pg_class AS r ON r.relname = c.table_name
INNER JOIN pg_namespace AS n ON n.oid = r.relnamespace AND n.nspname = c.table_schema
WHERE r.oid = $relation
ORDER BY c.ordinal_position
