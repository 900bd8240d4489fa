-- The first entries, in the order of writing, of the weeks in which something is to be changed.
WITH numbered AS (
    SELECT
        t.number,
        s.key,
        s.effective_date,
        s.amount,
        ROW_NUMBER() OVER (PARTITION BY t.number ORDER BY s.key) AS place
    FROM seed AS s
    INNER JOIN target AS t
        ON CAST(t.account AS BIGINT) = s.account_id AND CAST(t.week_start AS DATE) = s.week_start
)

SELECT
    number,
    key,
    effective_date,
    amount
FROM numbered
WHERE place = 1
ORDER BY number
