-- What every late row of a replayed week was, by the search or by a clean walk that is owed
-- something.
SELECT
    CAST(account_id AS VARCHAR) AS account_id,
    CAST(currency AS VARCHAR) AS currency,
    CAST(week_start AS DATE) AS week_start,
    CAST(effective_date AS DATE) AS effective_date,
    CAST(entry_id AS VARCHAR) AS entry_id,
    CAST(kind AS VARCHAR) AS kind,
    CAST(role AS VARCHAR) AS role,
    CAST(CAST(amount_minor AS BIGINT) * CAST($major_per_minor AS DECIMAL(9, 8)) AS money) AS amount,
    CAST(CAST(expected_minor AS BIGINT) * CAST($major_per_minor AS DECIMAL(9, 8)) AS money)
        AS expected_amount,
    CAST(CAST(effect_minor AS BIGINT) * CAST($major_per_minor AS DECIMAL(9, 8)) AS money) AS effect,
    MAKE_TIMESTAMP(CAST(recorded_us AS BIGINT)) AS recorded_at,
    CAST(job_id AS VARCHAR) AS job_id,
    CAST(place AS BIGINT) AS place,
    CAST(level AS VARCHAR) AS level,
    CAST(policy AS VARCHAR) AS policy,
    CAST(status AS VARCHAR) AS status,
    CAST(cause AS VARCHAR) AS cause,
    CAST(evidence AS VARCHAR) AS evidence,
    CAST(unseen_entry_ids AS VARCHAR) AS unseen_entry_ids,
    CASE
        WHEN role = 'uncountered'
            THEN
                'Expected a counter-entry of '
                || CAST(
                    CAST(
                        CAST(expected_minor AS BIGINT) * CAST($major_per_minor AS DECIMAL(9, 8))
                        AS money
                    ) AS VARCHAR
                )
                || ', found none: nothing answered this late entry.'
                || CAST(explanation AS VARCHAR)
        ELSE CAST(explanation AS VARCHAR)
    END AS explanation,
    CAST(
        CAST(start_minor AS BIGINT) * CAST($major_per_minor AS DECIMAL(9, 8)) AS money
    ) AS start_residual
FROM judged

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
    CAST(0 AS money) AS start_residual
FROM owed_row
