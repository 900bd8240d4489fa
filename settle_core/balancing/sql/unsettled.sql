-- Postings to weeks that are not settled: there is nothing to correct.
SELECT
    'account ' || p.account_id || ', week ' || CAST(p.week_start AS VARCHAR)
    || ' (' || p.currency || ')' AS place
FROM (
    SELECT
        UNNEST(CAST($account_ids AS VARCHAR [])) AS account_id,
        UNNEST(CAST($currencies AS VARCHAR [])) AS currency,
        UNNEST(CAST($week_starts AS DATE [])) AS week_start
) AS p
LEFT JOIN settle.settlement AS s
    ON
        s.account_id = p.account_id
        AND s.currency = p.currency
        AND s.week_start = p.week_start
WHERE s.account_id IS NULL
ORDER BY p.account_id, p.currency, p.week_start
LIMIT 1
