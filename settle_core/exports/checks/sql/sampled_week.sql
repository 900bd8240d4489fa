-- Some settled weeks of each currency, the same ones each time, those of no amount last. Where a
-- week was settled more than once, the first settlement counts.
WITH chosen AS (
    SELECT DISTINCT
        account_id,
        currency,
        week_start
    FROM (
        SELECT
            account_id,
            currency,
            week_start,
            ROW_NUMBER() OVER (
                PARTITION BY currency
                ORDER BY settled_amount = 0, HASH(account_id, week_start)
            ) AS place
        FROM settlement
    ) AS placed
    WHERE place <= $sample_max
)

SELECT
    s.account_id,
    s.currency,
    s.week_start,
    MIN(s.settled_at) AS settled_at,
    ARG_MIN(s.settled_amount, ROW(s.settled_at, s.settled_amount)) AS settled_amount
FROM settlement AS s
INNER JOIN chosen AS c
    ON
        c.account_id = s.account_id
        AND c.currency = s.currency
        AND c.week_start = s.week_start
GROUP BY s.account_id, s.currency, s.week_start
