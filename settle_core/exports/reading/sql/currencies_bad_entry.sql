-- The currencies of entries that are not accepted, in capitals.
SELECT DISTINCT UPPER(TRIM(currency)) AS currency
FROM stored_entry
WHERE rowid IN (SELECT row_number FROM bad_entry) AND currency IS NOT NULL
