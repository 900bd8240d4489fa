INSERT INTO stored_entry BY NAME SELECT * FROM part_entry;
DROP TABLE part_entry
