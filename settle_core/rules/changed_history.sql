-- /// rule
-- title      = "Rows of a settled week were edited or slipped in since an earlier export"
-- severity   = "high"
-- breaks     = "told"
-- population = "previous_entry"
-- reads      = ["history_change", "reckoned_mismatch"]
-- since      = "0.1.0"
-- ///
--
-- A settled week's rows must stay as they are. Edited: the same id with another account, day,
-- amount, kind or instant. Added: a row that claims to have been recorded before the earlier
-- export was made, which does not have it. Not applicable without --previous.
--
-- /// example
-- name  = "an amount was edited"
-- finds = ["7/2026-01-05"]
-- entry = '''
-- entry_id  account_id  effective_date   amount  kind     recorded_at                  job_id
-- 1         7           2026-01-06         4.00  entry    2026-01-06T09:00:00Z         -
-- 2         7           2026-01-07         5.00  entry    2026-01-07T09:00:00Z         -
-- 3         7           2026-01-20         1.00  entry    2026-01-20T09:00:00Z         -
-- '''
-- settlement = '''
-- account_id  week_start  settled_amount  settled_at
-- 7           2026-01-05           10.00  2026-01-12T03:00:00Z
-- '''
-- previous = '''
-- entry_id  account_id  effective_date   amount  kind     recorded_at                  job_id
-- 1         7           2026-01-06         4.00  entry    2026-01-06T09:00:00Z         -
-- 2         7           2026-01-07         6.00  entry    2026-01-07T09:00:00Z         -
-- '''
-- ///
--
-- /// example
-- name  = "a late entry came since"
-- finds = []
-- entry = '''
-- entry_id  account_id  effective_date   amount  kind     recorded_at                  job_id
-- 1         7           2026-01-06         4.00  entry    2026-01-06T09:00:00Z         -
-- 2         7           2026-01-07         6.00  entry    2026-01-07T09:00:00Z         -
-- 3         7           2026-01-07         1.00  entry    2026-01-20T09:00:00Z         -
-- '''
-- settlement = '''
-- account_id  week_start  settled_amount  settled_at
-- 7           2026-01-05           10.00  2026-01-12T03:00:00Z
-- '''
-- previous = '''
-- entry_id  account_id  effective_date   amount  kind     recorded_at                  job_id
-- 1         7           2026-01-06         4.00  entry    2026-01-06T09:00:00Z         -
-- 2         7           2026-01-07         6.00  entry    2026-01-07T09:00:00Z         -
-- '''
-- ///
WITH week AS (
    SELECT
        account_id,
        currency,
        week_start,
        CAST(SUM(old_amount) AS money) AS old_amount,
        CAST(SUM(new_amount) AS money) AS new_amount,
        CAST(COUNT(*) AS BIGINT) AS changes,
        STRING_AGG(
            change || CASE WHEN entry_id = '' THEN '' ELSE ' ' || entry_id END
            || CASE WHEN note = '' THEN '' ELSE ' (' || note || ')' END,
            ', ' ORDER BY change, entry_id
        ) AS told
    FROM history_change
    WHERE change IN ('edited', 'added', 'settlement edited')
    GROUP BY account_id, currency, week_start
)

SELECT
    w.account_id,
    w.currency,
    w.week_start,
    w.new_amount AS amount,
    w.old_amount AS expected_amount,
    CAST(w.new_amount - w.old_amount AS money) AS effect,
    CASE WHEN r.status = 'accepted' THEN 'accepted' ELSE 'open' END AS status,
    'Since the earlier export: ' || w.told || '. These came to ' || CAST(w.old_amount AS VARCHAR)
    || ' then and come to ' || CAST(w.new_amount AS VARCHAR) || ' now.'
    || CASE WHEN r.status = 'accepted' THEN r.note ELSE '' END AS explanation
FROM week AS w
LEFT JOIN reckoned_mismatch AS r
    ON r.account_id = w.account_id AND r.currency = w.currency AND r.week_start = w.week_start
