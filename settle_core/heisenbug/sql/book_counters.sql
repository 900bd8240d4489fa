SELECT COUNT(*) FROM settle.entry WHERE kind = 'counter'
