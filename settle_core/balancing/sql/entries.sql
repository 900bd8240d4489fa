SELECT * FROM settle.entries ORDER BY entry_id
