-- /// rule
-- title      = "A settled week stood off its settled amount for long"
-- severity   = "info"
-- breaks     = "told"
-- population = "late_entry"
-- reads      = ["walk", "late_day", "replay"]
-- plain_weeks = "hold"
-- since      = "0.1.0"
-- [params]
-- hours_max = 24
-- ///
--
-- The late entry was answered, or cancelled, but more than hours_max after it was recorded: so long
-- its week was off by its amount. Nothing is off any more, so that the effect is zero, and no
-- verdict changes. One that nothing answers is for uncountered_entry.
--
-- /// example
-- name  = "answered two days later"
-- finds = ["2"]
-- entry = '''
-- entry_id  account_id  effective_date   amount  kind     recorded_at                  job_id
-- 1         7           2026-01-06        10.00  entry    2026-01-06T09:00:00Z         -
-- 2         7           2026-01-06         4.00  entry    2026-01-13T09:00:00Z         j1
-- 3         7           2026-01-06        -4.00  counter  2026-01-15T10:30:00Z         j1
-- '''
-- settlement = '''
-- account_id  week_start  settled_amount  settled_at
-- 7           2026-01-05           10.00  2026-01-12T03:00:00Z
-- '''
-- ///
-- /// example
-- name  = "answered at once"
-- finds = []
-- entry = '''
-- entry_id  account_id  effective_date   amount  kind     recorded_at                  job_id
-- 1         7           2026-01-06        10.00  entry    2026-01-06T09:00:00Z         -
-- 2         7           2026-01-06         4.00  entry    2026-01-13T09:00:00.000Z     j1
-- 3         7           2026-01-06        -4.00  counter  2026-01-13T09:00:00.020Z     j1
-- 4         7           2026-01-06         1.00  entry    2026-01-16T09:00:00.000Z     j2
-- 5         7           2026-01-06        -1.00  counter  2026-01-16T09:00:00.020Z     j2
-- '''
-- settlement = '''
-- account_id  week_start  settled_amount  settled_at
-- 7           2026-01-05           10.00  2026-01-12T03:00:00Z
-- '''
-- ///
WITH long_week AS (
    SELECT account_id, currency, week_start
    FROM walk
    GROUP BY account_id, currency, week_start
    HAVING DATE_DIFF('microsecond', MIN(recorded_at), MAX(recorded_at)) > 3600000000 * $hours_max
),

-- From each row on: the next counter-entry of its day, or an even day; an even week; the
-- counter-entry that pairs with it, which counts where each late entry has one of its own.
onward AS (
    SELECT
        w.*,
        MIN(CASE WHEN w.kind = 'counter' OR w.day_residual = 0 THEN w.recorded_at END)
            OVER (by_day ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS day_at,
        MIN(CASE WHEN w.week_residual = 0 THEN w.recorded_at END)
            OVER (by_week ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING) AS week_at,
        MIN(CASE WHEN w.kind = 'counter' THEN w.recorded_at END) OVER (
            PARTITION BY
                w.account_id, w.currency, w.effective_date, w.pair_number,
                CASE WHEN w.kind = 'counter' THEN -w.amount ELSE w.amount END
        ) AS pair_at
    FROM walk AS w
    INNER JOIN long_week USING (account_id, currency, week_start)
    WINDOW
        by_day AS (
            PARTITION BY w.account_id, w.currency, w.effective_date
            ORDER BY w.recorded_at, w.kind DESC, w.entry_id
        ),
        by_week AS (
            PARTITION BY w.account_id, w.currency, w.week_start
            ORDER BY w.recorded_at, w.kind DESC, w.entry_id
        )
),
even AS (
    SELECT
        o.*,
        LEAST(week_at, CASE WHEN delta_holds AND NOT sum_holds THEN pair_at ELSE day_at END)
            AS even_at
    FROM onward AS o
    INNER JOIN late_day AS d USING (account_id, currency, effective_date)
    WHERE o.kind = 'entry' AND o.amount <> 0
)

SELECT
    CAST(e.account_id AS VARCHAR) AS account_id,
    e.currency,
    e.week_start,
    e.effective_date,
    CAST(e.entry_id AS VARCHAR) AS entry_id,
    e.amount,
    e.amount AS expected_amount,
    CAST(0 AS money) AS effect,
    e.job_id,
    e.recorded_at,
    'Its week stood off its settled amount by ' || CAST(e.amount AS VARCHAR) || ' for '
    || CAST(ROUND(DATE_DIFF('minute', e.recorded_at, e.even_at) / 60.0, 1) AS VARCHAR)
    || ' hours, until ' || LEFT(CAST(e.even_at AS VARCHAR), 19) || ' UTC.' AS explanation
FROM even AS e
LEFT JOIN replay AS r ON r.entry_id = CAST(e.entry_id AS VARCHAR) AND r.role = 'uncountered'
WHERE
    r.entry_id IS NULL
    AND DATE_DIFF('microsecond', e.recorded_at, e.even_at) > 3600000000 * $hours_max
