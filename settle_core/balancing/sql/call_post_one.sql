-- As call_post, for one posting: scalars are cheaper to send than lists of one.
SELECT idempotency_key, entry_id, counter_id
FROM settle.post_one(
    $key, $account_id, $currency, $week_start, $effective_date, $amount, $memo, $job_id,
    $attempt, $answer
)
