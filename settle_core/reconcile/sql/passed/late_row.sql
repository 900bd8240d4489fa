-- Their late rows, where the export tells nothing of a row but its job.
SELECT
    p.account_id,
    s.currency,
    s.week_start,
    DATE '1970-01-01' + p.day AS effective_date,
    p.entry_id,
    CASE p.kind WHEN 0 THEN 'entry' WHEN 1 THEN 'counter' ELSE 'correction' END AS kind,
    CAST(p.amount_minor * CAST($major_per_minor AS DECIMAL(9, 8)) AS money) AS amount,
    MAKE_TIMESTAMP(p.recorded_us) AS recorded_at,
    s.settled_at,
    NULLIF(p.job_id, '') AS job_id,
    CAST(NULL AS VARCHAR) AS attempt,
    CAST(NULL AS VARCHAR) AS answers,
    CAST(NULL AS VARCHAR) AS run_id,
    CAST(NULL AS money) AS observed,
    CAST(NULL AS VARCHAR) AS last_seen,
    CAST(NULL AS TIMESTAMP) AS committed_at
FROM passed_row AS p
INNER JOIN scope AS s
    ON s.account_id = p.account_id AND s.week_start = DATE '1970-01-01' + p.week_day
