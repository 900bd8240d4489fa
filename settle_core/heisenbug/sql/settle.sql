INSERT INTO settlements (user_id, week_start, amount, settled_at)
SELECT
    user_id,
    date_trunc('week', date)::date,
    SUM(amount),
    clock_timestamp()
FROM ledgers
GROUP BY user_id, date_trunc('week', date)::date
