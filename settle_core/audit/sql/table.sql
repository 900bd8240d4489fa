-- The names of all tables, each once.
SELECT DISTINCT table_name
FROM information_schema.tables
WHERE table_schema IN ('main', 'question')
ORDER BY table_name
