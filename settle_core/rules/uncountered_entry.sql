-- /// rule
-- title      = "A late entry was never answered"
-- severity   = "high"
-- breaks     = "entry"
-- population = "late_entry"
-- reads      = ["judged_break", "stray"]
-- since      = "0.1.0"
-- ///
--
-- No counter-entry came after it (under the delta policy: none answers it). It is pending while
-- it is younger than the profile's grace_minutes at as_of. Late entries that cancel out are owed
-- nothing.
--
-- /// example
-- name  = "its job was lost"
-- finds = ["2"]
-- entry = '''
-- entry_id  account_id  effective_date   amount  kind     recorded_at                  job_id
-- 1         7           2026-01-06        10.00  entry    2026-01-06T09:00:00Z         -
-- 2         7           2026-01-06         4.00  entry    2026-01-13T09:00:00.000Z     j1
-- 3         7           2026-01-07         1.00  entry    2026-01-13T12:00:00Z         j2
-- 4         7           2026-01-07        -1.00  counter  2026-01-13T12:00:01Z         j2
-- '''
-- settlement = '''
-- account_id  week_start  settled_amount  settled_at
-- 7           2026-01-05           10.00  2026-01-12T03:00:00Z
-- '''
-- ///
--
-- /// example
-- name  = "the late entries cancel out"
-- finds = []
-- entry = '''
-- entry_id  account_id  effective_date   amount  kind     recorded_at                  job_id
-- 1         7           2026-01-06        10.00  entry    2026-01-06T09:00:00Z         -
-- 2         7           2026-01-06         4.00  entry    2026-01-13T09:00:00.000Z     j1
-- 3         7           2026-01-06        -4.00  entry    2026-01-13T09:00:00.010Z     j1
-- 4         7           2026-01-07         1.00  entry    2026-01-13T12:00:00Z         j2
-- 5         7           2026-01-07        -1.00  counter  2026-01-13T12:00:01Z         j2
-- '''
-- settlement = '''
-- account_id  week_start  settled_amount  settled_at
-- 7           2026-01-05           10.00  2026-01-12T03:00:00Z
-- '''
-- ///
SELECT
    r.* EXCLUDE (role) REPLACE (
        CASE WHEN s.entry_id IS NULL THEN r.cause ELSE 'unknown' END AS cause,
        CASE WHEN s.entry_id IS NULL THEN r.evidence ELSE 'undetermined' END AS evidence,
        r.explanation
        || COALESCE(
            ' Counter-entry ' || s.entry_id || ' has that amount, but stands elsewhere.', ''
        )
            AS explanation,
        CASE WHEN s.entry_id IS NULL THEN r.other_causes ELSE '' END AS other_causes
    )
FROM judged_break AS r
LEFT JOIN stray AS s ON s.answers_id = r.entry_id
WHERE r.role = 'uncountered' AND COALESCE(s.stray_kind, '') <> 'early'
