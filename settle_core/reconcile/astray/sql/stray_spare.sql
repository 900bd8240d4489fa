-- Counter-entries that put no settled week off, since their own is open or was settled with them,
-- and that no late entry elsewhere waits for, as far as they name a job or a late entry.
SELECT
    c.entry_id,
    c.account_id,
    c.currency,
    c.effective_date,
    c.amount,
    c.recorded_at,
    CASE WHEN j.is_job THEN c.job_id END AS job_id,
    c.answers,
    a.account_id IS NULL AS is_open
FROM timely_counter AS c
CROSS JOIN job_column AS j
LEFT JOIN audited_week AS a
    ON
        a.account_id = c.account_id
        AND a.currency = c.currency
        AND a.week_start = week_of(c.effective_date, $week_offset_days)
WHERE
    c.amount <> 0
    AND (c.answers IS NOT NULL OR (j.is_job AND c.job_id IS NOT NULL))
    AND CAST(c.entry_id AS VARCHAR) NOT IN (SELECT s.entry_id FROM stray AS s)
