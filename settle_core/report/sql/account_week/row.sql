-- Every row of one account's week by the clock, with what the audit said of it.
SELECT
    CAST(e.entry_id AS VARCHAR) AS entry_id,
    e.effective_date,
    e.recorded_at,
    e.kind,
    CASE
        WHEN l.entry_id IS NULL THEN 'on time'
        WHEN r.role IS NOT NULL THEN r.role
        WHEN e.kind = 'entry' THEN 'late'
        ELSE 'right'
    END AS role,
    e.amount,
    CAST(
        SUM(e.amount) OVER (
            ORDER BY e.recorded_at, e.kind DESC, e.entry_id
            ROWS UNBOUNDED PRECEDING
        ) AS money
    ) AS week_sum,
    COALESCE(CAST(e.job_id AS VARCHAR), '') AS job_id
FROM entry AS e
LEFT JOIN late_row AS l ON l.entry_id = e.entry_id
LEFT JOIN replay AS r
    ON
        r.entry_id = CAST(e.entry_id AS VARCHAR)
        AND r.account_id = $account_id
        AND r.currency = $currency
WHERE
    CAST(e.account_id AS VARCHAR) = $account_id
    AND e.currency = $currency
    AND DATE_DIFF('day', CAST($week_start AS DATE), e.effective_date) BETWEEN 0 AND 6
    AND e.recorded_at <= $as_of
ORDER BY e.recorded_at, e.kind DESC, e.entry_id
