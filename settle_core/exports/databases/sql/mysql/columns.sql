-- The statement that tells the columns of a relation.
SELECT CONCAT('SELECT * FROM ', $source, ' LIMIT 0') AS statement
