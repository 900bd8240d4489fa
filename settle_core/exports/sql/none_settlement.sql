-- See none_entry.sql.
SELECT * FROM settlement WHERE FALSE
