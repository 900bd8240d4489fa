-- The late rows of plain_week.
SELECT entry_id
FROM entry
WHERE FALSE
