-- The replayed rows of one account's week, in the order that replay chose.
SELECT
    account_id,
    currency,
    week_start,
    effective_date,
    level,
    policy,
    entry_id,
    kind,
    role,
    amount,
    expected_amount,
    start_residual,
    recorded_at,
    job_id,
    unseen_entry_ids,
    place
FROM replay
WHERE account_id = $account_id AND currency = $currency AND week_start = $week_start
ORDER BY CASE WHEN level = 'day' THEN effective_date END, place
