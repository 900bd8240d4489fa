-- /// rule
-- title      = "A counter-entry was posted before the late entry that it answers"
-- severity   = "medium"
-- breaks     = "counter"
-- population = "late_counter"
-- reads      = ["judged_break", "stray"]
-- since      = "0.1.0"
-- ///
--
-- Nothing was owed when it was written; later a late entry of just that amount came, to its day or,
-- where weeks are what is balanced, its week, and nothing else answered it. That is even again, so
-- it is masked: it was off from the one to the other.
--
-- /// example
-- name  = "the counter-entry came a minute before its entry"
-- finds = ["2"]
-- entry = '''
-- entry_id  account_id  effective_date   amount  kind     recorded_at                  job_id
-- 1         7           2026-01-06        10.00  entry    2026-01-06T09:00:00Z         -
-- 2         7           2026-01-06        -4.00  counter  2026-01-13T09:00:00.000Z     j1
-- 3         7           2026-01-06         4.00  entry    2026-01-13T09:01:00.000Z     j1
-- '''
-- settlement = '''
-- account_id  week_start  settled_amount  settled_at
-- 7           2026-01-05           10.00  2026-01-12T03:00:00Z
-- '''
-- ///
--
-- /// example
-- name  = "it came after"
-- finds = []
-- entry = '''
-- entry_id  account_id  effective_date   amount  kind     recorded_at                  job_id
-- 1         7           2026-01-06        10.00  entry    2026-01-06T09:00:00Z         -
-- 2         7           2026-01-06         4.00  entry    2026-01-13T09:00:00.000Z     j1
-- 3         7           2026-01-06        -4.00  counter  2026-01-13T09:01:00.000Z     j1
-- '''
-- settlement = '''
-- account_id  week_start  settled_amount  settled_at
-- 7           2026-01-05           10.00  2026-01-12T03:00:00Z
-- '''
-- ///
SELECT
    r.* EXCLUDE (role) REPLACE (
        r.amount AS expected_amount,
        CAST(0 AS money) AS effect,
        'Counter-entry ' || CAST(r.amount AS VARCHAR) || ' was there before late entry '
        || s.answers_id || ', which it answers: nothing was owed when it was written.'
            AS explanation
    )
FROM judged_break AS r
INNER JOIN stray AS s ON s.entry_id = r.entry_id AND s.stray_kind = 'early'
