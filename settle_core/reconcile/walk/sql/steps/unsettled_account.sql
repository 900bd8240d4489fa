-- Accounts with entries in weeks that are settled for others, but not for them, and how many rows
-- these are.
SELECT
    CAST(w.account_id AS VARCHAR) AS account_id,
    CAST(SUM(w.row_count) AS BIGINT) AS row_count
FROM week_sum AS w
LEFT JOIN scope AS s
    ON
        s.account_id = w.account_id
        AND s.currency = w.currency
        AND s.week_start = w.week_start
WHERE
    s.account_id IS NULL
    AND w.week_start IN (SELECT o.week_start FROM scope AS o)
    AND w.week_start >= $first_told
    AND w.week_start <= $last_told
GROUP BY w.account_id
