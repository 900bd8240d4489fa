-- The table or view of a name, as a statement has to name it: on the search path, else a book's.
SELECT CAST(COALESCE(
    to_regclass(quote_ident($named)), to_regclass('settle.' || quote_ident($named)),
    to_regclass($named)
) AS text)
