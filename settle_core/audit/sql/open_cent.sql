-- Days whose entry-level effects do not sum to their residual, exactly. Where the week is what is
-- balanced, its days are taken together and stand under the first of them. Of corrections those
-- count that put nothing right.
WITH replayed AS (
    SELECT DISTINCT
        account_id,
        currency,
        week_start,
        level
    FROM replay
),

level AS (
    SELECT
        CAST(w.account_id AS VARCHAR) AS account_id,
        w.currency,
        w.week_start,
        COALESCE(
            r.level, CASE WHEN w.week_even AND w.week_sum_holds THEN 'week' ELSE 'day' END
        ) AS level
    FROM late_week AS w
    LEFT JOIN replayed AS r
        ON
            r.account_id = CAST(w.account_id AS VARCHAR)
            AND r.currency = w.currency
            AND r.week_start = w.week_start
),

day AS (
    SELECT
        CAST(account_id AS VARCHAR) AS account_id,
        currency,
        week_start,
        effective_date,
        residual
    FROM late_day
    UNION ALL
    SELECT
        account_id,
        currency,
        week_start,
        effective_date,
        amount AS residual
    FROM reckoned_correction
),

residual AS (
    SELECT
        d.account_id,
        d.currency,
        CASE WHEN l.level = 'week' THEN d.week_start ELSE d.effective_date END AS unit_date,
        CAST(SUM(d.residual) AS money) AS residual
    FROM day AS d
    LEFT JOIN level AS l
        ON
            l.account_id = d.account_id
            AND l.currency = d.currency
            AND l.week_start = d.week_start
    GROUP BY 1, 2, 3
),

explained AS (
    SELECT
        f.account_id,
        f.currency,
        CASE WHEN l.level = 'week' THEN f.week_start ELSE f.effective_date END AS unit_date,
        SUM(f.effect) AS effect
    FROM finding AS f
    INNER JOIN ruled.kind AS k ON k.rule = f.rule AND k.is_of_rows
    LEFT JOIN level AS l
        ON
            l.account_id = f.account_id
            AND l.currency = f.currency
            AND l.week_start = f.week_start
    WHERE f.effective_date IS NOT NULL AND f.effect IS NOT NULL
    GROUP BY 1, 2, 3
)

SELECT
    COALESCE(r.account_id, x.account_id) AS account_id,
    COALESCE(r.currency, x.currency) AS currency,
    COALESCE(r.unit_date, x.unit_date) AS effective_date,
    COALESCE(r.residual, 0) AS residual,
    COALESCE(x.effect, 0) AS explained
FROM residual AS r
FULL OUTER JOIN explained AS x
    ON x.account_id = r.account_id AND x.currency = r.currency AND x.unit_date = r.unit_date
WHERE COALESCE(r.residual, 0) <> COALESCE(x.effect, 0)
ORDER BY 1, 2, 3
