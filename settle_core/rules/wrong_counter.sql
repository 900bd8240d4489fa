-- /// rule
-- title      = "A counter-entry has another amount than was owed"
-- severity   = "high"
-- population = "late_counter"
-- reads      = ["replay"]
-- since      = "0.1.0"
-- ///
--
-- Something was owed, but its writer had not seen all counter-entries posted before, and posted
-- what would have been right without them.
--
-- /// example
-- name  = "the second job did not see the first job's counter-entry"
-- finds = ["5"]
-- entry = '''
-- entry_id  account_id  effective_date   amount  kind     recorded_at                  job_id
-- 1         7           2026-01-06        10.00  entry    2026-01-06T09:00:00Z         -
-- 2         7           2026-01-06         4.00  entry    2026-01-13T09:00:00.000Z     j1
-- 3         7           2026-01-06         1.00  entry    2026-01-13T09:00:00.004Z     j2
-- 4         7           2026-01-06        -4.00  counter  2026-01-13T09:00:00.020Z     j1
-- 5         7           2026-01-06        -5.00  counter  2026-01-13T09:00:00.036Z     j2
-- '''
-- settlement = '''
-- account_id  week_start  settled_amount  settled_at
-- 7           2026-01-05           10.00  2026-01-12T03:00:00Z
-- '''
-- ///
--
-- /// example
-- name  = "the second job saw it"
-- finds = []
-- entry = '''
-- entry_id  account_id  effective_date   amount  kind     recorded_at                  job_id
-- 1         7           2026-01-06        10.00  entry    2026-01-06T09:00:00Z         -
-- 2         7           2026-01-06         4.00  entry    2026-01-13T09:00:00.000Z     j1
-- 3         7           2026-01-06         1.00  entry    2026-01-13T09:00:00.004Z     j2
-- 4         7           2026-01-06        -4.00  counter  2026-01-13T09:00:00.020Z     j1
-- 5         7           2026-01-06        -1.00  counter  2026-01-13T09:00:00.036Z     j2
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
WHERE role = 'wrong'
