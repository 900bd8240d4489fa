-- Their late rows, with all that the export tells of them.
SELECT
    e.account_id,
    e.currency,
    s.week_start,
    e.effective_date,
    e.entry_id,
    e.kind,
    e.amount,
    e.recorded_at,
    s.settled_at,
    e.job_id,
    e.attempt,
    e.answers,
    e.run_id,
    e.observed,
    e.last_seen,
    e.committed_at
FROM entry AS e
INNER JOIN passed_row AS p ON p.entry_id = e.entry_id
INNER JOIN scope AS s
    ON s.account_id = p.account_id AND s.week_start = DATE '1970-01-01' + p.week_day
