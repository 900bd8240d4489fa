DROP TABLE stored_entry
