SELECT idempotency_key, entry_id, counter_id
FROM settle.correct(
    $keys, $account_ids, $currencies, $week_starts, $effective_dates, $amounts, $memos, $job_id,
    $attempt
)
