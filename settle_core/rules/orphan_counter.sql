-- /// rule
-- title      = "A counter-entry answers nothing"
-- severity   = "high"
-- population = "late_counter"
-- reads      = ["replay", "stray"]
-- since      = "0.1.0"
-- ///
--
-- Nothing was owed, and no set of earlier rows that its writer might have missed explains its
-- amount. One that fits a late entry elsewhere, or later, is misplaced_counter or early_counter.
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
    r.account_id,
    r.currency,
    r.week_start,
    r.effective_date,
    r.entry_id,
    r.amount,
    r.expected_amount,
    r.effect,
    r.status,
    r.cause,
    r.evidence,
    r.unseen_entry_ids,
    r.job_id,
    r.recorded_at,
    r.explanation
FROM replay AS r
LEFT JOIN stray AS s ON s.entry_id = r.entry_id
WHERE r.role = 'orphan' AND s.entry_id IS NULL
