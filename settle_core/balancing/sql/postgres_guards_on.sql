-- The guards that are there and work in every session.
SELECT t.tgname
FROM pg_trigger AS t
INNER JOIN pg_class AS c ON c.oid = t.tgrelid
INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
WHERE n.nspname = 'settle' AND t.tgenabled = 'A' AND NOT t.tgisinternal
