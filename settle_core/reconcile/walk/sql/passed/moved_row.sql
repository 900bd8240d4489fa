-- As in steps/moved_row.sql.
SELECT entry_id
FROM plain_late
WHERE FALSE
