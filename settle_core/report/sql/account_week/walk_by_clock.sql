-- The late rows of one account's week by the clock, where no replay was needed; columns as in
-- audit/sql/walk_steps.sql.
SELECT
    CAST(w.account_id AS VARCHAR) AS account_id,
    w.currency,
    w.week_start,
    w.effective_date,
    CASE WHEN k.days_plain THEN 'day' ELSE 'week' END AS level,
    CASE WHEN k.day_sum_holds OR NOT k.days_plain THEN 'sum' ELSE 'delta' END AS policy,
    CAST(w.entry_id AS VARCHAR) AS entry_id,
    w.kind,
    CASE WHEN w.kind = 'entry' THEN 'late' ELSE 'right' END AS role,
    w.amount,
    CASE WHEN w.kind = 'counter' THEN w.amount ELSE CAST(0 AS money) END AS expected_amount,
    CAST(0 AS money) AS start_residual,
    w.recorded_at,
    CAST(w.job_id AS VARCHAR) AS job_id,
    '' AS unseen_entry_ids,
    ROW_NUMBER() OVER (ORDER BY w.recorded_at, w.kind DESC, w.entry_id) AS place
FROM walk AS w
INNER JOIN late_week AS k
    ON
        k.account_id = w.account_id
        AND k.currency = w.currency
        AND k.week_start = w.week_start
WHERE
    CAST(w.account_id AS VARCHAR) = $account_id
    AND w.currency = $currency
    AND w.week_start = $week_start
ORDER BY CASE WHEN level = 'day' THEN effective_date END, place
