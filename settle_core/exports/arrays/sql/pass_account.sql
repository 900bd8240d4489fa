-- The accounts of the settlements under audit, in the order of their ids.
SELECT DISTINCT account_id
FROM settlement
WHERE week_start >= $first_week AND week_start <= $last_week AND settled_at <= $as_of
ORDER BY account_id
