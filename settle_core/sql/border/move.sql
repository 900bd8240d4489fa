INSERT INTO moved_row
SELECT entry_id
FROM entry
WHERE LIST_CONTAINS($ids, CAST(entry_id AS VARCHAR))
