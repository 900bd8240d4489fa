INSERT INTO moved_row
SELECT entry_id
FROM border_row
WHERE CAST(entry_id AS VARCHAR) IN (SELECT UNNEST($ids))
