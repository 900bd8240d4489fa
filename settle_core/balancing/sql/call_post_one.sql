-- As call_post, for one posting: scalars are cheaper to send than lists of one.
SELECT idempotency_key, entry_id, counter_id
FROM settle.post(
    ARRAY[CAST($key AS text)], ARRAY[CAST($account_id AS text)], ARRAY[CAST($currency AS text)],
    ARRAY[CAST($week_start AS date)], ARRAY[CAST($effective_date AS date)],
    ARRAY[CAST($amount AS text)], ARRAY[CAST($memo AS text)], $job_id, $attempt, $answer, $kind,
    $wait_ms
)
