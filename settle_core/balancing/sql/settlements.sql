SELECT * FROM settle.settlements ORDER BY account_id, week_start, currency
