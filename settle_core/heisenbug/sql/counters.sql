SELECT COUNT(*) FROM ledgers WHERE kind = 'counter'
