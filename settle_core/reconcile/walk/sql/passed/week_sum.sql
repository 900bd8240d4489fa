-- Their sums: what was settled, less what the pass left of it, and what came late.
SELECT
    account_id,
    currency,
    week_start,
    CAST(settled_amount - left_amount + late_amount AS money) AS current_sum,
    CAST(0 AS BIGINT) AS row_count
FROM scope
