-- The corrections that put nothing right.
SELECT
    CAST(l.account_id AS VARCHAR) AS account_id,
    l.currency,
    l.week_start,
    l.effective_date,
    CAST(l.entry_id AS VARCHAR) AS entry_id,
    l.amount,
    l.recorded_at,
    l.job_id,
    CAST(g.status AS VARCHAR) AS status,
    CAST(g.note AS VARCHAR) AS note
FROM late_row AS l
INNER JOIN given AS g ON CAST(g.entry_id AS VARCHAR) = CAST(l.entry_id AS VARCHAR)
