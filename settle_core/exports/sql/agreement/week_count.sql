-- How many audited weeks there are, and in how many of them the settled amount is what was recorded
-- by then.
SELECT
    CAST(COUNT(*) AS BIGINT) AS weeks,
    CAST(COUNT(*) FILTER (WHERE settled_sum = settled_amount) AS BIGINT) AS agreeing
FROM settled_week
