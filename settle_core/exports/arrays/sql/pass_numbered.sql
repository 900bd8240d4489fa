-- Entries with the numbers of their accounts, -1 for one that is not settled. A join is exact; it
-- mixes up the rows, which are numbered.
SELECT
    e.* REPLACE (
        CASE WHEN e.account_id IS NOT NULL THEN COALESCE(a.number, -1) END AS account_id
    )
FROM told_row AS e
LEFT JOIN pass_account AS a ON a.account_id = e.account_id
