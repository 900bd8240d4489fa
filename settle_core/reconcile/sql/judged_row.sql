-- What every late row of a replayed week was, by the search or by a clean walk that is owed
-- something. Of what the search found, `found` holds what is to be told; any other row is as it
-- should be.
WITH searched AS (
    SELECT
        s.*,
        p.place,
        c.level,
        c.policy,
        f.status,
        f.cause,
        f.evidence,
        f.unseen_entry_ids,
        f.explanation,
        f.other_causes,
        COALESCE(f.role, CASE WHEN s.kind = 'counter' THEN 'right' ELSE 'late' END) AS role,
        CASE
            WHEN f.role IS NOT NULL
                THEN
                    CAST(
                        CAST(f.expected_minor AS BIGINT)
                        * CAST($major_per_minor AS DECIMAL(9, 8)) AS money
                    )
            WHEN s.kind = 'counter' THEN s.amount
            ELSE CAST(0 AS money)
        END AS expected_amount,
        CAST(
            CAST(COALESCE(f.effect_minor, 0) AS BIGINT)
            * CAST($major_per_minor AS DECIMAL(9, 8)) AS money
        ) AS effect
    FROM placed AS p
    INNER JOIN suspect_row AS s ON s.row_number = p.row_number
    INNER JOIN chosen AS c ON c.unit_number = p.unit_number
    LEFT JOIN found AS f ON f.row_number = p.row_number
)

SELECT
    CAST(account_id AS VARCHAR) AS account_id,
    currency,
    week_start,
    effective_date,
    CAST(entry_id AS VARCHAR) AS entry_id,
    kind,
    CAST(role AS VARCHAR) AS role,
    amount,
    expected_amount,
    effect,
    recorded_at,
    job_id,
    answers,
    CAST(place AS BIGINT) AS place,
    CAST(level AS VARCHAR) AS level,
    CAST(policy AS VARCHAR) AS policy,
    CAST(COALESCE(status, '') AS VARCHAR) AS status,
    CAST(COALESCE(cause, 'unknown') AS VARCHAR) AS cause,
    CAST(COALESCE(evidence, 'undetermined') AS VARCHAR) AS evidence,
    CAST(COALESCE(unseen_entry_ids, '') AS VARCHAR) AS unseen_entry_ids,
    CASE
        WHEN role = 'uncountered'
            THEN
                'Expected a counter-entry of ' || CAST(expected_amount AS VARCHAR)
                || ', found none: nothing answered this late entry.'
                || CAST(explanation AS VARCHAR)
        ELSE CAST(COALESCE(explanation, '') AS VARCHAR)
    END AS explanation,
    CAST(COALESCE(other_causes, '') AS VARCHAR) AS other_causes,
    CASE WHEN level = 'week' THEN start_residual ELSE CAST(0 AS money) END AS start_residual
FROM searched

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
    CASE
        WHEN kind = 'counter' THEN amount WHEN role = 'uncountered' THEN CAST(-amount AS money)
        ELSE CAST(0 AS money)
    END AS expected_amount,
    CASE WHEN role = 'uncountered' THEN amount ELSE CAST(0 AS money) END AS effect,
    recorded_at,
    job_id,
    CAST(NULL AS VARCHAR) AS answers,
    place,
    'day' AS level,
    $policy AS policy,
    CASE
        WHEN role <> 'uncountered' THEN ''
        WHEN DATE_DIFF('microsecond', recorded_at, $as_of) < $grace_us THEN 'pending'
        ELSE 'open'
    END AS status,
    CASE WHEN role = 'uncountered' THEN 'lost_job' ELSE 'unknown' END AS cause,
    CASE WHEN role = 'uncountered' THEN 'consistent' ELSE 'undetermined' END AS evidence,
    '' AS unseen_entry_ids,
    CASE
        WHEN role = 'uncountered'
            THEN
                'Expected a counter-entry of ' || CAST(CAST(-amount AS money) AS VARCHAR)
                || ', found none: nothing answered this late entry.'
        ELSE ''
    END AS explanation,
    CASE WHEN role = 'uncountered' THEN 'stale_read,race' ELSE '' END AS other_causes,
    CAST(0 AS money) AS start_residual
FROM owed_row
