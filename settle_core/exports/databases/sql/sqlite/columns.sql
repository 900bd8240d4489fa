-- The statement that tells the columns of a relation.
SELECT printf('SELECT * FROM %s LIMIT 0', $source) AS statement
