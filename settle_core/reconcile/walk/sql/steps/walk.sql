-- The late rows of each day and week in the order of recording, with the running residuals.
-- pair_number counts equal amounts of one kind: the n-th counter of an amount can only answer the
-- n-th late entry of the opposite one. Corrections are no part of the walk: they put it right.
-- counters_left: counters of the day from this row on. place: of the row in its day, from 0.
-- day_sum: of all late rows of the day. has_own_entry: its job entered a row that it would answer.
SELECT
    l.account_id,
    l.currency,
    l.week_start,
    l.effective_date,
    l.entry_id,
    l.kind,
    l.amount,
    l.recorded_at,
    l.settled_at,
    CASE WHEN j.is_job AND NOT LIST_CONTAINS($no_value, LOWER(TRIM(l.job_id))) THEN l.job_id END
        AS job_id,
    l.attempt,
    l.answers,
    l.run_id,
    l.observed,
    l.last_seen,
    l.committed_at,
    CAST(
        SUM(l.amount) OVER (by_day ROWS UNBOUNDED PRECEDING) AS money
    ) AS day_residual,
    CAST(
        w.settled_sum - w.settled_amount
        + SUM(l.amount) OVER (
            PARTITION BY l.account_id, l.currency, l.week_start
            ORDER BY l.recorded_at, l.kind DESC, l.entry_id
            ROWS UNBOUNDED PRECEDING
        ) AS money
    ) AS week_residual,
    CAST(
        ROW_NUMBER() OVER (
            PARTITION BY l.account_id, l.currency, l.effective_date, l.kind, l.amount
            ORDER BY l.recorded_at, l.entry_id
        ) AS BIGINT
    ) AS pair_number,
    CAST(
        COUNT(*) FILTER (WHERE l.kind = 'counter')
            OVER (by_day ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING)
        AS BIGINT
    ) AS counters_left,
    COUNT(*) FILTER (WHERE l.kind = 'entry') OVER (
        PARTITION BY
            l.account_id, l.currency, l.effective_date, l.job_id,
            CASE WHEN l.kind = 'counter' THEN -l.amount ELSE l.amount END
    ) > 0 AS has_own_entry,
    CAST(ROW_NUMBER() OVER (by_day) - 1 AS BIGINT) AS place,
    LAG(l.kind) OVER (by_day) AS previous_kind,
    LAG(l.recorded_at) OVER (by_day) AS previous_recorded_at,
    CAST(
        SUM(l.amount)
            OVER (by_day ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
        AS money
    ) AS day_sum
FROM late_row AS l
CROSS JOIN job_column AS j
INNER JOIN settled_week AS w
    ON
        w.account_id = l.account_id
        AND w.currency = l.currency
        AND w.week_start = l.week_start
WHERE l.kind <> 'correction'
WINDOW by_day AS (
    PARTITION BY l.account_id, l.currency, l.effective_date
    ORDER BY l.recorded_at, l.kind DESC, l.entry_id
)
