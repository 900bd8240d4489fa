-- Their sums: what was settled, less what the pass left of it, and what came late.
SELECT
    s.account_id,
    s.currency,
    s.week_start,
    CAST(
        s.settled_amount
        + CAST((p.late_minor - p.left_minor) * CAST($major_per_minor AS DECIMAL(9, 8)) AS money)
        AS money
    ) AS current_sum,
    CAST(0 AS BIGINT) AS row_count
FROM scope AS s
INNER JOIN passed_week AS p
    ON p.account_id = s.account_id AND DATE '1970-01-01' + p.day = s.week_start
