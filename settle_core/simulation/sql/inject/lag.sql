-- How long after their settlement late entries came, in microseconds.
SELECT DATE_DIFF('microsecond', settled_at, recorded_at) AS lag_us
FROM late_entry
ORDER BY HASH(entry_id, $seed), entry_id
LIMIT 10000
