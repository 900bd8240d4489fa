-- The statement that finds how many decimals an unconstrained column has at most. Only the database
-- itself can put names of tables and columns into a statement safely, so it writes it.
SELECT format(
    'SELECT COALESCE(MAX(scale(%I)), 0) FROM %s', $column::text, $source::text
)
