-- What the plan comes to, by currency.
SELECT
    currency,
    CAST(COUNT(*) AS BIGINT) AS counters,
    CAST(SUM(amount) AS VARCHAR) AS total
FROM plan
GROUP BY currency
ORDER BY currency
