-- /// rule
-- title      = "A week was settled more than once"
-- severity   = "medium"
-- breaks     = "told"
-- population = "settled_week"
-- reads      = ["repeated_settlement", "settlement", "scope"]
-- since      = "0.1.0"
-- ///
--
-- Each account's week and currency has one settlement. Where there are more, the week is held to
-- the last one whose amount is what was recorded by then, else to the first one; effect is what the
-- last one adds to the first one. Between two amounts only the business can decide: no correction
-- is proposed for such a week.
--
-- /// example
-- name  = "the settlement ran twice"
-- finds = ["7/2026-01-05"]
-- entry = '''
-- entry_id  account_id  effective_date   amount  kind     recorded_at                  job_id
-- 1         7           2026-01-06        10.00  entry    2026-01-06T09:00:00Z         -
-- '''
-- settlement = '''
-- account_id  week_start  settled_amount  settled_at
-- 7           2026-01-05           10.00  2026-01-12T03:00:00Z
-- 7           2026-01-05           10.00  2026-01-12T03:05:00Z
-- '''
-- ///
--
-- /// example
-- name  = "it ran once"
-- finds = []
-- entry = '''
-- entry_id  account_id  effective_date   amount  kind     recorded_at                  job_id
-- 1         7           2026-01-06        10.00  entry    2026-01-06T09:00:00Z         -
-- '''
-- settlement = '''
-- account_id  week_start  settled_amount  settled_at
-- 7           2026-01-05           10.00  2026-01-12T03:00:00Z
-- '''
-- ///
WITH last_one AS (
    SELECT
        r.account_id,
        r.currency,
        r.week_start,
        r.times,
        MIN_BY(s.settled_amount, ROW(s.settled_at, s.settled_amount)) AS first_amount,
        MAX_BY(s.settled_amount, ROW(s.settled_at, s.settled_amount)) AS last_amount,
        COUNT(DISTINCT s.settled_amount) > 1 AS is_contradictory
    FROM repeated_settlement AS r
    INNER JOIN settlement AS s
        ON
            s.account_id = r.account_id
            AND s.currency = r.currency
            AND s.week_start = r.week_start
    GROUP BY r.account_id, r.currency, r.week_start, r.times
)

SELECT
    CAST(r.account_id AS VARCHAR) AS account_id,
    r.currency,
    r.week_start,
    CAST(r.last_amount AS money) AS amount,
    CAST(r.first_amount AS money) AS expected_amount,
    CAST(r.last_amount - r.first_amount AS money) AS effect,
    'Settled ' || CAST(r.times AS VARCHAR) || ' times: first at '
    || CAST(r.first_amount AS VARCHAR) || ', last at ' || CAST(r.last_amount AS VARCHAR) || '.'
    || CASE
        WHEN r.is_contradictory
            THEN
                ' Which of them counts is not in the data. Here the week is held to '
                || CAST(w.settled_amount AS VARCHAR) || ', and no correction is proposed for it.'
        ELSE ''
    END AS explanation
FROM last_one AS r
INNER JOIN scope AS w
    ON
        w.account_id = r.account_id
        AND w.currency = r.currency
        AND w.week_start = r.week_start
