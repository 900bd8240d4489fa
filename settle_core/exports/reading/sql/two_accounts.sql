-- An entry that names a settlement of another account, where no id is of two: a payout is of one
-- account, a batch may be of many.
WITH shared AS (
    SELECT settlement_id
    FROM stored_settlement
    GROUP BY settlement_id
    HAVING COUNT(DISTINCT account_id) > 1
)

SELECT
    CAST(e.entry_id AS VARCHAR) AS entry_id,
    CAST(e.account_id AS VARCHAR) AS account_id,
    CAST(e.settlement_id AS VARCHAR) AS settlement_id,
    CAST(s.account_id AS VARCHAR) AS settled_account_id
FROM stored_entry AS e
INNER JOIN stored_settlement AS s ON s.settlement_id = e.settlement_id
WHERE
    CAST(s.account_id AS VARCHAR) <> CAST(e.account_id AS VARCHAR)
    AND NOT EXISTS (SELECT 1 FROM shared)
ORDER BY e.rowid
LIMIT 1
