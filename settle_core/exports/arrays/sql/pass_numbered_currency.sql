-- As pass_numbered.sql; an account in another currency than it is settled in is not settled.
SELECT
    e.* REPLACE (
        CASE
            WHEN e.account_id IS NOT NULL AND e.currency IS NOT NULL THEN COALESCE(a.number, -1)
        END AS account_id
    )
FROM told_row AS e
LEFT JOIN pass_account AS a ON a.account_id = e.account_id AND a.currency = e.currency
