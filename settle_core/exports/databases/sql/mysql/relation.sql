-- The name of a table or view of this database, quoted; none if there is no such thing.
SELECT CONCAT('`', REPLACE(table_name, '`', '``'), '`') AS quoted
FROM information_schema.tables
WHERE table_schema = DATABASE() AND table_name = $named
