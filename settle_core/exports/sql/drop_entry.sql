DELETE FROM stored_entry WHERE LIST_CONTAINS($row_numbers, rowid)
