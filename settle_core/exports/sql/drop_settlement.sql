DELETE FROM stored_settlement WHERE LIST_CONTAINS($row_numbers, rowid)
