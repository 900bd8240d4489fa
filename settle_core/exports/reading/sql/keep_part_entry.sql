ALTER TABLE part_entry RENAME TO stored_entry
