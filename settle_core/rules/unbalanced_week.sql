-- /// rule
-- title      = "A settled week no longer has its settled amount"
-- severity   = "high"
-- breaks     = "week"
-- effect     = "residual"
-- population = "settled_week"
-- reads      = ["settled_week", "replay"]
-- plain_weeks = "hold"
-- since      = "0.1.0"
-- ///
--
-- The one thing that settling promises. effect is the residual: the week's sum now, minus what was
-- settled. Blind spot: errors that cancel out, which the entry-level rules find.
--
-- /// example
-- name  = "a late entry was answered twice"
-- finds = ["7/2026-01-05"]
-- entry = '''
-- entry_id  account_id  effective_date   amount  kind     recorded_at                  job_id
-- 1         7           2026-01-06        10.00  entry    2026-01-06T09:00:00Z         -
-- 2         7           2026-01-06         4.00  entry    2026-01-13T09:00:00.000Z     j1
-- 3         7           2026-01-06        -4.00  counter  2026-01-13T09:00:00.020Z     j1
-- 4         7           2026-01-06        -4.00  counter  2026-01-13T09:00:00.036Z     j1
-- '''
-- settlement = '''
-- account_id  week_start  settled_amount  settled_at
-- 7           2026-01-05           10.00  2026-01-12T03:00:00Z
-- '''
-- ///
--
-- /// example
-- name  = "a late entry was answered once"
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
WITH reason AS (
    SELECT
        account_id,
        currency,
        week_start,
        CASE WHEN COUNT(DISTINCT cause) = 1 THEN MIN(cause) END AS one_cause,
        STRING_SPLIT(STRING_AGG(other_causes || ',' || cause, ','), ',') AS causes,
        CASE
            WHEN BOOL_OR(evidence = 'undetermined') THEN 'undetermined'
            WHEN BOOL_OR(evidence = 'consistent') THEN 'consistent'
            ELSE 'proved'
        END AS weakest_evidence,
        BOOL_OR(status = 'open') AS is_open,
        CAST(SUM(effect) AS money) AS open_effect,
        CAST(SUM(CASE WHEN status = 'pending' THEN effect ELSE 0 END) AS money) AS pending_effect
    FROM replay
    WHERE status IN ('open', 'pending')
    GROUP BY account_id, currency, week_start
)

SELECT
    CAST(w.account_id AS VARCHAR) AS account_id,
    w.currency,
    w.week_start,
    w.current_sum AS amount,
    w.settled_amount AS expected_amount,
    w.residual AS effect,
    CASE WHEN r.pending_effect = w.residual AND NOT r.is_open THEN 'pending' ELSE 'open' END
        AS status,
    CASE WHEN r.open_effect = w.residual THEN COALESCE(r.one_cause, 'unknown') ELSE 'unknown' END
        AS cause,
    CASE
        WHEN r.one_cause IS NULL OR r.open_effect <> w.residual THEN 'undetermined'
        ELSE r.weakest_evidence
    END AS evidence,
    'Settled at ' || CAST(w.settled_amount AS VARCHAR)
    || ', now ' || CAST(w.current_sum AS VARCHAR)
    || ': off by ' || CAST(w.residual AS VARCHAR) || '.' AS explanation,
    COALESCE(
        ARRAY_TO_STRING(
            LIST_SORT(LIST_DISTINCT([
                c FOR c IN r.causes
                IF c NOT IN ('', 'unknown') AND c IS DISTINCT FROM r.one_cause
            ])),
            ','
        ),
        ''
    ) AS other_causes
FROM settled_week AS w
LEFT JOIN reason AS r
    ON
        r.account_id = CAST(w.account_id AS VARCHAR)
        AND r.currency = w.currency
        AND r.week_start = w.week_start
WHERE w.residual <> 0
