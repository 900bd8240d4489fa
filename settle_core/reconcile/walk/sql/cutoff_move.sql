INSERT INTO moved_row
SELECT entry_id
FROM cutoff_row
WHERE CAST(entry_id AS VARCHAR) IN (SELECT UNNEST($ids))
