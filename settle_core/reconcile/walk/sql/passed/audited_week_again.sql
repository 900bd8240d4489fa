-- As audited_week.sql, where some weeks were settled more than once: of these what counts.
SELECT
    s.account_id,
    s.currency,
    s.week_start,
    s.settled_amount,
    s.settled_at
FROM settlement AS s
WHERE
    s.week_start >= $first_week AND s.week_start <= $last_week AND s.settled_at <= $as_of
    AND NOT EXISTS (
        SELECT 1
        FROM settled_again AS a
        WHERE a.account_id = s.account_id AND a.week_start = s.week_start
    )
UNION ALL
SELECT
    account_id,
    currency,
    week_start,
    settled_amount,
    settled_at
FROM settled_again
WHERE week_start >= $first_week AND week_start <= $last_week
