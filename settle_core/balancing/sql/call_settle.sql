SELECT account_id, week_start, settled_amount, settled_at, currency
FROM settle.settle($week_start, $account_ids, $currency)
