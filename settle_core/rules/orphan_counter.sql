-- /// rule
-- title      = "A counter-entry answers nothing"
-- severity   = "high"
-- population = "late_counter"
-- reads      = ["replay"]
-- since      = "0.1.0"
-- ///
--
-- Nothing was owed, and no set of earlier rows that its writer might have missed explains its amount.
--
-- /// example
-- name  = "no late entry came before it"
-- finds = ["2"]
-- entry = '''
-- entry_id  account_id  effective_date   amount  kind     recorded_at                  job_id
-- 1         7           2026-01-06        10.00  entry    2026-01-06T09:00:00Z         -
-- 2         7           2026-01-06        -7.00  counter  2026-01-13T09:00:00.000Z     j1
-- '''
-- settlement = '''
-- account_id  week_start  settled_amount  settled_at
-- 7           2026-01-05           10.00  2026-01-12T03:00:00Z
-- '''
-- ///
--
-- /// example
-- name  = "it answers a late entry"
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
    account_id,
    currency,
    week_start,
    effective_date,
    entry_id,
    amount,
    expected_amount,
    effect,
    status,
    cause,
    evidence,
    unseen_entry_ids,
    job_id,
    recorded_at,
    explanation
FROM replay
WHERE role = 'orphan'
