-- /// rule
-- title      = "The settled amount was not the week's sum when it was settled"
-- severity   = "high"
-- breaks     = "week"
-- population = "told_week"
-- reads      = ["told_week", "reckoned_mismatch"]
-- plain_weeks = "hold"
-- since      = "0.1.0"
-- ///
--
-- The rows recorded by settled_at do not add up to settled_amount: the settlement read another
-- state, or rows were changed, removed or backdated since.
--
-- /// example
-- name  = "a cent was missing"
-- finds = ["7/2026-01-05"]
-- entry = '''
-- entry_id  account_id  effective_date   amount  kind     recorded_at                  job_id
-- 1         7           2026-01-06         9.99  entry    2026-01-06T09:00:00Z         -
-- '''
-- settlement = '''
-- account_id  week_start  settled_amount  settled_at
-- 7           2026-01-05           10.00  2026-01-12T03:00:00Z
-- '''
-- ///
--
-- /// example
-- name  = "the sum was settled"
-- finds = []
-- entry = '''
-- entry_id  account_id  effective_date   amount  kind     recorded_at                  job_id
-- 1         7           2026-01-06        10.00  entry    2026-01-06T09:00:00Z         -
-- 2         7           2026-01-06        -0.60  entry    2026-01-13T09:00:00.000Z     j1
-- 3         7           2026-01-06         0.60  counter  2026-01-13T09:00:00.010Z     j1
-- '''
-- settlement = '''
-- account_id  week_start  settled_amount  settled_at
-- 7           2026-01-05           10.00  2026-01-12T03:00:00Z
-- '''
-- ///
SELECT
    CAST(w.account_id AS VARCHAR) AS account_id,
    w.currency,
    w.week_start,
    w.settled_sum AS amount,
    w.settled_amount AS expected_amount,
    CAST(w.settled_sum - w.settled_amount AS money) AS effect,
    COALESCE(r.status, 'open') AS status,
    'Settled at ' || CAST(w.settled_amount AS VARCHAR)
    || ', but the rows recorded by then add up to ' || CAST(w.settled_sum AS VARCHAR)
    || ': off by ' || CAST(w.settled_sum - w.settled_amount AS VARCHAR) || '.'
    || COALESCE(r.note, '') AS explanation
FROM told_week AS w
LEFT JOIN reckoned_mismatch AS r
    ON
        r.account_id = CAST(w.account_id AS VARCHAR)
        AND r.currency = w.currency
        AND r.week_start = w.week_start
WHERE w.settled_sum <> w.settled_amount
