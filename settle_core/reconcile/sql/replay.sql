-- All late rows of replayed weeks. Those that were judged to be more than late, or right, with what
-- became of them in their week: whether later rows took them back, and corrections put them right.
-- is_told_anew: a late entry that took something back was owed nothing.
WITH known AS (
    SELECT
        j.* EXCLUDE (role, status),
        COALESCE(r.role, j.role) AS role,
        COALESCE(r.status, j.status) AS status,
        COALESCE(r.note, '')
        || CASE
            WHEN COALESCE(r.status, j.status) IN ('open', 'pending') THEN COALESCE(d.note, '')
            ELSE ''
        END AS note,
        COALESCE(r.role, j.role) <> j.role AS is_other,
        h.half_id IS NOT NULL AS is_half,
        j.role = 'uncountered'
        AND COALESCE(r.status, '') = 'masked'
        AND (j.policy = 'sum' OR r.role <> j.role) AS is_told_anew
    FROM judged_row AS j
    LEFT JOIN reckoned AS r ON r.entry_id = j.entry_id
    LEFT JOIN (SELECT DISTINCT half_id FROM stray_half) AS h ON h.half_id = j.entry_id
    LEFT JOIN stray_doubt AS d ON d.entry_id = j.entry_id
),

plain AS (
    SELECT
        s.account_id,
        s.currency,
        s.week_start,
        s.effective_date,
        s.entry_id,
        s.kind,
        s.amount,
        s.recorded_at,
        s.job_id,
        p.place,
        CASE WHEN p.is_by_week THEN 'week' ELSE 'day' END AS level,
        CASE WHEN p.is_delta THEN 'delta' ELSE 'sum' END AS policy,
        CASE WHEN p.is_by_week THEN s.start_residual ELSE CAST(0 AS money) END AS start_residual
    FROM suspect_row AS s
    INNER JOIN placed AS p ON p.row_number = s.row_number
    WHERE NOT p.is_told
    UNION ALL
    SELECT
        account_id,
        currency,
        week_start,
        effective_date,
        entry_id,
        kind,
        amount,
        recorded_at,
        job_id,
        place,
        'day' AS level,
        $policy AS policy,
        CAST(0 AS money) AS start_residual
    FROM owed_row
    WHERE role <> 'uncountered'
)

SELECT
    account_id,
    currency,
    week_start,
    effective_date,
    entry_id,
    kind,
    role,
    amount,
    CASE WHEN is_other AND kind = 'entry' THEN CAST(0 AS money) ELSE expected_amount END
        AS expected_amount,
    effect,
    recorded_at,
    job_id,
    place,
    level,
    policy,
    status,
    CASE WHEN is_other OR is_half OR is_told_anew THEN 'unknown' ELSE cause END AS cause,
    CASE WHEN is_other OR is_half OR is_told_anew THEN 'undetermined' ELSE evidence END AS evidence,
    unseen_entry_ids,
    CASE WHEN is_other OR is_half OR is_told_anew THEN '' ELSE other_causes END AS other_causes,
    CASE WHEN is_told_anew THEN 'No counter-entry came after this late entry.' ELSE explanation END
    || note AS explanation,
    start_residual
FROM known

UNION ALL

SELECT
    CAST(account_id AS VARCHAR) AS account_id,
    currency,
    week_start,
    effective_date,
    CAST(entry_id AS VARCHAR) AS entry_id,
    kind,
    CASE WHEN kind = 'counter' THEN 'right' ELSE 'late' END AS role,
    amount,
    CASE WHEN kind = 'counter' THEN amount ELSE CAST(0 AS money) END AS expected_amount,
    CAST(0 AS money) AS effect,
    recorded_at,
    job_id,
    place,
    level,
    policy,
    '' AS status,
    'unknown' AS cause,
    'undetermined' AS evidence,
    '' AS unseen_entry_ids,
    '' AS other_causes,
    '' AS explanation,
    start_residual
FROM plain
