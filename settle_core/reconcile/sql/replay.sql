-- The judged rows with what became of them in their week: whether later rows took them back, and
-- corrections put them right. is_told_anew: a late entry that took something back was owed nothing.
WITH known AS (
    SELECT
        j.* EXCLUDE (role, status),
        COALESCE(r.role, j.role) AS role,
        COALESCE(r.status, j.status) AS status,
        COALESCE(r.note, '') AS note,
        COALESCE(r.role, j.role) <> j.role AS is_other,
        h.half_id IS NOT NULL AS is_half,
        j.role = 'uncountered'
        AND COALESCE(r.status, '') = 'masked'
        AND (j.policy = 'sum' OR r.role <> j.role) AS is_told_anew
    FROM judged_row AS j
    LEFT JOIN reckoned AS r ON r.entry_id = j.entry_id
    LEFT JOIN stray_half AS h ON h.half_id = j.entry_id
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
