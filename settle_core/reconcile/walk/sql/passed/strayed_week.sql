-- Finished weeks that hold a counter-entry for a late one elsewhere, or the other way round: they
-- stand at what they were settled at.
INSERT INTO settled_week BY NAME
SELECT DISTINCT
    a.account_id,
    a.currency,
    a.week_start,
    a.settled_at,
    a.settled_amount,
    a.settled_amount AS settled_sum,
    a.settled_amount AS current_sum,
    CAST(0 AS money) AS residual,
    CAST(0 AS BIGINT) AS row_count,
    CAST(0 AS BIGINT) AS late_entries,
    CAST(0 AS BIGINT) AS counters
FROM audited_week AS a
INNER JOIN (
    SELECT account_id, currency, week_start FROM stray
    UNION
    SELECT answers_account_id, currency, answers_week FROM stray
) AS s
    ON
        s.account_id = CAST(a.account_id AS VARCHAR)
        AND s.currency = a.currency
        AND s.week_start = a.week_start
WHERE NOT EXISTS (
    SELECT 1
    FROM settled_week AS w
    WHERE
        w.account_id = a.account_id AND w.currency = a.currency AND w.week_start = a.week_start
)
