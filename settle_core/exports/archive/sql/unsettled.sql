-- Rows of weeks that are settled for others, but not for their accounts.
SELECT
    e.archived_week,
    e.account_id,
    COUNT(*) AS row_count
FROM archived_entry AS e
INNER JOIN (SELECT DISTINCT archived_week FROM archived_settlement) AS s
    ON s.archived_week = e.archived_week
WHERE NOT EXISTS (
    SELECT 1
    FROM archived_settlement AS own
    WHERE own.account_id = e.account_id AND own.archived_week = e.archived_week
)
GROUP BY e.archived_week, e.account_id
ORDER BY e.archived_week, e.account_id
