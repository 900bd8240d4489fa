-- /// rule
-- title      = "A counter-entry was posted where nothing was owed"
-- severity   = "high"
-- population = "late_counter"
-- reads      = ["replay"]
-- since      = "0.1.0"
-- ///
--
-- Every late entry before it was answered already, and the writer did not see that answer: a
-- cached or pinned read, a race, or a job that ran twice. Equal amounts alone prove nothing: two
-- late entries of one amount rightly have two counter-entries of one amount.
-- Source: design, section 5; the recorded runs in data/rails.
--
-- /// example
-- name  = "both late entries were answered, and then again from the cached sum"
-- finds = ["5"]
-- entry = '''
-- entry_id  account_id  effective_date   amount  kind     recorded_at                  job_id
-- 1         7           2026-01-06        10.00  entry    2026-01-06T09:00:00Z         -
-- 2         7           2026-01-06         4.00  entry    2026-01-13T09:00:00.000Z     j1
-- 3         7           2026-01-06         1.00  entry    2026-01-13T09:00:00.004Z     j1
-- 4         7           2026-01-06        -5.00  counter  2026-01-13T09:00:00.020Z     j1
-- 5         7           2026-01-06        -5.00  counter  2026-01-13T09:00:00.036Z     j1
-- '''
-- settlement = '''
-- account_id  week_start  settled_amount  settled_at
-- 7           2026-01-05           10.00  2026-01-12T03:00:00Z
-- '''
-- ///
--
-- /// example
-- name  = "two late entries of one amount have a counter-entry each"
-- finds = []
-- entry = '''
-- entry_id  account_id  effective_date   amount  kind     recorded_at                  job_id
-- 1         7           2026-01-06        10.00  entry    2026-01-06T09:00:00Z         -
-- 2         7           2026-01-06         4.00  entry    2026-01-13T09:00:00.000Z     j1
-- 3         7           2026-01-06        -4.00  counter  2026-01-13T09:00:00.010Z     j1
-- 4         7           2026-01-06         4.00  entry    2026-01-13T09:00:30.000Z     j2
-- 5         7           2026-01-06        -4.00  counter  2026-01-13T09:00:30.010Z     j2
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
WHERE role = 'duplicate'
