ALTER TABLE part_settlement RENAME TO stored_settlement
