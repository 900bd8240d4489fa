DELETE FROM settlement WHERE LIST_CONTAINS($row_numbers, rowid)
