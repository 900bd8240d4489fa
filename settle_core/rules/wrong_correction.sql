-- /// rule
-- title      = "A correction puts nothing right"
-- severity   = "high"
-- breaks     = "entry"
-- population = "settled_week"
-- reads      = ["reckoned_correction"]
-- since      = "0.2.0"
-- ///
--
-- A row of kind correction, recorded after the settlement, is countered by nothing: it has to be
-- minus what was off before it, of its day or week. This one is minus nothing that was, so that the
-- week is off by its whole amount. Some systems call a clerk's own postings corrections.
--
-- /// example
-- name  = "a clerk posted to a settled week"
-- finds = ["2"]
-- entry = '''
-- entry_id  account_id  effective_date   amount  kind        recorded_at                  job_id
-- 1         7           2026-01-06        10.00  entry       2026-01-06T09:00:00Z         -
-- 2         7           2026-01-06        75.00  correction  2026-01-13T09:00:00.000Z     clerk
-- '''
-- settlement = '''
-- account_id  week_start  settled_amount  settled_at
-- 7           2026-01-05           10.00  2026-01-12T03:00:00Z
-- '''
-- ///
--
-- /// example
-- name  = "it takes a second counter-entry back"
-- finds = []
-- entry = '''
-- entry_id  account_id  effective_date   amount  kind        recorded_at                  job_id
-- 1         7           2026-01-06        10.00  entry       2026-01-06T09:00:00Z         -
-- 2         7           2026-01-06         4.00  entry       2026-01-13T09:00:00.000Z     j1
-- 3         7           2026-01-06        -4.00  counter     2026-01-13T09:00:00.020Z     j1
-- 4         7           2026-01-06        -4.00  counter     2026-01-13T09:00:00.036Z     j1
-- 5         7           2026-01-06         4.00  correction  2026-01-14T09:00:00.000Z     -
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
    CAST(0 AS money) AS expected_amount,
    amount AS effect,
    status,
    job_id,
    recorded_at,
    'Expected 0.00, found ' || CAST(amount AS VARCHAR)
    || ': nothing that was off before it comes to minus this correction.' || note AS explanation
FROM reckoned_correction
