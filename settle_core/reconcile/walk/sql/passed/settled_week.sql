-- As steps/settled_week.sql; row_count is told of all weeks together.
SELECT
    account_id,
    currency,
    week_start,
    settled_at,
    settled_amount,
    CAST(settled_amount - left_amount AS money) AS settled_sum,
    CAST(settled_amount - left_amount + late_amount AS money) AS current_sum,
    CAST(late_amount - left_amount AS money) AS residual,
    CAST(0 AS BIGINT) AS row_count,
    late_entries,
    counters
FROM scope
