-- What stands in each week that a planted finding names, and what was settled: minor units.
WITH first_settlement AS (
    SELECT
        account_id,
        week_start,
        MIN_BY(settled_amount, settled_at) AS settled_amount
    FROM settlement
    GROUP BY account_id, week_start
)

SELECT
    CAST(s.account_id AS VARCHAR) AS account_id,
    s.week_start,
    CAST(SUM(e.amount) * 100 AS BIGINT) AS current_sum,
    CAST(ANY_VALUE(s.settled_amount) * 100 AS BIGINT) AS settled_amount
FROM first_settlement AS s
INNER JOIN named AS n
    ON CAST(n.account_id AS BIGINT) = s.account_id AND CAST(n.week_start AS DATE) = s.week_start
LEFT JOIN entry AS e
    ON
        e.account_id = s.account_id
        AND CAST(DATE_TRUNC('week', e.effective_date) AS DATE) = s.week_start
GROUP BY s.account_id, s.week_start
