-- Whether any of these weeks is settled: if none is, nothing here can be late.
SELECT COUNT(*)
FROM settle.settlement AS s
INNER JOIN (
    SELECT
        UNNEST(CAST($account_ids AS VARCHAR [])) AS account_id,
        UNNEST(CAST($currencies AS VARCHAR [])) AS currency,
        UNNEST(CAST($week_starts AS DATE [])) AS week_start
) AS p
    ON
        p.account_id = s.account_id
        AND p.currency = s.currency
        AND p.week_start = s.week_start
