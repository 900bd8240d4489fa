-- Ids that stand in more than one row of an archive, the first of them.
SELECT entry_id
FROM every_part
GROUP BY entry_id
HAVING COUNT(*) > 1
ORDER BY entry_id
LIMIT 1
