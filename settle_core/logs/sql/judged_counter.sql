-- The counter-entries that are wrong, by id.
SELECT entry_id
FROM replay
WHERE role IN ('wrong', 'duplicate')
ORDER BY entry_id
