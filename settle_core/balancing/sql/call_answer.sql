SELECT entry_id, answers, account_id, effective_date, amount, currency
FROM settle.answer($entry_ids, $job_id, $attempt)
