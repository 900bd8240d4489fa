-- Which of some weeks are settled ones under audit.
WITH asked AS (
    SELECT
        UNNEST($accounts) AS account_id,
        UNNEST($currencies) AS currency,
        UNNEST($weeks) AS week_start
)

SELECT
    a.account_id,
    a.currency,
    a.week_start
FROM asked AS a
INNER JOIN audited_week AS s
    ON
        CAST(s.account_id AS VARCHAR) = a.account_id
        AND s.currency = a.currency
        AND s.week_start = a.week_start
