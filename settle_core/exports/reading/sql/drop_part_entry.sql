DROP TABLE part_entry
