-- The statement that tells the columns of a relation.
SELECT format('SELECT * FROM %s LIMIT 0', $source::text)
