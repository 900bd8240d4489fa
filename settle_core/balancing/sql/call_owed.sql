SELECT entry_id, account_id, currency, week_start FROM settle.owed($account_id, $week_start)
