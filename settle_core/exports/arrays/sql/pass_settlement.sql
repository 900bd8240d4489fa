-- The settlements under audit, as the pass takes them.
SELECT
    account_id,
    week_start,
    settled_amount,
    settled_at
FROM settlement
WHERE week_start >= $first_week AND week_start <= $last_week AND settled_at <= $as_of
