-- One account's settled week: one row for each currency. $day is any day of the week.
SELECT
    CAST(account_id AS VARCHAR) AS account_id,
    currency,
    week_start,
    settled_at,
    settled_amount,
    settled_sum,
    current_sum,
    residual,
    late_entries,
    counters
FROM settled_week
WHERE
    CAST(account_id AS VARCHAR) = $account_id
    AND DATE_DIFF('day', week_start, CAST($day AS DATE)) BETWEEN 0 AND 6
ORDER BY currency
