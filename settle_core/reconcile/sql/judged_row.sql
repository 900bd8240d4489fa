-- The late rows of replayed weeks neither simply late nor right: what the search found of each,
-- and what is owed at the end of a clean walk. All other rows are as they should be.
SELECT
    CAST(s.account_id AS VARCHAR) AS account_id,
    s.currency,
    s.week_start,
    s.effective_date,
    CAST(s.entry_id AS VARCHAR) AS entry_id,
    s.kind,
    CAST(f.role AS VARCHAR) AS role,
    s.amount,
    CAST(
        CAST(f.expected_minor AS BIGINT) * CAST($major_per_minor AS DECIMAL(9, 8)) AS money
    ) AS expected_amount,
    CAST(
        CAST(f.effect_minor AS BIGINT) * CAST($major_per_minor AS DECIMAL(9, 8)) AS money
    ) AS effect,
    s.recorded_at,
    s.job_id,
    s.answers,
    p.place,
    CASE WHEN p.is_by_week THEN 'week' ELSE 'day' END AS level,
    TRUE AS is_searched,
    CASE WHEN p.is_delta THEN 'delta' ELSE 'sum' END AS policy,
    CAST(f.status AS VARCHAR) AS status,
    CAST(f.cause AS VARCHAR) AS cause,
    CAST(f.evidence AS VARCHAR) AS evidence,
    CAST(f.unseen_entry_ids AS VARCHAR) AS unseen_entry_ids,
    CASE
        WHEN f.role = 'uncountered'
            THEN
                'Expected a counter-entry of ' || CAST(CAST(-s.amount AS money) AS VARCHAR)
                || ', found none: nothing answered this late entry.'
                || CAST(f.explanation AS VARCHAR)
        ELSE CAST(f.explanation AS VARCHAR)
    END AS explanation,
    CAST(f.other_causes AS VARCHAR) AS other_causes,
    CASE WHEN p.is_by_week THEN s.start_residual ELSE CAST(0 AS money) END AS start_residual
FROM suspect_row AS s
INNER JOIN placed AS p ON p.row_number = s.row_number
INNER JOIN found AS f ON f.row_number = s.row_number
WHERE p.is_told

UNION ALL

SELECT
    CAST(account_id AS VARCHAR) AS account_id,
    currency,
    week_start,
    effective_date,
    CAST(entry_id AS VARCHAR) AS entry_id,
    kind,
    role,
    amount,
    CAST(-amount AS money) AS expected_amount,
    amount AS effect,
    recorded_at,
    job_id,
    CAST(NULL AS VARCHAR) AS answers,
    place,
    'day' AS level,
    FALSE AS is_searched,
    $policy AS policy,
    CASE
        WHEN DATE_DIFF('microsecond', recorded_at, $as_of) < $grace_us THEN 'pending'
        ELSE 'open'
    END AS status,
    'lost_job' AS cause,
    'consistent' AS evidence,
    '' AS unseen_entry_ids,
    'Expected a counter-entry of ' || CAST(CAST(-amount AS money) AS VARCHAR)
    || ', found none: nothing answered this late entry.' AS explanation,
    'stale_read,race' AS other_causes,
    CAST(0 AS money) AS start_residual
FROM owed_row
WHERE role = 'uncountered'
