-- Each settled week with its sum now.
CREATE OR REPLACE TABLE settled_week AS
SELECT
    s.*,
    t.amount
FROM settlements AS s
LEFT JOIN (
    SELECT
        account_id,
        CAST(DATE_TRUNC('week', effective_date) AS DATE) AS week_start,
        SUM(CAST(amount AS DECIMAL(18, 2))) AS amount
    FROM entries
    GROUP BY ALL
) AS t USING (account_id, week_start)
