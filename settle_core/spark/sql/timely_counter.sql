-- The counter-entries that are not late.
SELECT entry_id
FROM placed_entry
WHERE kind = 1 AND NOT COALESCE(recorded_us > settled_us, FALSE)
