-- Whether any two of the entries that look alike by their keys have one id.
SELECT COUNT(*) > 0 AS is_twice
FROM (
    SELECT entry_id
    FROM told_row
    WHERE id_key IN (SELECT p.id_key FROM passed_key AS p)
    GROUP BY entry_id
    HAVING COUNT(*) > 1
    LIMIT 1
) AS twice
