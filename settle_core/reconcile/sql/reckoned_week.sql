-- The weeks whose faults are reckoned up: those in which something may take something back. That is
-- any with several faults but late entries that nothing answered, with corrections, or that was off
-- when it was settled; and those that hold although something is off. In minor units.
WITH fault AS (
    SELECT
        account_id,
        currency,
        week_start,
        COUNT(*) > 1 AND BOOL_OR(role <> 'uncountered') AS is_mixed,
        SUM(effect) AS effect
    FROM judged_row
    WHERE role NOT IN ('late', 'right')
    GROUP BY account_id, currency, week_start
),

paired AS (
    SELECT account_id, currency, week_start FROM stray
    UNION
    SELECT answers_account_id, currency, answers_week FROM stray
),

corrected AS (
    SELECT DISTINCT account_id, currency, week_start FROM late_row WHERE kind = 'correction'
)

SELECT
    CAST(w.account_id AS VARCHAR) AS account_id,
    w.currency,
    w.week_start,
    CAST(
        (w.settled_sum - w.settled_amount) * CAST($minor_per_major AS BIGINT) AS BIGINT
    ) AS mismatch_minor,
    CAST(w.residual * CAST($minor_per_major AS BIGINT) AS BIGINT) AS residual_minor
FROM settled_week AS w
LEFT JOIN fault AS f
    ON
        f.account_id = CAST(w.account_id AS VARCHAR)
        AND f.currency = w.currency
        AND f.week_start = w.week_start
LEFT JOIN paired AS p
    ON
        p.account_id = CAST(w.account_id AS VARCHAR)
        AND p.currency = w.currency
        AND p.week_start = w.week_start
LEFT JOIN corrected AS c
    ON c.account_id = w.account_id AND c.currency = w.currency AND c.week_start = w.week_start
WHERE
    f.is_mixed
    OR f.effect = 0
    OR w.settled_sum <> w.settled_amount
    OR p.account_id IS NOT NULL
    OR c.account_id IS NOT NULL
ORDER BY account_id, w.currency, w.week_start
