-- A settlement whose id, of one account, is of more than one week.
SELECT
    CAST(settlement_id AS VARCHAR) AS settlement_id,
    CAST(account_id AS VARCHAR) AS account_id,
    MIN(week_start) AS first_week,
    MAX(week_start) AS last_week
FROM stored_settlement
WHERE settlement_id IS NOT NULL
GROUP BY settlement_id, account_id
HAVING MIN(week_start) < MAX(week_start)
ORDER BY first_week
LIMIT 1
