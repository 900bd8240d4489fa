DELETE FROM stored_settlement WHERE rowid IN (SELECT row_number FROM bad_settlement)
