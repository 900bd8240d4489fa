DELETE FROM stored_entry WHERE rowid IN (SELECT row_number FROM bad_entry)
