DROP TABLE part_settlement
