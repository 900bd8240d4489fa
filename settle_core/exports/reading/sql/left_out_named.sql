-- The rows that are told where some cannot be accepted: these, and the first ones of their ids.
SELECT row_number
FROM bad_entry
UNION
SELECT first_row AS row_number
FROM bad_entry
WHERE first_row IS NOT NULL
ORDER BY row_number
