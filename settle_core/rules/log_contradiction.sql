-- /// rule
-- title      = "The log and the ledger tell different things of a row"
-- severity   = "info"
-- breaks     = "told"
-- population = "log_contradiction"
-- reads      = ["log_contradiction"]
-- since      = "0.1.0"
-- ///
--
-- Where logs are given and are whole for their time: a row of the ledger without an INSERT in the
-- log, a committed INSERT whose row is not in the ledger, or one of another amount. Of a log in
-- which anything else is missing nothing is said: what is lost looks the same. It changes no sum:
-- the ledger is what is audited, and the log says where to ask further.
--
-- /// example
-- name  = "a counter-entry that the log does not know"
-- finds = ["4"]
-- entry = '''
-- entry_id  account_id  effective_date   amount  kind     recorded_at                  job_id
-- 1         7           2026-01-05        10.00  entry    2026-01-05T09:00:00Z         -
-- 2         7           2026-01-06         5.00  entry    2026-01-13T09:00:05Z         -
-- 3         7           2026-01-06        -5.00  counter  2026-01-13T09:00:10Z         -
-- 4         7           2026-01-06        -2.00  counter  2026-01-13T09:00:20Z         -
-- 5         7           2026-01-13         1.00  entry    2026-01-13T09:00:30Z         -
-- '''
-- settlement = '''
-- account_id  week_start  settled_amount  settled_at
-- 7           2026-01-05           10.00  2026-01-12T03:00:00Z
-- '''
-- log = """
-- 2026-01-13 09:00:05.000 UTC [7] LOG:  statement: INSERT INTO entry
--   (account_id, effective_date, amount, kind)
--   VALUES (7, '2026-01-06', 5.00, 'entry')
-- 2026-01-13 09:00:05.000 UTC [7] LOG:  duration: 0.3 ms
-- 2026-01-13 09:00:09.000 UTC [7] LOG:  statement: SELECT SUM(amount) FROM entry
--   WHERE account_id = 7 AND effective_date = '2026-01-06'
-- 2026-01-13 09:00:09.000 UTC [7] LOG:  duration: 0.2 ms
-- 2026-01-13 09:00:10.000 UTC [7] LOG:  statement: INSERT INTO entry
--   (account_id, effective_date, amount, kind)
--   VALUES (7, '2026-01-06', -5.00, 'counter')
-- 2026-01-13 09:00:10.000 UTC [7] LOG:  duration: 0.3 ms
-- 2026-01-13 09:00:30.000 UTC [7] LOG:  statement: INSERT INTO entry
--   (account_id, effective_date, amount, kind)
--   VALUES (7, '2026-01-13', 1.00, 'entry')
-- 2026-01-13 09:00:30.000 UTC [7] LOG:  duration: 0.3 ms
-- """
-- ///
-- /// example
-- name  = "no log is given"
-- finds = []
-- entry = '''
-- entry_id  account_id  effective_date   amount  kind     recorded_at                  job_id
-- 1         7           2026-01-05        10.00  entry    2026-01-05T09:00:00Z         -
-- '''
-- settlement = '''
-- account_id  week_start  settled_amount  settled_at
-- 7           2026-01-05           10.00  2026-01-12T03:00:00Z
-- '''
-- ///
SELECT
    CAST(account_id AS VARCHAR) AS account_id,
    currency,
    week_start,
    effective_date,
    entry_id,
    CAST(amount AS money) AS amount,
    CAST(logged_amount AS money) AS expected_amount,
    CAST(0 AS money) AS effect,
    CASE WHEN logged_amount IS NULL THEN '' ELSE 'Written as ' || CAST(logged_amount AS money) END
    || CASE WHEN logged_amount IS NULL THEN '' ELSE ', found ' || CAST(amount AS money) || '. ' END
    || told AS explanation
FROM log_contradiction
WHERE entry_id <> ''
UNION ALL
SELECT
    CAST(account_id AS VARCHAR) AS account_id,
    currency,
    week_start,
    CAST(NULL AS DATE) AS effective_date,
    '' AS entry_id,
    CAST(0 AS money) AS amount,
    CAST(SUM(logged_amount) AS money) AS expected_amount,
    CAST(0 AS money) AS effect,
    'Of ' || STRING_AGG(
        CAST(logged_amount AS money) || ' on ' || effective_date, ', '
        ORDER BY effective_date, logged_amount
    ) || ': ' || MIN(told) || '.' AS explanation
FROM log_contradiction
WHERE entry_id = ''
GROUP BY account_id, currency, week_start
