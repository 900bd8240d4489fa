-- The rows recorded after their week was settled.
SELECT
    entry_id,
    account_id,
    week,
    day,
    minor,
    kind,
    recorded_us,
    answers
FROM placed_entry
WHERE recorded_us > settled_us
