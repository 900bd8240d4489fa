-- The plan as it goes to CSV: every value as text, instants as ISO 8601 in UTC.
SELECT
    entry_id,
    account_id,
    CAST(effective_date AS VARCHAR) AS effective_date,
    CAST(amount AS VARCHAR) AS amount,
    kind,
    STRFTIME(recorded_at, '%Y-%m-%dT%H:%M:%S.%fZ') AS recorded_at,
    job_id,
    answers,
    currency,
    memo
FROM plan
