-- Amounts of late entries in minor units, as often as they occur; of other entries where none was
-- late.
WITH candidate AS (
    SELECT
        entry_id,
        amount
    FROM late_entry
    UNION ALL
    SELECT
        entry_id,
        amount
    FROM entry
    WHERE kind = 'entry' AND NOT EXISTS (SELECT 1 FROM late_entry)
)

SELECT CAST(amount * CAST($minor_per_major AS BIGINT) AS BIGINT) AS amount_minor
FROM candidate
WHERE amount <> 0
ORDER BY HASH(entry_id, $seed), entry_id
LIMIT 10000
