DELETE FROM entry WHERE LIST_CONTAINS($row_numbers, rowid)
