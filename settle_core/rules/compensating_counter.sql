-- /// rule
-- title      = "A counter-entry took an earlier wrong one back"
-- severity   = "info"
-- population = "late_counter"
-- reads      = ["replay"]
-- since      = "0.1.0"
-- ///
--
-- Its writer saw the true sum, but of a day that was wrong already, and so brought it back. It
-- masks the earlier break: the sum shows nothing any more, while both entries stand in the
-- account.
--
-- /// example
-- name  = "the next late entry's counter-entry absorbed the doubled one"
-- finds = ["7"]
-- entry = '''
-- entry_id  account_id  effective_date   amount  kind     recorded_at                  job_id
-- 1         7           2026-01-06        10.00  entry    2026-01-06T09:00:00Z         -
-- 2         7           2026-01-06         4.00  entry    2026-01-13T09:00:00.000Z     j1
-- 3         7           2026-01-06         1.00  entry    2026-01-13T09:00:00.004Z     j1
-- 4         7           2026-01-06        -5.00  counter  2026-01-13T09:00:00.020Z     j1
-- 5         7           2026-01-06        -5.00  counter  2026-01-13T09:00:00.036Z     j1
-- 6         7           2026-01-06         2.00  entry    2026-01-13T09:00:30.000Z     j2
-- 7         7           2026-01-06         3.00  counter  2026-01-13T09:00:30.010Z     j2
-- '''
-- settlement = '''
-- account_id  week_start  settled_amount  settled_at
-- 7           2026-01-05           10.00  2026-01-12T03:00:00Z
-- '''
-- ///
--
-- /// example
-- name  = "there was nothing to take back"
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
WHERE role = 'compensating'
