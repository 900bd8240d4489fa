-- The late rows of weeks that need replay, numbered in the order of recording by unit: the rows of
-- an account, currency and week.
SELECT
    CAST(ROW_NUMBER() OVER (
        ORDER BY w.account_id, w.currency, w.week_start, w.effective_date, w.recorded_at, w.entry_id
    ) - 1 AS BIGINT) AS row_number,
    CAST(
        DENSE_RANK() OVER (ORDER BY w.account_id, w.currency, w.week_start) - 1 AS BIGINT
    ) AS unit_number,
    w.account_id,
    w.currency,
    w.week_start,
    w.effective_date,
    w.entry_id,
    w.kind,
    w.amount,
    w.recorded_at,
    w.job_id,
    w.attempt,
    w.answers,
    w.run_id,
    w.observed,
    w.last_seen,
    w.committed_at,
    CAST(s.settled_sum - s.settled_amount AS money) AS start_residual
FROM walk AS w
INNER JOIN suspect_week AS d
    ON d.account_id = w.account_id AND d.currency = w.currency AND d.week_start = w.week_start
INNER JOIN settled_week AS s
    ON s.account_id = w.account_id AND s.currency = w.currency AND s.week_start = w.week_start
