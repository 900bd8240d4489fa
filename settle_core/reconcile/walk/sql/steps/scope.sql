-- The settled weeks under audit: one row per account, currency and week, settled by $as_of.
-- Where a week was settled more than once, the last settlement counts whose amount is what was
-- recorded by then: a week that was opened and settled again. Without any, the first one fixed its
-- amount. The same amount again changes nothing.
WITH in_scope AS (
    SELECT
        account_id,
        currency,
        week_start,
        settled_amount,
        settled_at
    FROM settlement
    WHERE
        week_start >= $first_week
        AND week_start <= $last_week
        AND settled_at <= $as_of
),

again AS (
    SELECT
        s.account_id,
        s.currency,
        s.week_start,
        s.settled_amount,
        MIN(s.settled_at) AS settled_at
    FROM in_scope AS s
    INNER JOIN repeated_settlement AS r
        ON
            r.account_id = s.account_id
            AND r.currency = s.currency
            AND r.week_start = s.week_start
    GROUP BY s.account_id, s.currency, s.week_start, s.settled_amount
),

sum_then AS (
    SELECT
        a.account_id,
        a.currency,
        a.week_start,
        a.settled_amount,
        COALESCE(SUM(e.amount), 0) AS recorded
    FROM again AS a
    LEFT JOIN entry AS e
        ON
            e.account_id = a.account_id
            AND e.currency = a.currency
            AND e.effective_date BETWEEN a.week_start AND a.week_start + 6
            AND e.recorded_at <= a.settled_at
    GROUP BY a.account_id, a.currency, a.week_start, a.settled_amount
),

numbered AS (
    SELECT
        s.account_id,
        s.currency,
        s.week_start,
        s.settled_amount,
        s.settled_at,
        ROW_NUMBER() OVER (
            PARTITION BY s.account_id, s.currency, s.week_start
            ORDER BY
                CASE WHEN t.recorded = s.settled_amount THEN -EPOCH_US(s.settled_at) ELSE 0 END,
                s.settled_at, s.settled_amount
        ) AS settlement_number
    FROM again AS s
    LEFT JOIN sum_then AS t
        ON
            t.account_id = s.account_id
            AND t.currency = s.currency
            AND t.week_start = s.week_start
            AND t.settled_amount = s.settled_amount
)

SELECT
    s.account_id,
    s.currency,
    s.week_start,
    s.settled_amount,
    s.settled_at
FROM in_scope AS s
LEFT JOIN repeated_settlement AS r
    ON
        r.account_id = s.account_id
        AND r.currency = s.currency
        AND r.week_start = s.week_start
WHERE r.times IS NULL
UNION ALL
SELECT
    account_id,
    currency,
    week_start,
    settled_amount,
    settled_at
FROM numbered
WHERE settlement_number = 1
