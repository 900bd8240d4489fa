INSERT INTO stored_settlement BY NAME SELECT * FROM part_settlement;
DROP TABLE part_settlement
