-- /// rule
-- title      = "A counter-entry has the right amount in the wrong place"
-- severity   = "high"
-- breaks     = "counter"
-- population = "late_counter"
-- reads      = ["judged_break", "stray", "stray_again", "stray_place"]
-- since      = "0.1.0"
-- ///
--
-- It answers nothing where it stands, and has the amount that a late entry of another day, week or
-- account was owed, or several together that were recorded in a row or by one job; or it is one of
-- several rows of an answer. They are one break: what the entry's own day is off by,
-- answered_elsewhere tells. In the same week they even out. A counter-entry of a week that is open,
-- or that was settled with it, puts that week off by nothing, and so has no effect there. Where the
-- entry's own day was answered as well, nothing is open in it, and it is masked.
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
WITH in_time AS (
    SELECT
        s.entry_id,
        CASE
            WHEN BOOL_OR(r.status = 'open') THEN 'open'
            WHEN BOOL_OR(r.status = 'masked') THEN 'masked'
            ELSE MIN(r.status)
        END AS status
    FROM stray AS s
    INNER JOIN judged_break AS r ON r.entry_id = s.answers_id
    WHERE s.is_in_time
    GROUP BY s.entry_id
)

SELECT
    r.* EXCLUDE (role) REPLACE (
        'Expected 0.00 here, found ' || CAST(r.amount AS VARCHAR) || ': it is ' || p.answered
        || '.' || CASE WHEN p.is_same_week THEN ' Their week is even all the same.' ELSE '' END
            AS explanation
    )
FROM judged_break AS r
INNER JOIN stray_place AS p ON p.entry_id = r.entry_id

UNION ALL BY NAME

SELECT
    p.answers_account_id AS account_id,
    p.currency,
    p.answers_week AS week_start,
    p.effective_date,
    p.entry_id,
    p.amount,
    p.amount AS expected_amount,
    CAST(0 AS money) AS effect,
    t.status,
    'unknown' AS cause,
    'undetermined' AS evidence,
    '' AS unseen_entry_ids,
    '' AS other_causes,
    p.job_id,
    p.recorded_at,
    'Counter-entry ' || CAST(p.amount AS VARCHAR) || ' stands in ' || p.stands_in
    || CASE
        WHEN p.account_id = p.answers_account_id THEN '' ELSE ', of account ' || p.account_id
    END
    || ': it is ' || p.answered || '.'
    || CASE WHEN t.status = 'accepted' THEN ' That was put right.' ELSE '' END AS explanation
FROM stray_place AS p
INNER JOIN in_time AS t ON t.entry_id = p.entry_id
WHERE p.is_in_time

UNION ALL BY NAME

SELECT *
FROM stray_again
