-- The currencies of settlements that are not accepted, in capitals.
SELECT DISTINCT UPPER(TRIM(currency)) AS currency
FROM stored_settlement
WHERE rowid IN (SELECT row_number FROM bad_settlement) AND currency IS NOT NULL
