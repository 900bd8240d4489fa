-- The settled weeks under audit, each settled once.
SELECT
    account_id,
    currency,
    week_start,
    settled_amount,
    settled_at
FROM settlement
WHERE week_start >= $first_week AND week_start <= $last_week AND settled_at <= $as_of
