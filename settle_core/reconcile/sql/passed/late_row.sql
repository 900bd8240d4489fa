-- Their late rows. What an export may tell of a row besides is looked up, where it tells it.
WITH told AS (
    SELECT
        entry_id,
        attempt,
        answers,
        run_id,
        observed,
        last_seen,
        committed_at
    FROM entry
    WHERE
        (
            attempt IS NOT NULL
            OR answers IS NOT NULL
            OR run_id IS NOT NULL
            OR observed IS NOT NULL
            OR last_seen IS NOT NULL
            OR committed_at IS NOT NULL
        )
        AND entry_id IN (SELECT r.entry_id FROM passed_row AS r)
)

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
    t.attempt,
    t.answers,
    t.run_id,
    t.observed,
    t.last_seen,
    t.committed_at
FROM passed_row AS p
INNER JOIN scope AS s
    ON s.account_id = p.account_id AND s.week_start = DATE '1970-01-01' + p.week_day
LEFT JOIN told AS t ON t.entry_id = p.entry_id
