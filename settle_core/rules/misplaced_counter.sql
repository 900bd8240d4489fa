-- /// rule
-- title      = "A counter-entry has the right amount in the wrong place"
-- severity   = "high"
-- breaks     = "counter"
-- population = "late_counter"
-- reads      = ["judged_break", "stray"]
-- since      = "0.1.0"
-- ///
--
-- It answers nothing where it stands, and has the amount that a late entry of another day, week or
-- account was owed. That entry is an uncountered_entry of its own: both places are off.
--
-- /// example
-- name  = "the counter-entry went to the day after"
-- finds = ["3"]
-- entry = '''
-- entry_id  account_id  effective_date   amount  kind     recorded_at                  job_id
-- 1         7           2026-01-06        10.00  entry    2026-01-06T09:00:00Z         -
-- 2         7           2026-01-06         4.00  entry    2026-01-13T09:00:00.000Z     j1
-- 3         7           2026-01-07        -4.00  counter  2026-01-13T09:00:00.010Z     j1
-- 6         8           2026-01-09         2.00  entry    2026-01-13T09:20:00.000Z     j3
-- 7         8           2026-01-08         3.00  entry    2026-01-13T09:20:00.001Z     j3
-- 8         8           2026-01-09        -2.00  counter  2026-01-13T09:20:00.010Z     j3
-- 9         8           2026-01-08        -3.00  counter  2026-01-13T09:20:00.011Z     j3
-- '''
-- settlement = '''
-- account_id  week_start  settled_amount  settled_at
-- 7           2026-01-05           10.00  2026-01-12T03:00:00Z
-- 8           2026-01-05            0.00  2026-01-12T03:00:00Z
-- '''
-- ///
--
-- /// example
-- name  = "it stands on the day of its entry"
-- finds = []
-- entry = '''
-- entry_id  account_id  effective_date   amount  kind     recorded_at                  job_id
-- 1         7           2026-01-06        10.00  entry    2026-01-06T09:00:00Z         -
-- 2         7           2026-01-06         4.00  entry    2026-01-13T09:00:00.000Z     j1
-- 3         7           2026-01-06        -4.00  counter  2026-01-13T09:00:00.010Z     j1
-- '''
-- settlement = '''
-- account_id  week_start  settled_amount  settled_at
-- 7           2026-01-05           10.00  2026-01-12T03:00:00Z
-- '''
-- ///
SELECT
    r.* EXCLUDE (role) REPLACE (
        'Expected 0.00, found ' || CAST(r.amount AS VARCHAR)
        || ': it has the amount that late entry ' || s.answers_id || ' of account '
        || s.answers_account_id || ' was owed on ' || CAST(s.answers_date AS VARCHAR) || '.'
            AS explanation
    )
FROM judged_break AS r
INNER JOIN stray AS s ON s.entry_id = r.entry_id AND s.stray_kind = 'misplaced'
