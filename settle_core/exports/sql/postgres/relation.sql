-- The table or view of a name: on the search path, or else among a book's.
SELECT CAST(CAST(COALESCE(
    to_regclass(quote_ident($named)), to_regclass('settle.' || quote_ident($named))
) AS oid) AS bigint)
