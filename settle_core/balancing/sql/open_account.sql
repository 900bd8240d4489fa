-- Accounts that these postings are the first of. In one order, so that two writers that open the
-- same accounts wait for each other and never in a circle.
INSERT INTO settle.account (account_id, currency)
SELECT DISTINCT
    p.account_id,
    p.currency
FROM (
    SELECT
        UNNEST(CAST($account_ids AS VARCHAR [])) AS account_id,
        UNNEST(CAST($currencies AS VARCHAR [])) AS currency
) AS p
WHERE
    NOT EXISTS (
        SELECT 1
        FROM settle.account AS a
        WHERE a.account_id = p.account_id AND a.currency = p.currency
    )
ORDER BY p.account_id, p.currency
ON CONFLICT DO NOTHING
