-- The first entry of some weeks, by the number of the week.
WITH numbered AS (
    SELECT
        t.number,
        CAST(e.entry_id AS VARCHAR) AS entry_id,
        e.effective_date,
        CAST(e.amount * CAST($minor_per_major AS BIGINT) AS BIGINT) AS amount_minor,
        ROW_NUMBER() OVER (PARTITION BY t.number ORDER BY e.recorded_at, e.entry_id) AS place
    FROM entry AS e
    INNER JOIN target AS t
        ON
            CAST(t.account_id AS VARCHAR) = CAST(e.account_id AS VARCHAR)
            AND CAST(t.currency AS VARCHAR) = e.currency
            AND e.effective_date >= CAST(t.week_start AS DATE)
            AND e.effective_date < CAST(t.week_start AS DATE) + 7
)

SELECT
    number,
    entry_id,
    effective_date,
    amount_minor
FROM numbered
WHERE place = 1
ORDER BY number
