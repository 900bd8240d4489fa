-- The one pass over all entries: each account's sum per week and currency, as of $as_of.
SELECT
    account_id,
    currency,
    week_of(effective_date, $week_offset_days) AS week_start,
    CAST(SUM(amount) AS money) AS current_sum,
    CAST(COUNT(*) AS BIGINT) AS row_count
FROM entry
WHERE recorded_at <= $as_of
GROUP BY 1, 2, 3
