-- As pass_settlement.sql, with the numbers of accounts.
SELECT
    a.number AS account_id,
    s.week_start,
    s.settled_amount,
    s.settled_at
FROM settlement AS s
LEFT JOIN pass_account AS a ON a.account_id = s.account_id
WHERE s.week_start >= $first_week AND s.week_start <= $last_week AND s.settled_at <= $as_of
