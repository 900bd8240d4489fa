-- The settled weeks: each account's sum of what was written in time, and what was planted in some:
-- an amount that is off, or a second settlement an hour later.
WITH summed AS (
    SELECT
        s.account_id,
        s.week_start,
        SUM(s.amount) AS settled_sum,
        CAST(s.week_start + 7 AS TIMESTAMP) + INTERVAL 3 HOUR AS settled_at
    FROM seed AS s
    WHERE s.week_start < $last_week
    GROUP BY s.account_id, s.week_start
),

settled AS (
    SELECT
        s.account_id,
        s.week_start,
        s.settled_sum - COALESCE(f.settled_off, 0) AS settled_amount,
        s.settled_at
    FROM summed AS s
    LEFT JOIN settlement_edit AS f
        ON
            NOT f.is_second
            AND CAST(f.account_id AS BIGINT) = s.account_id
            AND CAST(f.week_start AS DATE) = s.week_start
    UNION ALL
    SELECT
        s.account_id,
        s.week_start,
        s.settled_sum - f.settled_off AS settled_amount,
        s.settled_at + INTERVAL 1 HOUR AS settled_at
    FROM summed AS s
    INNER JOIN settlement_edit AS f
        ON
            f.is_second
            AND CAST(f.account_id AS BIGINT) = s.account_id
            AND CAST(f.week_start AS DATE) = s.week_start
)

SELECT
    account_id,
    week_start,
    CAST(settled_amount * CAST(0.01 AS DECIMAL(3, 2)) AS DECIMAL(18, 2)) AS settled_amount,
    settled_at
FROM settled
WHERE EPOCH_US(settled_at) <= $as_of_us
ORDER BY settled_at, account_id, week_start
