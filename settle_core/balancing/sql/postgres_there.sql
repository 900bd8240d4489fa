-- Whether the database holds a book, by catalogues that everybody may read.
SELECT COUNT(*)
FROM pg_class AS c
INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = 'settle' AND c.relname = 'book'
