-- /// rule
-- title      = "The counter-entry of a late entry stands elsewhere"
-- severity   = "info"
-- breaks     = "entry"
-- effect     = "opposite"
-- population = "late_entry"
-- reads      = ["judged_break", "stray"]
-- since      = "0.2.0"
-- ///
--
-- The other half of a misplaced_counter, which is the break: by this much the entry's own day is
-- off. To post another counter-entry here would post the same money twice, so the corrections of
-- the two go together. Several late entries may have one counter-entry.
--
-- /// example
-- name  = "the counter-entry went to the day after"
-- finds = ["2"]
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
WITH answer AS (
    SELECT
        answers_id,
        LIST(entry_id ORDER BY entry_id) AS ids,
        ANY_VALUE(account_id) AS account_id,
        ANY_VALUE(effective_date) AS effective_date
    FROM stray
    WHERE stray_kind = 'misplaced'
    GROUP BY answers_id
)

SELECT
    r.* EXCLUDE (role) REPLACE (
        'unknown' AS cause,
        'undetermined' AS evidence,
        '' AS other_causes,
        CASE WHEN LEN(s.ids) = 1 THEN 'Its counter-entry is ' ELSE 'Its counter-entries are ' END
        || ARRAY_TO_STRING(s.ids, ', ')
        || CASE WHEN s.account_id = r.account_id THEN '' ELSE ' of account ' || s.account_id END
        || ' on ' || CAST(s.effective_date AS VARCHAR) || ', see there.'
        || CASE WHEN r.status = 'accepted' THEN ' Put right by a correction.' ELSE '' END
            AS explanation
    )
FROM judged_break AS r
INNER JOIN answer AS s ON s.answers_id = r.entry_id
WHERE r.role = 'uncountered'
