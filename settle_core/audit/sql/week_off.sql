-- The settled weeks that are not at their settled amount now; settled_sum is the sum of what was
-- recorded by settled_at.
SELECT
    account_id,
    currency,
    week_start,
    settled_at,
    settled_amount,
    settled_sum,
    current_sum,
    residual
FROM settled_week
WHERE residual <> 0
