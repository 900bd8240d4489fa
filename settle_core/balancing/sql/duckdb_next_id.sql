SELECT GREATEST(
    (SELECT MAX(entry_id) FROM old_next),
    (SELECT COALESCE(MAX(entry_id), 0) + 1 FROM old_entry)
)
