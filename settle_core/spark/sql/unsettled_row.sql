-- Accounts with rows in weeks that are settled for others only, and how many rows.
SELECT
    account_id,
    week,
    CAST(SUM(known_rows) AS BIGINT) AS row_count
FROM week_state
WHERE
    NOT is_settled
    AND known_rows > 0
    AND week IN (SELECT s.week FROM whole_settlement AS s)
GROUP BY account_id, week
