-- Closings that tell no amount: what the ledger held of the week when it was closed. One that names
-- no account holds for every account that has an entry in the week.
WITH closing AS (
    SELECT
        ROW_NUMBER() OVER () AS number,
        CAST(account_id AS VARCHAR) AS account_id,
        week_start,
        settled_at,
        currency
    FROM closing_told
),

counted AS (
    SELECT
        CAST(e.account_id AS VARCHAR) AS account_id,
        COALESCE(e.currency, $currency) AS currency,
        c.number,
        c.week_start,
        c.settled_at,
        COALESCE(SUM(e.amount) FILTER (WHERE e.recorded_at <= c.settled_at), 0) AS settled_amount
    FROM closing AS c
    INNER JOIN dated_entry AS e
        ON
            e.week_start = c.week_start
            AND (c.account_id IS NULL OR CAST(e.account_id AS VARCHAR) = c.account_id)
            AND (NOT $by_currency OR COALESCE(e.currency, $currency) = c.currency)
    GROUP BY
        CAST(e.account_id AS VARCHAR),
        COALESCE(e.currency, $currency),
        c.number,
        c.week_start,
        c.settled_at
),

empty AS (
    SELECT
        c.account_id,
        c.currency,
        c.number,
        c.week_start,
        c.settled_at,
        CAST(0 AS money) AS settled_amount
    FROM closing AS c
    LEFT JOIN counted AS n ON n.number = c.number
    WHERE c.account_id IS NOT NULL AND n.number IS NULL
)

SELECT
    account_id,
    week_start,
    CAST(settled_amount AS money) AS settled_amount,
    settled_at,
    currency
FROM (
    SELECT * FROM counted
    UNION ALL
    SELECT * FROM empty
) AS every_closing
ORDER BY number, account_id, currency
